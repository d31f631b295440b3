"""When the intake waits for a batch to fill, and when it does not."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from kombu.exceptions import OperationalError

from worker.intake import Intake
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.streams import RawStreams


class Queue:
    """Takes batches down instead of carrying them to workers."""

    limit = 10
    spare = 2
    at_once = False

    def __init__(self) -> None:
        self.waiting = 0
        self.sent: list[int] = []
        self.lanes: list[Lane] = []

    def room(self, lane: Lane) -> int:
        """Only live batches wait for a worker."""
        return self.limit - (self.waiting if lane is Lane.LIVE else 0)

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Note how large the batch was."""
        assert issued > 0
        assert not probe
        self.sent.append(len(ids))
        self.lanes.append(lane)


@contextmanager
def running(intake: Intake) -> Iterator[None]:
    """Run an intake in a thread."""
    thread = threading.Thread(target=intake.run)
    thread.start()
    try:
        yield
    finally:
        intake.stop()
        thread.join()


def soon(holds: Callable[[], bool]) -> bool:
    """Return whether something comes true within five seconds."""
    ends = time.monotonic() + 5
    while not holds() and time.monotonic() < ends:
        time.sleep(0.01)
    return holds()


def test_an_intake_that_is_stopped_counts_as_living_no_more(
    client: redis.Redis, settings: Settings
) -> None:
    """Given an intake that has said that it lives, when it is stopped, then that is taken back."""
    intake = Intake(settings, client, Queue())
    alive = intake.streams.keys.alive
    with running(intake):
        assert soon(lambda: client.zrange(alive, 0, -1) == [intake.name.encode()])

    assert 0 == client.zcard(alive)


def test_an_intake_whose_broker_is_away_lives_all_the_same(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a broker that does not answer, then the intake says that it lives: a new start would not help."""

    class Silent(Queue):
        def room(self, lane: Lane) -> int:
            raise OperationalError("The broker did not tell")

    intake = Intake(settings, client, Silent())
    alive = intake.streams.keys.alive
    Publisher(settings, client=client).publish(b"{}")

    with running(intake):
        assert soon(lambda: client.zscore(alive, intake.name) is not None)
        client.delete(alive)
        assert soon(lambda: client.zscore(alive, intake.name) is not None)


def test_a_lone_article_does_not_wait_for_company_while_a_worker_is_idle(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a wait of a minute for a batch to fill, when nothing waits for a worker, then it is sent."""
    settings.batch_wait = 60.0
    queue = Queue()
    with running(Intake(settings, client, queue)):
        Publisher(settings, client=client).publish({"html": "A"})
        assert soon(lambda: queue.sent == [1])


def test_articles_gather_while_all_workers_are_busy(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a batch that waits for the one worker, then articles that come are sent together after it."""
    settings.batch_wait = 0.0
    queue = Queue()
    queue.waiting = 1
    intake = Intake(settings, client, queue)
    with running(intake):
        publisher = Publisher(settings, client=client)
        for number in range(3):
            publisher.publish({"html": str(number)})
        assert soon(lambda: intake._lanes[Lane.LIVE].unread == 3)
        assert queue.sent == []
        queue.waiting = 0
        assert soon(lambda: queue.sent == [3])


def test_few_articles_wait_for_company_behind_a_batch(
    client: redis.Redis, settings: Settings
) -> None:
    """Given four workers and one batch that waits, then one article waits for others, and eight do not."""
    settings.batch_wait = 60.0
    queue = Queue()
    queue.waiting = 1
    intake = Intake(settings, client, queue)
    intake.streams.keep_alive([f"worker:a:x:{number}" for number in range(5)])
    with running(intake):
        publisher = Publisher(settings, client=client)
        publisher.publish({"html": "A"})
        assert soon(lambda: intake._lanes[Lane.LIVE].unread == 1)
        assert queue.sent == []
        for _ in publisher.publish_many({"html": str(number)} for number in range(7)):
            pass
        assert soon(lambda: queue.sent == [8])


def test_the_last_batches_of_a_backlog_get_smaller(client: redis.Redis, settings: Settings) -> None:
    """Given 400 articles and two workers, then whole batches come first, and all are sent."""
    for _ in Publisher(settings, client=client).publish_many(
        {"html": str(number)} for number in range(400)
    ):
        pass
    queue = Queue()
    intake = Intake(settings, client, queue)
    intake.streams.keep_alive(["worker:a:x:1", "worker:a:x:2", "worker:a:x:3"])
    with running(intake):
        assert soon(lambda: sum(queue.sent) == 400)

    assert [64, 64] == queue.sent[:2]
    assert queue.sent == sorted(queue.sent, reverse=True)
    assert queue.sent[-2] == intake._size.least


def test_with_low_latency_a_batch_takes_a_tenth_of_a_second(
    client: redis.Redis, settings: Settings
) -> None:
    """Given articles of 10 ms each, then a batch holds ten of them, and half a second's worth without."""
    streams = RawStreams(client, settings)
    client.hset(streams.keys.counts(Lane.LIVE), mapping={"new": 100, "enrich_us": 1_000_000})
    for _ in Publisher(settings, client=client).publish_many(
        {"html": str(number)} for number in range(400)
    ):
        pass
    first = []
    for low in (True, False):
        queue = Queue()
        intake = Intake(settings.model_copy(update={"low_latency": low}), client, queue)
        intake.streams.create_groups()
        intake._size.look(client, streams.keys)
        intake._turn()
        first.append(queue.sent[0])

    assert [10, 50] == first


def test_the_last_of_a_backlog_stays_unread_while_each_worker_has_a_batch_waiting(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a batch that waits for the one worker, then whole ones are sent, the rest when it is taken."""
    for _ in Publisher(settings, client=client).publish_many(
        {"html": str(number)} for number in range(200)
    ):
        pass
    queue = Queue()
    queue.waiting = 1
    intake = Intake(settings, client, queue)
    with running(intake):
        assert soon(lambda: intake._lanes[Lane.LIVE].unread == 8)
        assert queue.sent == [64, 64, 64]
        queue.waiting = 0
        assert soon(lambda: sum(queue.sent) == 200)


def test_an_intake_that_carries_its_batches_itself_takes_all_that_is_live_first(
    client: redis.Redis, settings: Settings
) -> None:
    """Given several batches in both lanes and room for one, then no backlog goes before live articles."""
    publisher = Publisher(settings, client=client)
    for lane in (Lane.BACKLOG, Lane.LIVE):
        for _ in publisher.publish_many(({"html": str(n)} for n in range(200)), lane=lane):
            pass
    queue = Queue()
    queue.limit, queue.spare, queue.at_once = 1, 0, True
    with running(Intake(settings, client, queue)):
        assert soon(lambda: sum(queue.sent) == 400)

    assert 200 == sum(queue.sent[: queue.lanes.count(Lane.LIVE)])
    assert queue.lanes == sorted(queue.lanes, key=list(Lane).index)
