"""Where an intake hands its batches: to Celery's queues, or to the process it runs in."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import redis

from worker.lanes import Keys, Lane
from worker.services import Services
from worker.work import process_batch

if TYPE_CHECKING:  # a direct worker runs without Celery
    from worker.app import Desk


class Dispatch(Protocol):
    """Takes batches of entry ids from an intake."""

    def room(self, lane: Lane) -> int:
        """Return how many more batches of the lane are welcome now."""
        ...

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Take a batch; `issued` is the server's time in ms. See `process_batch` for `probe`."""
        ...


class CeleryDispatch:
    """Sends a message a batch, while the lane's queue is short."""

    def __init__(self, desk: "Desk", client: redis.Redis) -> None:
        self._desk = desk
        self._client = client
        self._keys = Keys(desk.settings.namespace)

    def room(self, lane: Lane) -> int:
        """Return how many more messages the lane's queue may hold."""
        return self._desk.settings.queue_limit - int(self._client.llen(self._keys.queue(lane)))

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Send one message."""
        self._desk.send_task(
            "copydesk.process",
            args=(lane.value, ids),
            kwargs={"probe": True} if probe else {},
            queue=self._keys.queue(lane),
            # `due.lua` takes what was issued before the oldest message for gone.
            headers={"issued": issued},
            retry=False,
        )


class DirectDispatch:
    """Carries each batch through at once: one batch at a time, no queue."""

    def __init__(self, services: Services, working: Callable[[bool], None]) -> None:
        """`working` is told when a batch begins and when it has ended."""
        self._services = services
        self._working = working

    def room(self, _lane: Lane) -> int:
        """One batch is welcome whenever an intake asks."""
        return 1

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:  # noqa: ARG002 - no queue
        """Process the batch.

        Raises:
            redis.RedisError: the server is away; the entries stay pending.
        """
        self._working(True)
        try:
            process_batch(self._services, lane, ids, probe=probe)
        finally:
            self._working(False)
