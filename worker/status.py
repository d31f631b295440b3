"""What a desk is doing: depth, lag, age and rates of its lanes."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import redis

from worker.breaker import BreakerState, read_breakers
from worker.ingest import read_outcomes
from worker.lanes import GROUP, Keys, Lane
from worker.outcomes import Stage


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
    """Time since an entry was last settled; None: never."""
    mean_latency_ms: float | None
    """Mean time from publishing to settling, over all that was settled."""
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
    workers: int = 0
    """Worker processes that said within the last ten seconds that they live, main processes among them."""
    breakers: list[BreakerState] = field(default_factory=list)
    """Breakers that have stopped an intake, and why."""

    def as_dict(self) -> dict[str, Any]:
        """Return the status as plain data."""
        return asdict(self)


def read_status(client: redis.Redis, namespace: str) -> Status:
    """Read the state of the desk `namespace`."""
    keys = Keys(namespace)
    memory: Any = client.info("memory")
    return Status(
        lanes=[_read_lane(client, keys, lane) for lane in Lane],
        dead_letters=int(client.xlen(keys.dead)),
        output_length=int(client.xlen(keys.articles)),
        memory_bytes=int(memory["used_memory"]),
        workers=int(client.zcount(keys.alive, (time.time() - 10) * 1000, "+inf")),
        breakers=read_breakers(client, namespace),
    )


def _read_lane(client: redis.Redis, keys: Keys, lane: Lane) -> LaneStatus:
    stream = keys.raw(lane)
    now = time.time()
    unread, pending, oldest = 0, 0, None
    if client.exists(stream):
        groups: Any = client.xinfo_groups(stream)
        group = next((one for one in groups if one["name"] == GROUP.encode()), None)
        last = group["last-delivered-id"].decode() if group else "0-0"
        if group:
            pending = int(group["pending"])
            unread = int(group["lag"]) if group["lag"] is not None else -1
            summary: Any = client.xpending(stream, GROUP)
            oldest = summary["min"]
        else:
            unread = int(client.xlen(stream))
        if unread == -1:  # the server lost count (an entry was deleted by hand): count what is left
            unread = len(client.xrange(stream, min=f"({last}", count=100_000))  # type: ignore[arg-type]
        if oldest is None and unread:
            first: Any = client.xrange(stream, min=f"({last}", count=1)
            oldest = first[0][0] if first else None
    counts: Any = client.hgetall(keys.counts(lane))
    outcomes = read_outcomes(client, keys.counts(lane))
    settled = sum(outcomes.values())
    settled_at = counts.get(b"settled_at")
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
        mean_latency_ms=round(int(counts.get(b"latency_ms", 0)) / settled, 1) if settled else None,
        outcomes=outcomes,
        stage_seconds={
            stage.value: round(int(counts[key]) / 1e6, 3)
            for stage in Stage
            if (key := f"{stage}_us".encode()) in counts
        },
    )
