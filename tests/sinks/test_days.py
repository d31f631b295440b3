"""The store in PostgreSQL with a partition a day."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.sinks.factory import copy_of, delivery
from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings
from worker.sinks import build
from worker.sinks.database import articles, connect, keys
from worker.sinks.days import Partitions
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store

DOCS = Path(__file__).parents[2] / "docs" / "scaling.md"
DAY = dt.timedelta(days=1)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[sa.Engine]:
    """A connection of the test's own to the store."""
    engine = connect(postgres_url, write=True, timeout=3)
    yield engine
    engine.dispose()


def daily_sink(url: str) -> SqlSink:
    """Return a sink that makes its table with partitions."""
    return SqlSink(url, timeout=5, daily=True)


def named(moment: dt.datetime) -> str:
    """Return the name of the partition that takes the rows of a moment."""
    return f"articles_{moment:%Y%m%d}"


def ids_in(engine: sa.Engine, table: str) -> list[str]:
    """Return the ids in one table."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT id FROM {table} ORDER BY id")
        return [row.id for row in found]


def move(engine: sa.Engine, article_id: str, *, days: int) -> None:
    """Make an article older than it is."""
    with engine.begin() as connection:
        stored_at: dt.datetime = connection.scalar(
            sa.select(keys.c.stored_at).where(keys.c.id == article_id)
        )
        Partitions(engine).make(stored_at - days * DAY)
        for table in (articles, keys):
            connection.execute(
                sa.update(table)
                .where(table.c.id == article_id)
                .values(stored_at=stored_at - days * DAY)
            )


def test_articles_stand_in_the_partition_of_their_day(postgres_url: str, engine: sa.Engine) -> None:
    """Given a desk with the setting, when it stores, then the rows are in today's partition."""
    settings = Settings(store=postgres_url, store_partitions="day", sinks=["sql"])
    [sink] = build(settings, None)  # type: ignore[arg-type]
    now = dt.datetime.now(dt.UTC)
    sink.deliver([delivery("a"), copy_of("a", "b")])
    sink.close()

    assert ["a", "b"] == ids_in(engine, named(now))
    assert [] == ids_in(engine, named(now + DAY))


def test_a_day_that_goes_is_gone(postgres_url: str, engine: sa.Engine) -> None:
    """Given an old day, when it is dropped, then the rest is there, and it may come again."""
    sink = daily_sink(postgres_url)
    sink.deliver([delivery("old"), delivery("young")])
    move(engine, "old", days=40)
    then = dt.datetime.now(dt.UTC) - 40 * DAY
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {named(then)}")
        connection.execute(sa.delete(keys).where(keys.c.stored_at < then + DAY))
    with Store(postgres_url) as store:
        assert ["young"] == [article.id for article in store.articles()]

    sink.deliver([delivery("old"), delivery("young")])
    sink.close()

    with Store(postgres_url) as store:
        assert ["young", "old"] == [article.id for article in store.articles()]


def test_a_revision_of_another_day_is_not_stored_again(
    postgres_url: str, engine: sa.Engine
) -> None:
    """Given an article and a record of yesterday, when both come again, then the record alone goes."""
    sink = daily_sink(postgres_url)
    sink.deliver([delivery("a"), copy_of("a", "b")])
    for one in ("a", "b"):
        move(engine, one, days=1)
    now = dt.datetime.now(dt.UTC)

    sink.deliver([delivery("a", title="Again"), delivery("b", title="Delivered after all")])
    sink.deliver([copy_of("a", "b")])
    sink.close()

    assert ["a"] == ids_in(engine, named(now - DAY))
    assert ["b"] == ids_in(engine, named(now))
    with Store(postgres_url) as store:
        told = {article.id: article.title for article in store.articles()}
    assert {"a": "Ferry returns to the Tamar", "b": "Delivered after all"} == told


def test_a_partition_of_today_that_is_dropped_is_made_again(
    postgres_url: str, engine: sa.Engine
) -> None:
    """Given that somebody drops it, then the next batch is tried again, and nothing is rejected."""
    sink = daily_sink(postgres_url)
    sink.deliver([delivery("a")])
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {named(dt.datetime.now(dt.UTC))}")

    with pytest.raises(TransientError, match="has lost the partition of today"):
        sink.deliver([delivery("b")])
    sink.deliver([delivery("b")])
    sink.close()

    with Store(postgres_url) as store:
        assert ["b"] == [article.id for article in store.articles()]


def test_one_that_comes_twice_in_a_batch_is_stored_once(
    postgres_url: str, engine: sa.Engine
) -> None:
    """Given an article beside the record of it as a copy in one batch, then the article is stored."""
    sink = daily_sink(postgres_url)
    sink.deliver([copy_of("c", "a"), delivery("a"), delivery("a")])
    sink.close()

    with Store(postgres_url) as store:
        assert ["new"] == [article.status.value for article in store.revisions("a")]


def test_a_new_day_waits_for_no_reader(postgres_url: str, engine: sa.Engine) -> None:
    """Given someone who reads for long, when a new day begins, then its partition is made."""
    sink = daily_sink(postgres_url)
    sink.deliver([delivery("a")])
    sink.close()
    reader = connect(postgres_url, write=False)
    with reader.connect() as connection:
        connection.execute(sa.select(articles.c.id)).all()  # its transaction stays open

        Partitions(engine).make(dt.datetime.now(dt.UTC) + 5 * DAY)
    reader.dispose()

    assert [] == ids_in(engine, named(dt.datetime.now(dt.UTC) + 6 * DAY))


def test_a_table_gets_partitions_as_the_manual_says(postgres_url: str, engine: sa.Engine) -> None:
    """Given a table without, when the manual's SQL has run, then nothing is lost or stored twice."""
    plain = SqlSink(postgres_url)
    plain.deliver([delivery("a"), copy_of("a", "b")])
    plain.close()
    sink = daily_sink(postgres_url)
    with pytest.raises(ConfigurationError, match="holds a table without partitions"):
        sink.check()
    sink.close()
    tomorrow = dt.datetime.now(dt.UTC) + DAY
    statements = DOCS.read_text(encoding="utf-8").partition("```sql\n")[2].partition("```")[0]
    with engine.connect() as connection:
        for statement in statements.replace("2026-03-02", f"{tomorrow:%Y-%m-%d}").split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)

    sink = daily_sink(postgres_url)
    sink.check()
    sink.deliver([delivery("a", title="Again"), delivery("c")])
    sink.close()

    assert ["a", "b", "c"] == ids_in(engine, "articles_before"), "it takes what is stored today"
    assert [] == ids_in(engine, named(tomorrow))
    with Store(postgres_url) as store:
        assert ["a", "c"] == [article.id for article in store.articles()]


def test_sqlite_has_no_partitions(tmp_path: Path) -> None:
    """Given the setting and SQLite, then the error says what to do."""
    with pytest.raises(ConfigurationError, match="cannot have partitions; only PostgreSQL can"):
        SqlSink(f"sqlite:///{tmp_path / 'store.db'}", daily=True)
