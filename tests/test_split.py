"""Enrichment on queues of its own, and Celery over another broker than Redis."""

import os
import secrets
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson
import pytest
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.articles import FERRY, TUNNEL, raw
from tests.faults.proxy import Proxy
from worker import services
from worker.app import build_app
from worker.breaker import Breakers
from worker.dispatch import CeleryDispatch
from worker.errors import ConfigurationError
from worker.ingest import running
from worker.lanes import Keys, Lane
from worker.outcomes import Outcome
from worker.publisher import Publisher
from worker.services import Services
from worker.settings import Settings
from worker.status import read_outcomes
from worker.work import process_batch

LIVE = Lane.LIVE
RABBIT = os.environ.get("COPYDESK_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Services]:
    """The services of a worker process."""
    built = services.build(settings)
    built.streams.create_groups()
    yield built
    built.close()


@pytest.fixture
def rabbit(settings: Settings) -> Iterator[str]:
    """The URL of a RabbitMQ server; the queues that a test leaves there are deleted."""
    address = urlsplit(RABBIT)
    try:
        socket.create_connection((address.hostname or "", address.port or 5672), 1).close()
    except OSError:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no RabbitMQ at {address.hostname}:{address.port} (COPYDESK_TEST_AMQP_URL)")
    yield RABBIT
    with Connection(RABBIT) as connection:
        for queue in Keys(settings.namespace).queues(["process", "enrich"]):
            connection.default_channel.queue_delete(queue)


def test_what_is_new_is_handed_on_and_what_is_not_ends_at_once(desk: Services) -> None:
    """Given a batch with a broken article, when it is split, then only the new one waits to be enriched."""
    handed: list[str] = []
    publisher = Publisher(desk.settings, client=desk.client)
    new = publisher.publish(raw(FERRY, "https://a.example/1"))
    publisher.publish(b"{")
    ids = desk.streams.read(LIVE, "intake:test", 10)

    first = process_batch(desk, LIVE, ids, hand_on=lambda *call: handed.extend(call[1]))
    delivered = desk.client.xlen(desk.streams.keys.articles)
    second = process_batch(desk, LIVE, handed)

    assert [Outcome.REJECTED] == [one.outcome for one in first.settlements]
    assert ([new], 0) == (handed, delivered)
    assert [Outcome.NEW] == [one.outcome for one in second.settlements]
    [(_, fields)] = desk.client.xrange(desk.streams.keys.articles)
    assert "en" == orjson.loads(fields[b"article"])["language"]["code"]


def test_a_copy_waits_for_what_was_handed_on(desk: Services) -> None:
    """Given an article on its way to be enriched, then its copy is settled only after it."""
    handed: list[str] = []
    publisher = Publisher(desk.settings, client=desk.client)
    for url in ("https://a.example/1", "https://b.example/1"):
        publisher.publish(raw(FERRY, url))
    ids = desk.streams.read(LIVE, "intake:test", 10)

    first = process_batch(desk, LIVE, ids, hand_on=lambda *call: handed.extend(call[1]))

    assert ([], ids[1:]) == (first.settlements, [one.entry.id for one in first.returns])
    assert ids[:1] == handed


def test_a_probe_goes_on_to_the_enrichment_and_closes_the_breaker_there(desk: Services) -> None:
    """Given a lane whose breaker is open, when a probe of new articles is split, then its end closes it."""
    desk.settings.breaker_run = 5
    desk.breakers = Breakers(desk.client, desk.settings)
    desk.breakers.record(LIVE, good=0, bad=5, probe=False, why="KeyError")
    publisher = Publisher(desk.settings, client=desk.client)
    publisher.publish(raw(FERRY, "https://a.example/1"))
    ids = desk.streams.read(LIVE, "intake:test", 10)
    handed: list[tuple[list[str], bool]] = []

    process_batch(
        desk, LIVE, ids, probe=True, hand_on=lambda *call: handed.append((call[1], call[3]))
    )
    between = [state.name for state in desk.breakers.states()]
    [(ids, probe)] = handed
    result = process_batch(desk, LIVE, ids, probe=probe)

    assert (["live"], True) == (between, probe)
    assert [Outcome.NEW] == [one.outcome for one in result.settlements]
    assert [] == desk.breakers.states()


def test_what_was_handed_on_and_lost_is_issued_again(desk: Services) -> None:
    """Given a message to the enrich queue that was lost, then the entry comes back by way of an intake."""
    desk.settings.lease = 0.2
    publisher = Publisher(desk.settings, client=desk.client)
    publisher.publish(raw(FERRY, "https://a.example/1"))
    ids = desk.streams.read(LIVE, "intake:test", 10)
    process_batch(desk, LIVE, ids, hand_on=lambda *_: None)
    assert [] == desk.streams.due(LIVE, "intake:test", 10).together

    time.sleep(0.25)

    assert ids == desk.streams.due(LIVE, "intake:test", 10).together


def test_an_entry_that_waits_in_the_enrich_queue_is_not_issued_again(desk: Services) -> None:
    """Given a message that still stands in the enrich queue, then its entries are left to it."""
    desk.settings.lease = 0.2
    publisher = Publisher(desk.settings, client=desk.client)
    publisher.publish(raw(FERRY, "https://a.example/1"))
    ids = desk.streams.read(LIVE, "intake:test", 10)

    def stand_in_queue(lane: Lane, _ids: list[str], now: int, _probe: bool) -> None:
        message = orjson.dumps({"headers": {"issued": now}})
        desk.client.lpush(desk.streams.keys.enrich_queue(lane), message)

    process_batch(desk, LIVE, ids, hand_on=stand_in_queue)
    time.sleep(0.25)

    assert [] == desk.streams.due(LIVE, "intake:test", 10).together


def _carry(settings: Settings) -> dict[str, int]:
    """Carry an article, its copy and another through a running desk; return the outcomes."""
    settings.namespace = f"{settings.namespace}-{secrets.token_hex(2)}"  # queues outlive a test
    settings.concurrency = 2
    keys = Keys(settings.namespace)
    with running(settings, log_name="test.log"), Publisher(settings) as publisher:
        for body, url in ((FERRY, "a"), (FERRY, "b"), (TUNNEL, "c")):
            publisher.publish(raw(body, f"https://{url}.example/1"))
        deadline = time.monotonic() + 90
        while True:
            outcomes = read_outcomes(publisher.client, keys.counts(LIVE))
            if sum(outcomes.values()) == 3 or time.monotonic() > deadline:
                return {name: count for name, count in outcomes.items() if count}
            time.sleep(0.1)


def test_a_desk_that_is_split(settings: Settings) -> None:
    """Given the split, then a running desk brings all to their outcomes."""
    settings.split_enrichment = True

    assert {"new": 2, "duplicate": 1} == _carry(settings)


def test_a_desk_over_rabbitmq(settings: Settings, rabbit: str) -> None:
    """Given RabbitMQ for Celery's queues, split as well, then the outcomes are the same."""
    settings.broker_url = rabbit
    settings.split_enrichment = True

    assert {"new": 2, "duplicate": 1} == _carry(settings)


def test_a_broker_that_falls_silent_is_away(
    settings: Settings, client: redis.Redis, rabbit: str
) -> None:
    """Given a RabbitMQ that does not answer, when an intake asks it, then it hears so; later it goes on."""
    address = urlsplit(rabbit)
    network = Proxy(address.port or 5672)
    try:
        place = address.netloc.rpartition("@")[0] + f"@127.0.0.1:{network.port}"
        settings.broker_url = address._replace(netloc=place).geturl()
        dispatch = CeleryDispatch(build_app(settings), client)
        assert settings.queue_limit == dispatch.room(LIVE)
        network.flows.clear()

        with pytest.raises(OperationalError, match="did not tell"):
            dispatch.room(LIVE)

        network.flows.set()
        assert settings.queue_limit == dispatch.room(LIVE)
    finally:
        network.close()


def test_a_broker_that_lets_nobody_in_is_said(settings: Settings, rabbit: str) -> None:
    """Given a wrong password, or a virtual host that is not there, then one sentence says what to look at."""
    address = urlsplit(rabbit)
    place = f"{address.hostname}:{address.port or 5672}"
    for url in (f"amqp://guest:wrong@{place}", f"{rabbit}/{settings.namespace}"):
        settings.broker_url = url

        with pytest.raises(ConfigurationError, match=f"{place}.*Check user, password") as told:
            services.check_others(settings)

        assert "wrong" not in str(told.value)


def test_two_desks_share_an_index(settings: Settings, namespace: str) -> None:
    """Given a stream in two shards, each a desk of its own, then a copy in the other shard is a copy."""
    outcomes = []
    for shard in ("a", "b"):
        mine = settings.model_copy(
            update={"namespace": f"{namespace}-{shard}", "index_namespace": namespace}
        )
        built = services.build(mine)
        built.streams.create_groups()
        Publisher(mine, client=built.client).publish(raw(FERRY, f"https://{shard}.example/1"))
        ids = built.streams.read(LIVE, "intake:test", 10)
        outcomes += [one.outcome for one in process_batch(built, LIVE, ids).settlements]
        built.close()

    assert [Outcome.NEW, Outcome.DUPLICATE] == outcomes
