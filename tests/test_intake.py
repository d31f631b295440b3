"""When the intake waits for a batch to fill, and when it does not."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from worker.intake import Intake
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.settings import Settings


class Queue:
    """Takes batches down instead of carrying them to workers."""

    limit = 10
    spare = 2

    def __init__(self) -> None:
        self.waiting = 0
        self.sent: list[int] = []

    def room(self, lane: Lane) -> int:
        """Only live batches wait for a worker."""
        return self.limit - (self.waiting if lane is Lane.LIVE else 0)

    def send(self, _lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Note how large the batch was."""
        assert issued > 0
        assert not probe
        self.sent.append(len(ids))


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
    """Given a batch that waits for a worker, when articles come, then they are sent together after it."""
    settings.batch_wait = 60.0
    queue = Queue()
    queue.waiting = 1
    intake = Intake(settings, client, queue)
    with running(intake):
        publisher = Publisher(settings, client=client)
        for number in range(3):
            publisher.publish({"html": str(number)})
        assert soon(lambda: len(intake._lanes[Lane.LIVE].ids) == 3)
        assert queue.sent == []
        queue.waiting = 0
        assert soon(lambda: queue.sent == [3])
