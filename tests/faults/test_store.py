"""A store that is slow or silent: it is away, within `store_timeout`, and costs no article a try."""

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.articles import FERRY, TUNNEL, raw
from tests.faults.proxy import Proxy
from tests.sinks.factory import delivery
from worker.errors import TransientError
from worker.lanes import Lane
from worker.settings import Settings
from worker.sinks.sql import SqlSink
from worker.testing import LocalDesk

LIVE = Lane.LIVE


@pytest.fixture
def network(postgres_url: str) -> Iterator[Proxy]:
    """The network to a PostgreSQL database."""
    proxy = Proxy(sa.make_url(postgres_url).port or 5432)
    yield proxy
    proxy.close()


@pytest.fixture
def distant(postgres_url: str, network: Proxy) -> str:
    """The URL of the database behind that network."""
    url = sa.make_url(postgres_url).set(port=network.port)
    return url.render_as_string(hide_password=False)


def test_a_slow_statement_of_postgresql_ends_with_the_store_timeout(postgres_url: str) -> None:
    """Given a table whose inserts take long, then the batch may come again after `store_timeout`."""
    sink = SqlSink(postgres_url, timeout=0.5)
    sink.ping()
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER slow BEFORE INSERT ON articles FOR EACH ROW EXECUTE FUNCTION slow()"
        )
    engine.dispose()

    began = time.monotonic()
    with pytest.raises(TransientError, match="statement timeout"):
        sink.deliver([delivery("a")])
    sink.close()

    assert time.monotonic() - began < 5


def test_a_store_that_falls_silent_is_away_and_costs_no_try(
    settings: Settings, network: Proxy, distant: str
) -> None:
    """Given a PostgreSQL whose network swallows everything, then a batch waits within bounds, untried.

    When the network is back, then it is delivered.
    """
    settings.store, settings.store_timeout = distant, 1.0
    with LocalDesk(settings, []) as desk:
        before = desk.run(raw(FERRY, "https://a.example/1"))
        network.flows.clear()
        began = time.monotonic()
        silent = desk.run(raw(TUNNEL, "https://b.example/1"))
        took = time.monotonic() - began
        [breaker] = desk.services.breakers.states()
        tries = desk.services.client.hlen(desk.services.streams.keys.history(LIVE))
        network.flows.set()
        after = desk.retry()

    assert (["new"], ["later"], ["new"]) == (before, silent, after)
    assert took < 2 * 1.0 + 5 + 3, "the delivery, a new connection, some rings of the timer"
    assert ("sinks", 0) == (breaker.name, tries)


def test_a_store_behind_a_slow_network_is_only_slow(
    settings: Settings, network: Proxy, distant: str
) -> None:
    """Given a PostgreSQL that answers late, within the limit, then articles are delivered."""
    network.delay = 0.1
    settings.store, settings.store_timeout = distant, 5.0
    with LocalDesk(settings, []) as desk:
        outcomes = desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))

    assert ["new", "new"] == outcomes
