"""The SQL sink, on SQLite and on PostgreSQL."""

import datetime as dt
import multiprocessing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.sinks.factory import article, copy_of, delivery
from worker.errors import BatchRefusedError, ConfigurationError, RejectedError, TransientError
from worker.outcomes import Outcome, Reason
from worker.sinks.base import Delivery
from worker.sinks.database import articles, connect, is_daily
from worker.sinks.days import Partitions
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store


@pytest.fixture
def sink(store_url: str):
    """A sink on an empty store."""
    sink = SqlSink(store_url, timeout=5)
    yield sink
    sink.close()


def rows(url: str, *columns: sa.Column) -> list[tuple]:
    """What the table holds, in the order of storing."""
    engine = connect(url, write=False)
    with engine.connect() as connection:
        found = [
            tuple(row)
            for row in connection.execute(sa.select(*columns).order_by(articles.c.stored_at))
        ]
    engine.dispose()
    return found


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


def test_a_refused_article_costs_its_neighbours_nothing(sink: SqlSink, store_url: str) -> None:
    """Given a batch with a row the store can never take.

    When delivered; then the others are stored.
    """
    sink.ping()
    engine = connect(store_url, write=True)
    table, today = "articles", dt.datetime.now(dt.UTC)
    if is_daily(engine):  # PostgreSQL has such an index for a partition only
        Partitions(engine).make(today)
        table = f"articles_{today:%Y%m%d}"
    with engine.begin() as connection:
        # A desk's own rule: this outlet may stand in the store once.
        connection.exec_driver_sql(
            f"CREATE UNIQUE INDEX once ON {table} (source) WHERE source = 'once.example'"
        )
    engine.dispose()
    batch = [
        delivery("a", source="once.example"),
        delivery("b", source="once.example"),
        delivery("c"),
    ]

    with pytest.raises(BatchRefusedError):
        sink.deliver(batch)
    assert [] == rows(store_url, articles.c.id)
    sink.deliver(batch[:1])
    with pytest.raises(RejectedError) as caught:
        sink.deliver(batch[1:2])
    sink.deliver(batch[2:])

    assert Reason.SINK_ERROR == caught.value.reason
    assert [("a",), ("c",)] == rows(store_url, articles.c.id)


def test_a_store_that_is_away_is_transient(tmp_path: Path) -> None:
    """Given a server that does not run.

    When delivered; then the error names it, without its password.
    """
    sink = SqlSink("postgresql+psycopg://desk:geheim@127.0.0.1:9/news")

    with pytest.raises(TransientError, match=r"127\.0\.0\.1:9/news cannot be used") as caught:
        sink.deliver([delivery("a")])
    assert "geheim" not in str(caught.value)
    sink.close()


def test_a_locked_sqlite_file_is_transient(tmp_path: Path) -> None:
    """Given another process' open write; when the wait is over; then the batch may come again."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    sink = SqlSink(url, timeout=0.1)
    sink.deliver([delivery("a")])
    other = connect(url, write=True)

    with other.begin(), pytest.raises(TransientError, match="locked"):
        sink.deliver([delivery("b")])
    sink.deliver([delivery("b")])

    assert [("a",), ("b",)] == rows(url, articles.c.id)


def test_a_full_disk_is_transient(tmp_path: Path) -> None:
    """Given a file that may not grow.

    When delivered; then nothing of the batch is stored, and it may come again.
    """
    url = f"sqlite:///{tmp_path / 'store.db'}"
    sink = SqlSink(url)
    sink.deliver([delivery("a")])
    engine = sink._engine

    @sa.event.listens_for(engine, "checkout")
    def bound(connection, _record, _proxy) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(TransientError, match="full"):
        sink.deliver([delivery(f"b{n}", text="x" * 10_000) for n in range(20)])

    assert [("a",)] == rows(url, articles.c.id)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/news", "sqlite:/// or postgresql://"),
        ("not a url at all", "neither a path nor a URL"),
    ],
)
def test_another_kind_of_store_is_refused(url: str, words: str) -> None:
    """Given a store of another kind.

    When the sink is built; then the message says what to write.
    """
    with pytest.raises(ConfigurationError, match=words):
        SqlSink(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Given a file where the folder should be.

    When the sink is built; then the message names the path.
    """
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigurationError, match="Cannot make the folder of the store"):
        SqlSink(f"sqlite:///{tmp_path / 'file' / 'below' / 'store.db'}")


def _write(url: str, writer: int, gate: object) -> None:
    sink = SqlSink(url)
    gate.wait()
    for n in range(10):
        # Half of the articles are the writer's own; the others everybody's, in differing orders.
        shared = [delivery(f"shared-{(n * 7 + writer * 3 + k) % 20}") for k in range(5)]
        sink.deliver([delivery(f"own-{writer}-{n}-{k}") for k in range(5)] + shared)
    sink.close()


def test_many_processes_write_at_once(store_url: str) -> None:
    """Given four processes on an empty store.

    When they start and write at once; then nothing is lost or doubled.
    """
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(4)
    processes = [
        context.Process(target=_write, args=(store_url, writer, gate)) for writer in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [0, 0, 0, 0] == [process.exitcode for process in processes]
    expected = {f"own-{w}-{n}-{k}" for w in range(4) for n in range(10) for k in range(5)}
    expected |= {f"shared-{n}" for n in range(20)}
    assert sorted(expected) == sorted(row[0] for row in rows(store_url, articles.c.id))


def test_a_restarted_server_is_found_again(postgres_url: str) -> None:
    """Given connections that the server cut; when the next batch comes; then it is stored."""
    sink = SqlSink(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    sink.deliver([delivery("a")])
    other = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'copydesk'"
        )
    other.dispose()

    sink.deliver([delivery("b")])

    assert [("a",), ("b",)] == rows(postgres_url, articles.c.id)
    sink.close()


def test_a_status_is_stored_as_its_word(sink: SqlSink, store_url: str) -> None:
    """Given an update; when stored; then the column holds the plain word that queries use."""
    sink.deliver([delivery("a", revision=2, status=Outcome.UPDATE)])

    assert [("update",)] == rows(store_url, articles.c.status)
