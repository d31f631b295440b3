"""Breakers: when too much fails, the intake stops, says why, and probes its way back.

Each lane has a breaker that counts failed articles: a bad deploy must not turn a feed into dead letters.
One more, `sinks`, opens as soon as a service is away, so that articles wait in their stream. Pauses double.
The state is kept on the server, shared by all intakes and workers.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis

from worker.lanes import Keys, Lane
from worker.scripts import load_script
from worker.settings import Settings

SINKS = "sinks"
"""The breaker of the whole desk, for services that are away."""


class Word(StrEnum):
    """What a breaker says to an intake."""

    GO = "go"
    PROBE = "probe"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A breaker that is not closed, as it is shown to people."""

    name: str
    state: str
    """`open` or `probing`."""
    since: float
    """When it opened, Unix seconds."""
    until: float
    """When the next probe is due, Unix seconds."""
    why: str


@dataclass(frozen=True, slots=True)
class Limits:
    """When a breaker opens, and how long it pauses (seconds)."""

    share: float
    run: int
    window: int
    pause: float
    longest: float


class Breakers:
    """The breakers of one desk."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._client = client
        self._keys = Keys(settings.namespace)
        self._script = load_script(client, "breaker")
        self._lanes = Limits(
            share=settings.breaker_share,
            run=settings.breaker_run,
            window=settings.breaker_window,
            pause=5.0,
            longest=300.0,
        )
        # One failure is enough, a success closes it: a service is away or it is not.
        self._sinks = Limits(share=1.0, run=1, window=1, pause=0.5, longest=15.0)

    def ask(self, lane: Lane) -> Word:
        """Ask whether to go on reading a lane, to send one batch as a probe, or to stop."""
        word = self._ask(lane)
        if word is Word.STOP:
            return word
        general = self._ask(SINKS)
        return general if general is not Word.GO else word

    def pass_on(self, lane: Lane) -> None:
        """Let another lane send the probe: this one has nothing to send."""
        for name in (lane, SINKS):
            key = self._keys.breaker(name)
            if self._client.hget(key, "state") == b"probing":
                self._client.hset(key, "until", 0)

    def record(self, lane: Lane, *, good: int, bad: int, probe: bool, why: str = "") -> None:
        """Count results of a lane: articles that succeeded, and articles that failed."""
        self._record(lane, self._lanes, good, bad, why, probe=probe)

    def record_sinks(self, *, away: bool, probe: bool, why: str = "") -> None:
        """Record that a service is away, or that a probe found it back."""
        self._record(SINKS, self._sinks, int(not away), int(away), why, probe=probe)

    def stopped(self, lane: Lane) -> bool:
        """Whether batches that were already sent should be handed back untouched."""
        with self._client.pipeline(transaction=False) as pipe:
            for name in (lane, SINKS):
                pipe.hget(self._keys.breaker(name), "state")
            return any(state in (b"open", b"probing") for state in pipe.execute())

    def states(self) -> list[BreakerState]:
        """Return the breakers that are not closed."""
        return read_breakers(self._client, self._keys.namespace)

    def _limits(self, name: str) -> Limits:
        return self._sinks if name == SINKS else self._lanes

    def _ask(self, name: str) -> Word:
        limits = self._limits(name)
        answer: Any = self._script(
            keys=[self._keys.breaker(name)],
            args=["ask", int(limits.pause * 1000), int(limits.longest * 1000)],
        )
        return Word(answer[0].decode())

    def _record(
        self, name: str, limits: Limits, good: int, bad: int, why: str, *, probe: bool
    ) -> None:
        self._script(
            keys=[self._keys.breaker(name)],
            args=[
                "record",
                int(limits.pause * 1000),
                int(limits.longest * 1000),
                good,
                bad,
                int(probe),
                limits.share,
                limits.run,
                limits.window,
                why[:500],
            ],
        )


def read_breakers(client: redis.Redis, namespace: str) -> list[BreakerState]:
    """Return the breakers of a desk that are not closed."""
    keys, found = Keys(namespace), []
    for name in (*Lane, SINKS):
        fields: Any = client.hgetall(keys.breaker(name))
        state = fields.get(b"state", b"closed").decode()
        if state != "closed":
            found.append(
                BreakerState(
                    name=str(name),
                    state=state,
                    since=int(fields.get(b"since", 0)) / 1000,
                    until=int(fields.get(b"until", 0)) / 1000,
                    why=fields.get(b"why", b"").decode(),
                )
            )
    return found
