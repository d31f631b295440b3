"""Where an intake hands its batches: to Celery's queues. `worker.direct` carries them through at once."""

from typing import TYPE_CHECKING, Protocol

import redis
from kombu.exceptions import OperationalError

from worker.lanes import Keys, Lane

if TYPE_CHECKING:  # a direct worker runs without Celery
    from worker.app import Desk


class Dispatch(Protocol):
    """Takes batches of entry ids from an intake."""

    limit: int
    """Batches that may wait for a worker."""
    spare: int
    """Part of that which is kept for entries that come again."""
    at_once: bool
    """Whether `send` processes the batch before it returns."""

    def room(self, lane: Lane) -> int:
        """Return how many more batches of the lane are welcome now."""
        ...

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Take a batch; `issued` is the server's time in ms. See `process_batch` for `probe`."""
        ...


class CeleryDispatch:
    """Sends one Celery message per batch while the lane's queue is short."""

    at_once = False

    def __init__(self, desk: "Desk", client: redis.Redis) -> None:
        self._desk = desk
        self._client = client
        self._keys = Keys(desk.settings.namespace)
        self.limit = desk.settings.queue_limit
        self.spare = min(4, self.limit // 2)

    def room(self, lane: Lane) -> int:
        """Return how many more messages the lane's queues may hold."""
        waiting = self._length(self._keys.queue(lane))
        if self._desk.settings.split_enrichment:
            waiting += self._length(self._keys.enrich_queue(lane))
        return self.limit - waiting

    def _length(self, queue: str) -> int:
        if not self._desk.settings.broker_url:
            return int(self._client.llen(queue))
        with self._desk.producer_or_acquire() as producer:
            connection = producer.connection
            try:
                declared = producer.channel.queue_declare(queue, durable=True, auto_delete=False)
            except (*connection.connection_errors, *connection.channel_errors) as error:
                if connection.transport.driver_type == "amqp":
                    connection.connection.collect()  # a goodbye would wait for an answer, too
                connection.close()  # the next call opens it again
                message = f"The broker did not tell how long {queue} is: {error}"
                raise OperationalError(message) from error
        return int(declared.message_count)

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:
        """Send one message."""
        self._desk.send_task(
            "copydesk.process",
            args=(lane.value, ids),
            kwargs={"probe": True} if probe else {},
            queue=self._keys.queue(lane),
            # By it `due.lua` knows which messages have left the queue.
            headers={"issued": issued},
            retry=False,
        )
