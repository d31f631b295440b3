"""The stores that the sinks are tested with."""

from pathlib import Path

import pytest

from worker.sinks.database import connect, create_tables
from worker.sinks.sql import SqlSink


@pytest.fixture(params=["sqlite", "postgresql", "postgresql by day"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store: on SQLite, on PostgreSQL, and there with a partition a day."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    if request.param == "postgresql by day":
        engine = connect(url, write=True)
        create_tables(engine, daily=True)
        engine.dispose()
    return url


@pytest.fixture
def sink(store_url: str):
    """A sink on an empty store."""
    sink = SqlSink(store_url, timeout=5)
    yield sink
    sink.close()
