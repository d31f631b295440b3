"""Reading the store."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import redis

from tests.sinks.factory import copy_of, delivery
from worker import sinks
from worker.articles import Language
from worker.errors import ConfigurationError, TransientError
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks import store as store_module
from worker.sinks.sql import SqlSink
from worker.sinks.store import Query, Store


def day(number: int) -> dt.datetime:
    """Noon of a day in November."""
    return dt.datetime(2026, 11, number, 12, tzinfo=dt.UTC)


@pytest.fixture
def store(store_url: str):
    """A store with two articles, an update, two copies and a copy of another."""
    sink = SqlSink(store_url)
    german = Language(code="de", confidence=1.0)
    sink.deliver([delivery("storm", published_at=day(1)), delivery("fair", language=german)])
    sink.deliver([copy_of("storm", "echo", published_at=day(2), source="echo.example")])
    sink.deliver([copy_of("storm", "post", published_at=day(3), outlet="The Post")])
    update = delivery("storm", revision=2, status=Outcome.UPDATE, published_at=day(4))
    sink.deliver([update, copy_of("fair", "echo", revision=2, published_at=day(5))])
    sink.close()
    with Store(store_url) as store:
        yield store


def ids(store: Store, **fields: object) -> list[tuple[str, int]]:
    """What a query yields."""
    query = Query(**fields)  # type: ignore[arg-type]
    found = [(article.id, article.revision) for article in store.articles(query)]
    assert len(found) == store.count(query)
    return found


def test_the_latest_delivered_revisions_come_by_default(store: Store) -> None:
    """Given an article with an update; then its second revision comes, and no copy."""
    assert [("fair", 1), ("storm", 2)] == ids(store)


def test_all_revisions_come_when_asked_for(store: Store) -> None:
    """Given the wish for every revision; then both come, in the order of storing."""
    assert [("storm", 1), ("fair", 1), ("storm", 2)] == ids(store, all_revisions=True)


def test_a_status_selects_the_latest_of_that_status(store: Store) -> None:
    """Given a status; then articles that ended so come, whatever they became later."""
    assert [("storm", 1), ("fair", 1)] == ids(store, statuses=(Outcome.NEW,))
    assert [("post", 1), ("echo", 2)] == ids(store, statuses=(Outcome.DUPLICATE,))


def test_language_source_and_time_select(store: Store) -> None:
    """Given filters; then each leaves what fits it."""
    assert [("fair", 1)] == ids(store, language="de")
    assert [("echo", 1)] == ids(
        store, source="echo.example", statuses=(Outcome.DUPLICATE,), all_revisions=True
    )
    assert [("storm", 2)] == ids(store, since=day(4), until=day(5))
    assert [] == ids(store, since=day(1), until=day(4))


def test_the_host_of_the_url_is_the_source_where_the_scraper_named_none(store_url: str) -> None:
    """Given articles with a URL alone; when one host is asked for; then those of it come, and no others."""
    urls = {
        "own": "https://www.tamar_post.example/own",
        "sub": "https://m.tamar_post.example/sub",
        "like": "https://tamarxpost.example/like",
        "named": "https://tamar_post.example/named",
    }
    sink = SqlSink(store_url)
    for name, url in urls.items():
        sink.deliver([delivery(name, url=url, source="wire" if name == "named" else None)])
    sink.close()

    with Store(store_url) as store:
        assert [("own", 1)] == ids(store, source="tamar_post.example")
        assert [("named", 1)] == ids(store, source="wire")


def test_an_article_without_a_date_goes_by_its_storing(store: Store) -> None:
    """Given an article that does not tell when it was published.

    Then its time of storing counts.
    """
    assert [("fair", 1)] == ids(store, since=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))


def test_copies_are_counted_and_listed_at_reading(store: Store) -> None:
    """Given two copies of a story; then the canonical knows how many, and where they ran."""
    storm = store.get("storm")

    assert storm is not None
    assert 2 == storm.copies
    expected = [("echo", "echo.example", day(2)), ("post", "The Post", day(3))]
    assert expected == [(c.id, c.outlet, c.published_at) for c in store.copies("storm")]


def test_an_article_is_found_by_id_beginning_or_url(store: Store) -> None:
    """Given an id, its beginning, or an address; then the article is found."""
    assert ["storm"] == store.find("storm")
    assert ["storm"] == store.find("st")
    assert ["storm"] == store.find("https://herald.example/storm")
    assert [] == store.find("st%")


def test_one_revision_can_be_had(store: Store) -> None:
    """Given two revisions; then either can be read, and a third is none."""
    first, third = store.get("storm", revision=1), store.get("storm", revision=3)

    assert first is not None
    assert (1, None) == (first.revision, third)


def test_pages_miss_and_repeat_nothing(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given more articles than a page holds, in batches of one moment; then each comes once."""
    monkeypatch.setattr(store_module, "PAGE", 7)
    sink = SqlSink(store_url)
    expected = [f"a{n:02}" for n in range(50)]
    for start in (0, 20, 40):
        sink.deliver([delivery(article_id) for article_id in expected[start : start + 20]])
    sink.close()

    with Store(store_url) as store:
        assert expected == [article.id for article in store.articles()]


def test_writers_go_on_while_someone_reads(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a reader in the midst of its pages; when a batch is delivered; then neither waits."""
    monkeypatch.setattr(store_module, "PAGE", 2)
    sink = SqlSink(store_url, timeout=0.5)
    sink.deliver([delivery("a"), delivery("b"), delivery("c")])
    with Store(store_url) as store:
        articles = store.articles()
        next(articles)
        sink.deliver([delivery("d")])
        assert ["b", "c", "d"] == [article.id for article in articles]
    sink.close()


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Given no file; when it is opened for reading; then the message says so and none appears."""
    with pytest.raises(ConfigurationError, match="There is no store at"):
        Store(f"sqlite:///{tmp_path / 'none.db'}")
    assert [] == list(tmp_path.iterdir())


def test_a_table_of_another_program_is_refused(tmp_path: Path, settings: Settings) -> None:
    """Given a file with another table of that name; then reader and desk say at once what it lacks."""
    settings.store = str(tmp_path / "other.db")
    with closing(sqlite3.connect(settings.store)) as other:
        other.execute("CREATE TABLE articles (id TEXT, title TEXT)")

    with pytest.raises(ConfigurationError, match="has no column revision, status"):
        Store.of(settings)
    with pytest.raises(ConfigurationError, match="of another program or version"):
        sinks.check(settings, redis.Redis())


def test_a_store_on_a_read_only_disk_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a file in a folder that takes no files; then it is read, and nothing is made beside it."""
    file = tmp_path / "a 100%.db"
    sink = SqlSink(f"sqlite:///{file}")
    sink.deliver([delivery("storm")])
    sink.close()
    monkeypatch.setattr("worker.sinks.database.os.access", lambda *_: False)

    with Store(f"sqlite:///{file}") as store:
        [article] = store.articles()
        beside = [path.name for path in tmp_path.iterdir()]

    assert [file.name] == beside
    assert 1 == article.revision


def test_an_empty_database_says_so(postgres_url: str) -> None:
    """Given a database without our table.

    When opened; then the message says that it holds nothing.
    """
    with pytest.raises(ConfigurationError, match="holds no articles yet"):
        Store(postgres_url)


def test_a_server_that_is_away_says_so() -> None:
    """Given no server; when opened; then the message names it."""
    with pytest.raises(TransientError, match=r"127\.0\.0\.1:9"):
        Store("postgresql+psycopg://desk@127.0.0.1:9/news")
