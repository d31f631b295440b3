"""Replays: a backlog published into the backlog lane, resumable to the article, at a rate.

A replay has a name. How far it is stands on the server, written in the same step as the articles it
published: after a kill it goes on behind the last one, and publishes none twice. Several may run at once
under different names. Running one again is safe: what is known ends as `unchanged`.
"""

import hashlib
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis
import structlog

from worker.errors import CopydeskError
from worker.lanes import FIELD, RUN_FIELD, Keys, Lane
from worker.pressure import Pressure, WhenFull
from worker.settings import Settings

log = structlog.get_logger(__name__)

BATCH = 200
"""Articles published in one step, at most."""
AHEAD = 20_000
"""Unsettled articles in the lane at which a replay waits: it bounds the server's memory."""
LOCK_LIFE = 15.0
"""Seconds after which a replay that was killed may be taken up by another process."""
LIFE = 30 * 86_400
"""Seconds that a replay's progress is kept."""

Items = Iterable[tuple[str, bytes]]
"""Positions and raw articles, in an order that is the same each time."""


class ReplayRunningError(CopydeskError):
    """A replay of this name is running in another process."""


@dataclass(slots=True)
class Progress:
    """How far a replay is."""

    name: str
    run: str
    published: int = 0
    """Over all its processes, should it have been interrupted."""
    position: str = ""
    """Position of the last article published; empty: none yet."""
    done: bool = False
    total: int | None = None
    rate: float = 0.0
    """Articles a second of this process."""

    @property
    def eta(self) -> float | None:
        """Seconds until it is done, None where nobody knows."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.published) / self.rate

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "run": self.run,
            "published": self.published,
            "total": self.total,
            "position": self.position,
            "done": self.done,
            "articles_per_second": round(self.rate, 1),
        }


def name_of(*parts: object) -> str:
    """Return the name of a replay that reads this: the same for the same parts.

    >>> name_of("files", ["a.jsonl"]) == name_of("files", ["a.jsonl"])
    True
    """
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


class Replay:
    """One replay, by its name."""

    def __init__(self, client: redis.Redis, settings: Settings, name: str) -> None:
        self._client = client
        self._keys = Keys(settings.namespace)
        self._pressure = Pressure(client, settings)
        self._key = f"{settings.namespace}:replay:{name}"
        self._lock = f"{self._key}:lock"
        self._token = secrets.token_hex(8)
        self.name = name

    def progress(self) -> Progress:
        """Return how far it is; a new one where it never ran, or ran to its end."""
        fields: Any = self._client.hgetall(self._key)
        stored = {key.decode(): value.decode() for key, value in fields.items()}
        if not stored or stored.get("done") == "1":
            return Progress(self.name, run=f"replay-{self.name}-{secrets.token_hex(3)}")
        return Progress(
            self.name,
            run=stored["run"],
            published=int(stored["published"]),
            position=stored["position"],
        )

    def forget(self) -> None:
        """Forget how far it was: it begins anew."""
        self._client.delete(self._key)

    def run(
        self, items: Items, progress: Progress, *, rate: float = 0.0, ahead: int = AHEAD
    ) -> Iterator[Progress]:
        """Publish `items`, which begin behind `progress.position`; yield the progress at each step.

        `rate` is in articles a second, 0: as fast as the desk settles them.

        Raises:
            ReplayRunningError: another process runs it.
        """
        if not self._client.set(self._lock, self._token, nx=True, px=int(LOCK_LIFE * 1000)):
            raise ReplayRunningError(
                f"The replay {self.name} is running in another process. If that was killed, wait "
                f"{LOCK_LIFE:.0f} s; for a second one give it another --name."
            )
        size = max(1, min(BATCH, int(rate))) if rate else BATCH
        source, started, before = iter(items), time.monotonic(), progress.published
        try:
            while batch := list(islice(source, size)):
                self._wait(ahead)
                progress.published += len(batch)
                progress.position = batch[-1][0]
                self._publish([data for _, data in batch], progress)
                passed = max(1e-6, time.monotonic() - started)
                done = progress.published - before
                if rate and (early := done / rate - passed) > 0:
                    self._sleep(early)
                progress.rate = done / max(1e-6, time.monotonic() - started)
                yield progress
            progress.done = True
            self._publish([], progress)
            yield progress
        finally:
            if self._client.get(self._lock) == self._token.encode():
                self._client.delete(self._lock)

    def _publish(self, batch: list[bytes], progress: Progress) -> None:
        with self._client.pipeline() as pipe:
            for data in batch:
                fields: dict[Any, Any] = {FIELD: data, RUN_FIELD: progress.run}
                pipe.xadd(self._keys.raw(Lane.BACKLOG), fields)
            pipe.hset(
                self._key,
                mapping={
                    "run": progress.run,
                    "published": progress.published,
                    "position": progress.position,
                    "done": int(progress.done),
                    "at": int(time.time()),
                },
            )
            pipe.expire(self._key, LIFE)
            pipe.set(self._lock, self._token, px=int(LOCK_LIFE * 1000))
            pipe.execute()

    def _wait(self, ahead: int) -> None:
        """Wait while too much waits already."""
        self._pressure.wait(Lane.BACKLOG, WhenFull.WAIT)
        while self._pressure.load(Lane.BACKLOG).articles >= ahead:
            self._sleep(0.2)

    def _sleep(self, seconds: float) -> None:
        """Sleep, and stay the one that runs it."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, LOCK_LIFE / 3))
            self._client.set(self._lock, self._token, px=int(LOCK_LIFE * 1000))
