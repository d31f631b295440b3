"""Replays: a backlog published into the backlog lane, resumable to the article, at a rate.

A replay has a name. Its progress is stored on the server in the same step as the articles that it
publishes: after a kill it continues after the last one, and publishes none twice, even if the server's
answer was lost. One process at a time holds its lock; no other can take a step. Several replays may run at
once under different names. Running one again is safe: known articles end as `unchanged`.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import redis

from worker.errors import CopydeskError
from worker.files import Located
from worker.lanes import Keys, Lane
from worker.pace import Pace
from worker.pressure import Pressure, in_batches, refuses_writes
from worker.publisher import ForgottenError, located, with_origins
from worker.scripts import load_script
from worker.settings import Settings

BATCH = 200
"""Articles published in one step, at most."""
AHEAD = 20_000
"""Unsettled articles in the lane at which a replay waits, to limit the server's memory."""
PATIENCE = 3.0
"""Seconds of waiting for a desk that is behind, after which a message says so, once."""
LOCK_LIFE = 15.0
"""Seconds after which another process may continue a replay that was killed."""
FORGOTTEN = -2
"""What the script returns if the server has fewer articles than were published."""
AWAY = 60.0
"""Seconds for which a replay waits for a server that went away."""
LIFE = 30 * 86_400
"""Seconds that a replay's progress is kept."""
T = TypeVar("T")

Items = Iterable[tuple[str, bytes | Located]]
"""Positions and raw articles, in an order that is the same each time."""


class ReplayRunningError(CopydeskError):
    """A replay of this name is running in another process."""


@dataclass(slots=True)
class Progress:
    """The progress of a replay."""

    name: str
    run: str
    published: int = 0
    """By all its processes, if it was interrupted."""
    position: str = ""
    """Position of the last article published; empty: none yet."""
    end: str = ""
    """Position of the last article to publish, fixed when it began; empty: all that are found."""
    done: bool = False
    total: int | None = None
    rate: float = 0.0
    """Articles per second, by this process."""

    @property
    def eta(self) -> float | None:
        """Seconds until it is done; None if that is unknown."""
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
    """Return a name for a replay made from what it reads: the same parts give the same name.

    >>> name_of("files", ["a.jsonl"]) == name_of("files", ["a.jsonl"])
    True
    """
    return hashlib.blake2b(repr(parts).encode(), digest_size=6).hexdigest()


class Replay:
    """One replay, by its name. Whenever it has to wait, `say` is called once with the reason."""

    def __init__(
        self,
        client: redis.Redis,
        settings: Settings,
        name: str,
        say: Callable[[str], None] = lambda _why: None,
    ) -> None:
        self._client = client
        self._keys = Keys(settings.namespace)
        self._pressure = Pressure(client, settings)
        self._key = f"{settings.namespace}:replay:{name}"
        self._lock = f"{self._key}:lock"
        self._script = load_script(client, "replay")
        self._token = secrets.token_hex(8)
        self._say = say
        self._said_ahead = False
        self.name = name

    def progress(self) -> Progress:
        """Return its progress; a fresh one if it never ran, or ran to its end."""
        fields: Any = self._client.hgetall(self._key)
        stored = {key.decode(): value.decode() for key, value in fields.items()}
        if not stored or stored.get("done") == "1":
            return Progress(self.name, run=f"replay-{self.name}-{secrets.token_hex(3)}")
        return Progress(
            self.name,
            run=stored["run"],
            published=int(stored["published"]),
            position=stored["position"],
            end=stored.get("end", ""),
        )

    def forget(self) -> None:
        """Discard its progress, so that it starts again from the beginning."""
        self._client.delete(self._key)

    def run(
        self, items: Items, progress: Progress, *, rate: float = 0.0, ahead: int = AHEAD
    ) -> Iterator[Progress]:
        """Publish `items`, which start after `progress.position`; yield the progress at each step.

        `rate` is in articles per second, 0: as fast as the desk settles them. It waits while the lane, or the
        server's memory or disk, is full, and up to a minute for a server that went away.

        Raises:
            ForgottenError: the server came back without its last writes. Run it again: it continues from
            there. ReplayRunningError: another process runs it, or did while this one was frozen.
            redis.RedisError: the server stays away.
        """
        self._step(progress)
        pace, before = Pace(rate), progress.published
        try:
            for batch in in_batches(items, pace.batch(BATCH), lambda item: len(item[1])):
                self._wait(progress, ahead)
                self._step(progress, batch)
                done = progress.published - before
                self._sleep(progress, pace.early(done))
                progress.rate = pace.measured(done)
                yield progress
            progress.done = True
            self._step(progress)
            yield progress
        finally:
            with suppress(redis.RedisError):  # it runs out by itself
                self._script(keys=self._keys_of_step, args=[self._token, 0])

    def _step(self, progress: Progress, batch: Sequence[tuple[str, bytes | Located]] = ()) -> None:
        """Publish a batch, or nothing, and renew the lock; safe to repeat."""
        position = batch[-1][0] if batch else progress.position
        arguments: list[Any] = [
            self._token, int(LOCK_LIFE * 1000), LIFE, progress.run, progress.published,
            position, progress.end, int(progress.done), *with_origins(located(data) for _, data in batch),
        ]  # fmt: skip
        published = int(
            self._patiently(lambda: self._script(keys=self._keys_of_step, args=arguments))
        )
        if published == FORGOTTEN:
            raise ForgottenError(self.progress().published, progress.published)
        if published < 0:
            raise ReplayRunningError(
                f"The replay {self.name} is running in another process. If it was killed, wait "
                f"{LOCK_LIFE:.0f} s. To run a second replay, give it another --name."
            )
        progress.published, progress.position = published, position

    @property
    def _keys_of_step(self) -> list[str]:
        return [self._key, self._lock, self._keys.raw(Lane.BACKLOG)]

    def _wait(self, progress: Progress, ahead: int) -> None:
        """Wait while too many articles are unsettled."""
        lane, said, began = Lane.BACKLOG, False, time.monotonic()
        while True:
            why = self._patiently(lambda: self._pressure.full(lane))
            if why and not said:
                self._say(f"The lane {lane} is full: {why}. Waiting.")
                said = True
            load = self._patiently(lambda: self._pressure.load(lane)).articles
            if not why and load < ahead:
                return
            if not (said or self._said_ahead) and time.monotonic() - began > PATIENCE:
                self._say(
                    f"Waiting until fewer than {ahead:,} articles are unsettled in the lane {lane}; "
                    f"now {load:,}."
                )
                self._said_ahead = True
            self._sleep(progress, 0.2)

    def _sleep(self, progress: Progress, seconds: float) -> None:
        """Sleep, and keep the lock meanwhile."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, LOCK_LIFE / 3))
            self._step(progress)

    def _patiently(self, call: Callable[[], T]) -> T:
        """Repeat a call while the server is full, and for up to `AWAY` seconds while it is away."""
        deadline, said = time.monotonic() + AWAY, False
        while True:
            try:
                return call()
            except redis.ResponseError as error:
                if not refuses_writes(error):
                    raise
                why = f"The server takes no more: {error}"
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise
                why = f"The server does not answer: {error}"
            if not said:
                self._say(f"{why}. Waiting.")
                said = True
            time.sleep(0.5)
