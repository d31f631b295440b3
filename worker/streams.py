"""The raw streams: reading, taking, settling and handing back entries.

The stream is the truth of what is still to be done: an entry stays in the pending list of the consumer
group until its outcome is stored. Who holds it is told by the consumer's name: an intake that has handed
it to Celery, a worker at work on it, or `waiting` for an entry that is due again later.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

import orjson
import redis
from redis.commands.core import Script

from worker.lanes import FIELD, GROUP, RUN_FIELD, Keys, Lane
from worker.metrics import Stopwatch
from worker.outcomes import Outcome
from worker.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """A raw entry in the hands of a worker."""

    lane: Lane
    id: str
    data: bytes | None
    """The JSON as the scraper wrote it; None when the entry has no field `article`."""
    run: str = ""
    history: tuple[dict[str, Any], ...] = ()
    """What went wrong with it so far, oldest first; each event has `at` (Unix seconds) and `kind`."""

    @property
    def holder(self) -> str:
        """Name of this entry as a holder of claims in the index."""
        return f"{self.lane}/{self.id}"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final word on an entry."""

    entry: Entry
    outcome: Outcome
    letter: bytes = b""
    """The dead letter, as JSON, when the outcome is a dead one."""


@dataclass(frozen=True, slots=True)
class Return:
    """An entry that is handed back, to be due again in `delay` seconds."""

    entry: Entry
    delay: float
    event: bytes = b""
    """What went wrong, as a JSON object for the entry's history."""


@dataclass(slots=True)
class Due:
    """Entries that an intake hands to Celery again."""

    together: list[str] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    """Something went wrong with these before: they go one by one, so that they harm no neighbour."""
    cursor: str = "-"


