"""The SQL sink where the store refuses, is away, locked, full or restarted."""

import datetime as dt
import multiprocessing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.sinks.factory import delivery, rows
from worker.errors import BatchRefusedError, ConfigurationError, RejectedError, TransientError
from worker.outcomes import Reason
from worker.sinks.database import articles, connect, is_daily
from worker.sinks.days import Partitions
from worker.sinks.sql import SqlSink


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
    sink.close()
    other.dispose()

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
    sink.close()

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
    sink.close()
    other.dispose()

    assert [("a",), ("b",)] == rows(postgres_url, articles.c.id)
    sink.close()
