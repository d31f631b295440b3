"""A worker that dies between any two steps of its way leaves nothing lost, nothing twice, nothing behind."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import redis

from tests.articles import FERRY, TUNNEL, raw
from tests.faults.test_short import SEED
from worker import services
from worker.deadletters import read_letters
from worker.lanes import Lane
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks.sql import SqlSink
from worker.sinks.store import Query, Store
from worker.status import read_status
from worker.testing import LocalDesk
from worker.work import process_batch

LIVE = Lane.LIVE
FEED = [
    raw(FERRY, "https://a.example/1"),
    raw(FERRY, "https://copy.example/1"),
    raw(TUNNEL, "https://b.example/1"),
    b"no JSON",
]
OUTCOMES = {"new": 2, "duplicate": 1, "rejected": 1}


NEVER = 0
"""A step at which no worker dies: they are counted from 1."""


class Killed(BaseException):
    """Stands for SIGKILL: nothing that survives an Exception survives it."""


class Steps:
    """Counts the steps of a worker, its calls of the server and of the store, and kills it at one of them.

    A step is the moment before a call, or after it, when the answer is not heard any more.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.last: int | None = None

    def count(self, call: Callable[[], Any]) -> Any:
        """Make the call, unless the worker dies before it, or dies behind it."""
        self._step()
        answer = call()
        self._step()
        return answer

    def _step(self) -> None:
        self.taken += 1
        if self.taken == self.last:
            raise Killed


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    """The steps of whoever calls a server or the store from now on."""
    counted = Steps()

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def watched(self: object, *args: object, **options: object) -> object:
            return counted.count(lambda: real(self, *args, **options))

        monkeypatch.setattr(owner, name, watched)

    watch(redis.Redis, "execute_command")
    watch(redis.client.Pipeline, "execute")
    watch(SqlSink, "deliver")
    return counted


def carry_through(desk: LocalDesk, steps: Steps, deaths: list[int], *, split: bool) -> int:
    """Publish, and let one worker after another die at these steps; return the steps of the last."""
    streams, client = desk.services.streams, desk.services.client
    for article in FEED:
        desk.publisher.publish(article)
    batches, handed = [streams.read(LIVE, "intake:test", 100)], list[list[str]]()

    def hand_on(_lane: Lane, ids: list[str], _now: int, _probe: bool) -> None:
        handed.append(ids)
        batches.append(ids)

    for number in range(40):
        if not batches:
            later = streams.keys.later(LIVE)
            if waiting := client.zrange(later, 0, -1):
                client.zadd(later, dict.fromkeys(waiting, 0))
            streams.settings.lease = 0.0  # a message that was lost counts as lost at once
            due = streams.due(LIVE, "intake:test", 100)
            streams.settings.lease = 5.0
            batches = due.batches
            if not batches:
                return steps.taken
        name = f"worker:crash:{number}"
        worker = services.build(desk.settings, [], worker=name)
        steps.taken, steps.last = 0, deaths[number] if number < len(deaths) else None
        try:
            ids = batches.pop(0)
            enriches = not split or ids in handed
            process_batch(worker, LIVE, ids, probe=True, hand_on=None if enriches else hand_on)
        except Killed:
            streams.keep_alive(["worker:main"], [name])  # its main process sees it end
        finally:
            steps.last = None
            worker.close()
    raise AssertionError("it comes to no end")


def check(desk: LocalDesk) -> None:
    """All is settled, once, and nothing is left."""
    client, keys = desk.services.client, desk.services.streams.keys
    lane = read_status(client, keys.namespace).lanes[0]
    assert OUTCOMES == {name: count for name, count in lane.outcomes.items() if count}
    assert 0 == client.xpending(keys.raw(LIVE), "copydesk")["pending"]
    for left in (keys.later, keys.history, keys.stages, keys.delivered):
        assert not client.exists(left(LIVE)), left(LIVE)
    for claims in client.scan_iter(f"*{keys.namespace}*:claims"):
        assert client.hkeys(claims) in ([], [b""])
    assert 1 == len(list(read_letters(client, keys)))
    delivered = desk.delivered()
    assert 2 == len(delivered) == len({article["id"] for article in delivered})
    with Store.of(desk.settings) as store:
        stored = list(store.articles(Query(statuses=(Outcome.NEW, Outcome.DUPLICATE))))
    assert {"new": 2, "duplicate": 1} == Counter(article.status for article in stored)
    assert {article["id"] for article in delivered} == {
        article.id for article in stored if article.status is Outcome.NEW
    }


def one_desk(
    settings: Settings, steps: Steps, number: int, deaths: list[int], *, split: bool = False
) -> int:
    """Run a desk of its own; return the steps of its last worker."""
    own = settings.model_copy(
        update={
            "namespace": f"{settings.namespace}-{number}",
            "data_dir": settings.data_dir / str(number),
        }
    )
    with LocalDesk(own, []) as desk:
        taken = carry_through(desk, steps, deaths, split=split)
        check(desk)
    return taken


@pytest.mark.parametrize(("split", "worker"), [(False, 0), (True, 0), (True, 1)])
def test_a_worker_may_die_between_any_two_steps(
    settings: Settings, steps: Steps, split: bool, worker: int
) -> None:
    """Given a batch of a new article, its copy, another and a broken one, killed at each step in turn.

    Where enrichment has workers of its own, the first worker hands on to the second: either may die.
    """
    whole = one_desk(settings, steps, 0, [], split=split)
    assert whole > 20
    for step in range(1, whole + 1):
        one_desk(settings, steps, step, [NEVER] * worker + [step], split=split)


def test_two_workers_may_die_over_the_same_articles(settings: Settings, steps: Steps) -> None:
    """Given a second death over what the first has left, at random steps, then the same holds."""
    chance = random.Random(SEED)
    whole = one_desk(settings, steps, 0, [])
    for number in range(1, 13):
        one_desk(settings, steps, number, [chance.randint(1, whole) for _ in range(2)])
