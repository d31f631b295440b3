"""The stream sink: an output stream in Redis for the programs that come next."""

from collections.abc import Collection, Sequence

import redis
import xxhash

from worker.errors import TransientError
from worker.outcomes import Outcome
from worker.scripts import source_of
from worker.sinks.base import Delivery

PERIODS = 5
"""The window is covered by four periods and the current one."""
SHARDS = 4096
"""Sets per period: enough for some two million articles before the sets outgrow their compact form."""


class StreamSink:
    """Adds each `(id, revision)` once to the stream `<namespace>:articles`.

    An entry holds `id`, `revision`, `status` and `article`, the JSON text. What was added is remembered for
    `window` seconds, by the Redis server's clock.
    """

    name = "stream"

    def __init__(
        self,
        client: "redis.Redis",
        *,
        namespace: str = "copydesk",
        window: float = 30 * 86_400.0,
        max_length: int = 100_000,
        statuses: Collection[Outcome] = (Outcome.NEW, Outcome.UPDATE),
    ) -> None:
        self.stream = f"{namespace}:articles"
        self._client = client
        self._period = max(1, int(window / (PERIODS - 1)))
        self._max_length = max_length
        self._statuses = frozenset(statuses)
        self._script = client.register_script(source_of("worker.sinks", "stream"))

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Add the articles that the stream does not have yet. See `Sink.deliver`."""
        wanted = [delivery for delivery in batch if delivery.article.status in self._statuses]
        if not wanted:
            return
        try:
            # The server's clock: workers whose own clocks differ must look into the same sets.
            now: int = self._client.time()[0]
            period = now // self._period
            keys = [self.stream]
            arguments: list[str | int | bytes] = [
                self._max_length,
                PERIODS,
                (period + PERIODS) * self._period,
            ]
            for delivery in wanted:
                article = delivery.article
                digest = xxhash.xxh3_64_intdigest(f"{article.id}:{article.revision}".encode())
                shard = digest % SHARDS
                keys += [f"{{{self.stream}}}:sent:{period - age}:{shard}" for age in range(PERIODS)]
                signed = digest - (1 << 63)  # a set of integers holds signed ones
                arguments += [
                    signed,
                    article.id,
                    article.revision,
                    article.status,
                    delivery.document,
                ]
            self._script(keys=keys, args=arguments)
        except redis.RedisError as error:
            raise self._away(error) from error

    def ping(self) -> None:
        """Raise TransientError unless the server answers."""
        try:
            self._client.ping()
        except redis.RedisError as error:
            raise self._away(error) from error

    def close(self) -> None:
        """Do nothing: the client belongs to the process."""

    def _away(self, error: redis.RedisError) -> TransientError:
        return TransientError(f"The output stream {self.stream} cannot be written: {error}")
