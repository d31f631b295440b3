"""What a desk is doing: depth, lag, age and rates of its lanes, and which processes are alive."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import redis

from worker.breaker import BreakerState, read_breakers
from worker.lanes import GROUP, Keys, Lane
from worker.outcomes import Outcome, Stage

ALIVE = 10.0
"""Seconds for which a process counts as alive after its last report; it reports every second or two."""


@dataclass(slots=True)
class LaneStatus:
    """The state of one lane."""

    lane: str
    unread: int
    """Entries that no intake has read yet (the group's lag)."""
    pending: int
    """Entries read and not settled."""
    queued: int
    """Messages in the Celery queue."""
    later: int
    """Entries that wait for another try."""
    oldest_seconds: float
    """Age of the oldest entry that is not settled."""
    idle_seconds: float | None
    """Time since the last entry was settled; None: never."""
    mean_latency_ms: float | None
    """Mean time from publishing to settling, over all that was settled."""
    recent_latency_ms: float | None = None
    """The same over recent articles: one settled five minutes before the last weighs a third of it."""
    latency_seconds: float = 0.0
    """That time, summed over all settled articles."""
    per_second: float | None = None
    """Articles settled per second between two looks (see `watch_status`); None after a single look."""
    outcomes: dict[str, int] = field(default_factory=dict)
    stage_seconds: dict[str, float] = field(default_factory=dict)
    """Time spent in each stage, summed over all workers."""

    @property
    def waiting(self) -> int:
        """Entries without an outcome."""
        return self.unread + self.pending


@dataclass(slots=True)
class Status:
    """The state of a desk."""

    lanes: list[LaneStatus]
    dead_letters: int
    output_length: int
    memory_bytes: int
    memory_limit_bytes: int = 0
    """The server's `maxmemory`; 0: none."""
    intakes: dict[str, int] = field(default_factory=dict)
    """Host to the number of intakes alive there."""
    workers: dict[str, int] = field(default_factory=dict)
    """Host to the number of worker processes alive there, without main processes, which process nothing."""
    breakers: list[BreakerState] = field(default_factory=list)
    """Breakers that have stopped an intake, and why."""

    def as_dict(self) -> dict[str, Any]:
        """Return the status as plain data."""
        return asdict(self)


def read_status(client: redis.Redis, namespace: str) -> Status:
    """Read the state of the desk `namespace`."""
    keys = Keys(namespace)
    memory: Any = client.info("memory")
    seconds, microseconds = client.time()
    now = seconds + microseconds / 1e6
    intakes, workers = _read_living(client, keys, now)
    return Status(
        lanes=[_read_lane(client, keys, lane, now) for lane in Lane],
        dead_letters=int(client.xlen(keys.dead)),
        output_length=int(client.xlen(keys.articles)),
        memory_bytes=int(memory["used_memory"]),
        memory_limit_bytes=int(memory.get("maxmemory", 0)),
        intakes=intakes,
        workers=workers,
        breakers=read_breakers(client, namespace),
    )


def watch_status(client: redis.Redis, namespace: str, seconds: float) -> Iterator[Status]:
    """Read the state every `seconds`, without end, with the rate of settling since the look before.

    The first state, too, comes only after that time.
    """
    before, started = read_status(client, namespace), time.monotonic()
    while True:
        time.sleep(seconds)
        state, now = read_status(client, namespace), time.monotonic()
        for lane, earlier in zip(state.lanes, before.lanes, strict=True):
            settled = sum(lane.outcomes.values()) - sum(earlier.outcomes.values())
            lane.per_second = round(settled / (now - started), 1)
        yield state
        before, started = state, now


def read_outcomes(client: redis.Redis, key: str) -> dict[str, int]:
    """Return the number of articles by outcome that a hash of counts holds."""
    values: Any = client.hmget(key, [outcome.value for outcome in Outcome])
    return {outcome.value: int(value or 0) for outcome, value in zip(Outcome, values, strict=True)}


def _read_living(
    client: redis.Redis, keys: Keys, now: float
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of living intakes and worker processes, by host."""
    names: Any = client.zrangebyscore(keys.alive, (now - ALIVE) * 1000, "+inf")
    intakes: Counter[str] = Counter()
    pools: Counter[str] = Counter()
    for name in names:  # intake:HOST:PROCESS, worker:HOST:TOKEN:PROCESS
        group, _, _process = name.decode().rpartition(":")
        if group.startswith("intake:"):
            intakes[group.removeprefix("intake:")] += 1
        else:
            pools[group] += 1
    workers: Counter[str] = Counter()
    for pool, count in pools.items():
        if count > 1:
            workers[pool.removeprefix("worker:").rpartition(":")[0]] += count - 1
    return dict(intakes), dict(workers)


def _read_stream(client: redis.Redis, stream: str) -> tuple[int, int, bytes | None]:
    """Return how many entries of a raw stream are unread and pending, and the id of the oldest of them."""
    if not client.exists(stream):
        return 0, 0, None
    groups: Any = client.xinfo_groups(stream)
    group = next((one for one in groups if one["name"] == GROUP.encode()), None)
    if group is None:
        unread, pending, oldest, behind = int(client.xlen(stream)), 0, None, "-"
    else:
        unread, pending = group["lag"], int(group["pending"])
        summary: Any = client.xpending(stream, GROUP)
        oldest, behind = summary["min"], f"({group['last-delivered-id'].decode()}"
    if unread is None:  # the server lost count, because an entry was deleted: count what is left
        left: Any = client.xrange(stream, min=behind, count=100_000)
        unread = len(left)
    if oldest is None and unread:
        first: Any = client.xrange(stream, min=behind, count=1)
        oldest = first[0][0] if first else None
    return int(unread), pending, oldest


def _read_lane(client: redis.Redis, keys: Keys, lane: Lane, now: float) -> LaneStatus:
    unread, pending, oldest = _read_stream(client, keys.raw(lane))
    counts: Any = client.hgetall(keys.counts(lane))
    outcomes = read_outcomes(client, keys.counts(lane))
    settled = sum(outcomes.values())
    settled_at = counts.get(b"settled_at")
    latency_ms = int(counts.get(b"latency_ms", 0))
    return LaneStatus(
        lane=lane.value,
        unread=unread,
        pending=pending,
        queued=int(client.llen(keys.queue(lane))),
        later=int(client.zcard(keys.later(lane))),
        oldest_seconds=round(max(0.0, now - int(oldest.split(b"-")[0]) / 1000), 3)
        if oldest
        else 0.0,
        idle_seconds=round(max(0.0, now - int(settled_at) / 1000), 3) if settled_at else None,
        mean_latency_ms=round(latency_ms / settled, 1) if settled else None,
        recent_latency_ms=round(float(counts[b"recent_ms"]) / float(counts[b"recent"]), 1)
        if b"recent" in counts
        else None,
        latency_seconds=latency_ms / 1000,
        outcomes=outcomes,
        stage_seconds={
            stage.value: round(int(counts[key]) / 1e6, 3)
            for stage in Stage
            if (key := f"{stage}_us".encode()) in counts
        },
    )
