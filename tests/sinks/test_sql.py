"""The SQL sink, on SQLite and on PostgreSQL."""

import datetime as dt

import pytest

from tests.sinks.factory import article, copy_of, delivery, rows
from worker.errors import RejectedError
from worker.outcomes import Outcome, Reason
from worker.sinks.base import Delivery
from worker.sinks.database import articles
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store


def test_a_batch_is_stored_as_rows_in_its_order(sink: SqlSink, store_url: str) -> None:
    """Given a new article, a copy of it and another; when delivered; then three rows say so."""
    sink.deliver([delivery("b"), copy_of("b", "c"), delivery("a")])

    expected = [("b", 1, "new", None), ("c", 1, "duplicate", "b"), ("a", 1, "new", None)]
    columns = articles.c.id, articles.c.revision, articles.c.status, articles.c.duplicate_of
    assert expected == rows(store_url, *columns)


def test_a_repeated_revision_changes_nothing(sink: SqlSink, store_url: str) -> None:
    """Given a stored revision; when it comes again with another title; then the first one stays."""
    sink.deliver([delivery("a", title="First")])
    sink.deliver([delivery("a", title="Second"), delivery("a", revision=2, title="Third")])

    expected = [("a", 1, "First"), ("a", 2, "Third")]
    assert expected == rows(store_url, articles.c.id, articles.c.revision, articles.c.title)


def test_changed_content_under_a_number_that_is_taken_gets_the_next(
    sink: SqlSink, store_url: str
) -> None:
    """Given an index that has forgotten an article and counts from 1; then nothing is lost.

    When the same content comes again, even its first, then nothing is added.
    """
    first, changed = delivery("a"), delivery("a", content_hash="other", title="Changed")
    numbers = []
    for batch in ([first], [changed], [changed], [first]):
        numbers += [one.article.revision for one in sink.deliver(batch)]

    assert [1, 2, 2, 1] == numbers, "as the sinks after it get them"
    with Store(store_url) as store:
        expected = [(1, "Ferry returns to the Tamar"), (2, "Changed")]
        assert expected == [(each.revision, each.title) for each in store.revisions("a")]


def test_content_that_comes_back_under_a_number_that_is_taken_gets_the_next(
    sink: SqlSink, store_url: str
) -> None:
    """Given an index that counted from 1 again, and a change back to the first; then that is the latest."""
    first, changed = delivery("a"), delivery("a", content_hash="other")
    back = delivery("a", revision=2)
    numbers = []
    for batch in ([first], [changed], [back], [back]):
        numbers += [one.article.revision for one in sink.deliver(batch)]

    assert [1, 2, 3, 3] == numbers
    with Store(store_url) as store:
        latest = store.get("a")
        assert latest is not None
        assert (3, first.article.content_hash) == (latest.revision, latest.content_hash)


def test_an_article_takes_the_place_of_its_record_as_a_copy(sink: SqlSink, store_url: str) -> None:
    """Given a recorded copy.

    When the same revision is delivered as new; then it replaces the record.
    """
    sink.deliver([copy_of("canonical", "a")])
    sink.deliver([delivery("a")])
    sink.deliver([copy_of("canonical", "a")])

    assert [("a", "new", None)] == rows(
        store_url, articles.c.id, articles.c.status, articles.c.duplicate_of
    )


def test_the_document_is_the_whole_article(sink: SqlSink, store_url: str) -> None:
    """Given an article with quotes, an emoji and extras.

    When stored; then it reads back as it was.
    """
    given = article(
        "a", title="«Wie?» ☕ “Yes”", extra={"a\\u0000b": [1, 2.5, None, {"deep": "é"}]}
    )
    sink.deliver([Delivery.of(given)])

    with Store(store_url) as store:
        assert given == store.get("a")


def test_the_character_nul_is_dropped(sink: SqlSink, store_url: str) -> None:
    """Given NULs in a title and in extras, which PostgreSQL refuses.

    When delivered; then they are gone.
    """
    sink.deliver([delivery("a", title="be\0fore", extra={"k\0": ["\0v"]})])

    with Store(store_url) as store:
        stored = store.get("a")
    assert stored is not None
    assert ("before", {"k": ["v"]}) == (stored.title, stored.extra)


def test_extras_nested_too_deep_are_rejected() -> None:
    """Given extras that pydantic cannot write.

    When encoded; then the article is rejected, not the batch.
    """
    deep: list[object] = []
    for _ in range(1000):
        deep = [deep]

    with pytest.raises(RejectedError, match="extra") as caught:
        delivery("a", extra={"deep": deep})
    assert Reason.INVALID_FIELD == caught.value.reason


def test_the_first_year_is_a_date(sink: SqlSink, store_url: str) -> None:
    """Given a date that lies before year 1 in UTC; when stored; then nothing fails."""
    first = dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5)))
    sink.deliver([delivery("a", published_at=first)])

    assert [(dt.datetime(1, 1, 1, tzinfo=dt.UTC),)] == rows(store_url, articles.c.published_at)


def test_a_status_is_stored_as_its_word(sink: SqlSink, store_url: str) -> None:
    """Given an update; when stored; then the column holds the plain word that queries use."""
    sink.deliver([delivery("a", revision=2, status=Outcome.UPDATE)])

    assert [("update",)] == rows(store_url, articles.c.status)