class RawStreams:
    """The raw streams of one desk on a Redis or Valkey server (>= 7)."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.keys = Keys(settings.namespace)

    def create_groups(self) -> None:
        """Create the consumer groups; entries published before are read from the start."""
        for lane in Lane:
            try:
                self.client.xgroup_create(self.keys.raw(lane), GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    def read(self, lane: Lane, consumer: str, count: int) -> tuple[list[str], str]:
        """Read the ids of up to `count` new entries, and the id up to which the group has read."""
        ids, last = self._read(keys=[self.keys.raw(lane)], args=[GROUP, consumer, count])
        return [one.decode() for one in ids], last.decode()

    def wait(self, after: dict[Lane, str], seconds: float) -> None:
        """Block until a stream has an entry after the given id, at most so long."""
        streams: dict[Any, Any] = {self.keys.raw(lane): last for lane, last in after.items()}
        self.client.xread(streams, count=1, block=max(1, int(seconds * 1000)))

    def take(self, lane: Lane, worker: str, ids: Sequence[str]) -> list[Entry]:
        """Take the entries that are still unsettled and that no living worker holds."""
        lease = int(self.settings.lease * 1000)
        keys = [self.keys.raw(lane), self.keys.history(lane)]
        entries = []
        for entry_id, pairs, history in self._take(keys=keys, args=[GROUP, worker, lease, *ids]):
            fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
            entries.append(
                Entry(
                    lane=lane,
                    id=entry_id.decode(),
                    data=fields.get(FIELD),
                    run=fields.get(RUN_FIELD, b"").decode("utf-8", "replace"),
                    history=tuple(orjson.loads(history)) if history else (),
                )
            )
        return entries

    def refresh(self, lane: Lane, worker: str, ids: Sequence[str]) -> int:
        """Refresh a worker's hold on its batch; return how many entries it still holds."""
        return int(self._refresh(keys=[self.keys.raw(lane)], args=[GROUP, worker, *ids]))

    def note_delivered(self, lane: Lane, outcomes: dict[str, Outcome]) -> None:
        """Note the outcomes of entries that are delivered: the first outcome counts, whoever settles."""
        if outcomes:
            self.client.hset(
                self.keys.delivered(lane),
                mapping={entry: outcome.value for entry, outcome in outcomes.items()},
            )

    def settle(self, lane: Lane, settlements: Iterable[Settlement]) -> int:
        """Acknowledge the entries and count each outcome once; return how many this call settled."""
        keys = [
            self.keys.raw(lane),
            self.keys.counts(lane),
            self.keys.history(lane),
            self.keys.dead,
            self.keys.delivered(lane),
        ]
        places: dict[str, int] = {}
        args: list[Any] = [
            GROUP,
            int(time.time() * 1000),
            RUN_LIFE,
            self.settings.dead_letter_max_length,
        ]
        for settlement in settlements:
            run = settlement.entry.run
            if run and run not in places:
                keys.append(self.keys.run(run))
                places[run] = len(keys)
            args += [
                settlement.entry.id,
                settlement.outcome.value,
                places.get(run, 0),
                settlement.letter,
            ]
        return int(self._settle(keys=keys, args=args)) if len(args) > 4 else 0

    def hand_back(self, lane: Lane, worker: str, returns: Iterable[Return]) -> int:
        """Hand entries back; return how many this worker still held."""
        now = time.time()
        args: list[Any] = [GROUP, worker]
        for one in returns:
            args += [one.entry.id, int((now + one.delay) * 1000), one.event]
        keys = [self.keys.raw(lane), self.keys.later(lane), self.keys.history(lane)]
        return int(self._hand_back(keys=keys, args=args)) if len(args) > 2 else 0

    def count_time(self, lane: Lane, stopwatch: Stopwatch) -> None:
        """Add the time spent in each stage to the lane's counts, as `<stage>_us`."""
        with self.client.pipeline(transaction=False) as pipe:
            for stage, microseconds in stopwatch.microseconds.items():
                pipe.hincrby(self.keys.counts(lane), f"{stage}_us", microseconds)
            pipe.execute()

    def due(self, lane: Lane, consumer: str, count: int, cursor: str = "-") -> Due:
        """Find entries to hand to Celery again: those due, and those that were lost."""
        settings = self.settings
        args: list[str | int] = [
            GROUP,
            consumer,
            int(time.time() * 1000),
            int(settings.lease * 1000),
        ]
        args += [int(settings.reissue_after * 1000), count, cursor]
        keys = [self.keys.raw(lane), self.keys.later(lane), self.keys.history(lane)]
        together, alone, position = self._due(keys=keys, args=args)
        return Due(
            [one.decode() for one in together], [one.decode() for one in alone], position.decode()
        )

    def trim(self, lane: Lane) -> int:
        """Trim settled entries past the retention; return how many went."""
        cutoff = max(0, int((time.time() - self.settings.raw_retention) * 1000))
        args: list[str | int] = [GROUP, f"{cutoff}-0", self.settings.raw_max_length]
        return int(self._trim(keys=[self.keys.raw(lane)], args=args))

    @cached_property
    def _read(self) -> Script:
        return load_script(self.client, "read")

    @cached_property
    def _take(self) -> Script:
        return load_script(self.client, "take")

    @cached_property
    def _refresh(self) -> Script:
        return load_script(self.client, "refresh")

    @cached_property
    def _settle(self) -> Script:
        return load_script(self.client, "settle")

    @cached_property
    def _hand_back(self) -> Script:
        return load_script(self.client, "hand_back")

    @cached_property
    def _due(self) -> Script:
        return load_script(self.client, "due")

    @cached_property
    def _trim(self) -> Script:
        return load_script(self.client, "trim")


RUN_LIFE = 7 * 86_400
"""Seconds that the counts of a run are kept."""


def load_script(client: redis.Redis, name: str) -> Script:
    """Return a script of `worker/lua`, bound to a client; it is sent to the server on first use."""
    source = (resources.files("worker") / "lua" / f"{name}.lua").read_text(encoding="utf-8")
    return client.register_script(source)
