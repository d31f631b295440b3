"""A worker at work on one batch: take the entries, hold them, carry them through, settle."""

import threading
from collections.abc import Sequence
from typing import Self

import redis
import structlog

from worker.lanes import Lane
from worker.pipeline import Pipeline, Result
from worker.services import Services
from worker.streams import Entry

log = structlog.get_logger(__name__)


def process_batch(services: Services, lane: Lane, ids: Sequence[str]) -> Result:
    """Carry the entries `ids` of `lane` to their outcomes; those that others settled or hold are passed over.

    Raises:
        redis.RedisError: the server is away. Nothing is lost: the entries stay pending, and an intake
            issues them again when this worker's hold has run out.
    """
    result = Result()
    entries = services.streams.take(lane, services.worker, ids)
    if not entries:
        return result
    with Hold(services, lane, entries):
        Pipeline(services).process(entries, result)
        services.streams.settle(lane, result.settlements)
        services.streams.hand_back(lane, services.worker, result.returns)
        services.streams.count_time(lane, result.stopwatch)
    log.info("batch", lane=lane.value, taken=len(entries), **result.summary())
    return result


class Hold:
    """Refreshes a worker's hold on its entries while it is at work, three times a lease.

    A worker that dies stops refreshing, and its entries are issued again when the lease has run out.
    """

    def __init__(self, services: Services, lane: Lane, entries: Sequence[Entry]) -> None:
        self._services = services
        self._lane = lane
        self._ids = [entry.id for entry in entries]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._refresh, name="hold", daemon=True)

    def _refresh(self) -> None:
        streams = self._services.streams
        while not self._done.wait(self._services.settings.lease / 3):
            try:
                streams.refresh(self._lane, self._services.worker, self._ids)
            except redis.RedisError as error:
                log.warning("hold not refreshed", error=str(error))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
