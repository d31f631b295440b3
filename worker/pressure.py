"""Back-pressure: whether a lane takes more articles, and what a publisher does if it does not."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import redis

from worker.errors import TransientError
from worker.lanes import GROUP, Keys, Lane
from worker.settings import Settings

LOOK_EVERY = 0.5
"""Seconds for which a measurement is valid."""
BATCH_BYTES = 4_000_000
"""Bytes of raw articles published in one step, roughly; a measurement is valid for as many."""
SHORT = 0.7
"""Share of the server's memory (`maxmemory`) above which settled entries are dropped at any age."""
FULL = 0.8
"""Share above which publishers wait: workers need the rest to settle what is already there."""
T = TypeVar("T")


class WhenFull(StrEnum):
    """What a publisher does while a lane is full."""

    WAIT = "wait"
    FAIL = "fail"


class LaneFullError(TransientError):
    """The lane holds the most unsettled articles that it may."""


@dataclass(frozen=True, slots=True)
class Load:
    """What waits in a lane."""

    articles: int
    """Published and not settled."""
    bytes: int
    """Their approximate size on the server."""


class Pressure:
    """Measures the load of lanes against `waiting_limit` and `waiting_bytes_limit`."""

    def __init__(
        self,
        client: redis.Redis,
        settings: Settings,
        *,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        self._on_wait = on_wait
        self._client = client
        self._settings = settings
        self._keys = Keys(settings.namespace)
        self._holds: dict[Lane, tuple[float, int]] = {}
        """Until when, and for how many more bytes, the last measurement of a lane is valid."""

    def wait(self, lane: Lane, when_full: WhenFull, size: int) -> None:
        """Wait until the lane takes `size` more bytes; it is measured twice a second, and every 4 MB.

        Each time that it does not, `on_wait` is called with the reason.

        Raises:
            LaneFullError: it takes no more, and `when_full` is `FAIL`.
        """
        until, left = self._holds.get(lane, (0.0, 0))
        if time.monotonic() < until and left > 0:
            self._holds[lane] = until, left - size
            return
        while reason := self.full(lane):
            if when_full is WhenFull.FAIL:
                raise LaneFullError(
                    f"The lane {lane} is full: {reason}. Publish later, or run more workers."
                )
            if self._on_wait:
                self._on_wait(f"the lane {lane} is full: {reason}")
            time.sleep(LOOK_EVERY)
        self._holds[lane] = time.monotonic() + LOOK_EVERY, BATCH_BYTES - size

    def full(self, lane: Lane) -> str:
        """Return why the lane takes no more; empty if it does."""
        if (share := memory_used(self._client)) > FULL:
            return f"the server's memory is {share:.0%} full, and workers need the rest"
        most, most_bytes = self._settings.waiting_limit, self._settings.waiting_bytes_limit
        if not most and not most_bytes:
            return ""
        load = self.load(lane)
        if most and load.articles >= most:
            return f"{load.articles:,} articles are waiting; the limit is {most:,} (COPYDESK_WAITING_LIMIT)"
        if most_bytes and load.bytes >= most_bytes:
            return (
                f"{load.bytes:,} bytes are waiting; the limit is {most_bytes:,} "
                "(COPYDESK_WAITING_BYTES_LIMIT)"
            )
        return ""

    def load(self, lane: Lane) -> Load:
        """Measure a lane."""
        stream = self._keys.raw(lane)
        length = int(self._client.xlen(stream))
        if not length:
            return Load(0, 0)
        groups: Any = self._client.xinfo_groups(stream)
        waiting = length
        for group in groups:
            if group["name"] == GROUP.encode() and group["lag"] is not None:
                waiting = int(group["lag"]) + int(group["pending"])
        size = int(self._client.memory_usage(stream, samples=20) or 0)
        return Load(waiting, size * min(waiting, length) // length)


def memory_used(client: redis.Redis) -> float:
    """Return the share of its memory that a server uses; 0 if it has no limit (`maxmemory`)."""
    memory: Any = client.info("memory")
    most = int(memory.get("maxmemory", 0))
    return int(memory["used_memory"]) / most if most else 0.0


def in_batches(items: Iterable[T], most: int, size: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield lists of up to `most` items, fewer if the items are large.

    >>> list(in_batches([b"a", b"b", b"c"], 2, len))
    [[b'a', b'b'], [b'c']]
    """
    batch: list[T] = []
    held = 0
    for item in items:
        batch.append(item)
        held += size(item)
        if len(batch) >= most or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def refuses_writes(error: redis.ResponseError) -> bool:
    """Whether the error means that the server's memory or disk is full, and nothing was written."""
    # In a transaction: "Command # 1 (XADD …) of pipeline caused error: MISCONF Errors writing to the AOF …"
    return isinstance(error, redis.OutOfMemoryError) or "MISCONF " in str(error)
