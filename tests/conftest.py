"""Real servers for the tests: an embedded Valkey and a PostgreSQL of our own.

Or those that COPYDESK_TEST_REDIS_URL and COPYDESK_TEST_POSTGRES_URL name.
"""

import os
import secrets
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from tests.postgres import Postgres, PostgresUnavailableError
from worker.broker import EmbeddedBroker
from worker.enrichment import build as build_enrichers
from worker.enrichment.base import Enricher
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.streams import RawStreams
from worker.testing import LocalDesk

# In the background a shell's job ignores Ctrl-C, and so would the commands that tests start and send it to.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own COPYDESK_ variables and .env file must not change what a test sees."""
    for name in os.environ:
        if name.startswith("COPYDESK_") and not name.startswith(
            ("COPYDESK_TEST_", "COPYDESK_EVAL")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server."""
    named = os.environ.get("COPYDESK_TEST_REDIS_URL")
    if named:
        yield named
        return
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker.url


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    """A client of the real server that speaks bytes."""
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def namespace(client: "redis.Redis") -> Iterator[str]:
    """A prefix of the test's own; its keys are deleted afterwards."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    keys = list(client.scan_iter(match=f"*{name}*", count=1000))
    if keys:
        client.delete(*keys)


@pytest.fixture
def settings(redis_url: str, namespace: str, tmp_path: Path) -> Settings:
    """Settings of a desk of its own: namespace, data folder and store."""
    return Settings(redis_url=redis_url, namespace=namespace, data_dir=tmp_path, profile="light")


@pytest.fixture(scope="session")
def enrichers() -> Sequence[Enricher]:
    """The quick enrichers, loaded once."""
    return build_enrichers(Settings(profile="light"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server; skips, with the reason, where none can be started."""
    named = os.environ.get("COPYDESK_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    try:
        server = Postgres()
        server.start()
    except PostgresUnavailableError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    server = sa.make_url(postgres_server).set(drivername="postgresql+psycopg")
    name = f"copydesk_{secrets.token_hex(4)}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


def look_for(streams: RawStreams, seconds: float) -> None:
    """Let time pass in which an intake looks for lost entries, as it does several times a lease."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        streams.due(Lane.LIVE, "intake:a", 0)
        time.sleep(0.04)


@pytest.fixture
def streams(client: "redis.Redis", settings: Settings) -> RawStreams:
    """Streams with a lease short enough to see it run out."""
    settings.lease = 0.2
    settings.reissue_after = 0.4
    streams = RawStreams(client, settings)
    streams.create_groups()
    return streams


@pytest.fixture
def publisher(client: "redis.Redis", settings: Settings) -> Publisher:
    """A publisher of the same desk."""
    return Publisher(settings, client=client)


def fresh_ids(
    publisher: Publisher, streams: RawStreams, count: int = 1, **options: str
) -> list[str]:
    """Publish live articles, `A 0`, `A 1` and so on, and let an intake read them; return their entry ids."""
    for number in range(count):
        publisher.publish({"html": f"A {number}"}, **options)
    return streams.read(Lane.LIVE, "intake:a", count)


@pytest.fixture
def desk(settings: Settings, enrichers: Sequence[Enricher]) -> Iterator[LocalDesk]:
    """A desk in this process."""
    with LocalDesk(settings, enrichers) as running:
        yield running
