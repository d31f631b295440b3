"""The raw streams: reading, taking, settling and handing back entries.

The stream is the record of what is still to be done: an entry stays in the consumer group's pending list
until its outcome is stored. The consumer's name says who holds it: an intake that has handed it to Celery, a
worker that is processing it, or `waiting` for an entry that is due again later.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import orjson
import redis
from redis.commands.core import Script

from worker.entries import PART, Due, Entry, Return, Settlement
from worker.lanes import FIELD, GROUP, ORIGIN_FIELD, RUN_FIELD, Keys, Lane
from worker.metrics import Stopwatch
from worker.outcomes import Outcome, Stage
from worker.scripts import load_script
from worker.settings import Settings

UNKNOWN = 1_000_000
"""Stands for a number of entries that is not known; it is more than is ever read at once."""
RUN_LIFE = 7 * 86_400
"""Seconds that the counts of a run are kept."""


class RawStreams:
    """The raw streams of one desk on a Redis or Valkey server (>= 7)."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.keys = Keys(settings.namespace)
        self._scripts: dict[str, Script] = {}
        self._unanswered: list[tuple[Lane, str, Sequence[str]]] = []
        self._giving_back = threading.Lock()

    def create_groups(self) -> None:
        """Create the consumer groups; entries published before are read from the start."""
        for lane in Lane:
            try:
                self.client.xgroup_create(self.keys.raw(lane), GROUP, id="0", mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    def read(self, lane: Lane, consumer: str, count: int) -> list[str]:
        """Read the ids of up to `count` new entries."""
        ids = self._run("read", [self.keys.raw(lane)], [GROUP, consumer, count])
        return [one.decode() for one in ids]

    def unread(self, lane: Lane) -> tuple[int, str]:
        """Return how many entries are unread, and the id up to which the group has read.

        Once an unread entry was deleted, the server can no longer count them: `UNKNOWN`, until all are read.
        """
        groups: Any = self.client.xinfo_groups(self.keys.raw(lane))
        for group in groups:
            if group["name"] == GROUP.encode():
                lag = group["lag"]
                return UNKNOWN if lag is None else int(lag), group["last-delivered-id"].decode()
        return UNKNOWN, "0-0"

    def workers(self) -> int:
        """Return how many worker processes are alive, as their main processes report."""
        seen: Any = self.client.zrange(self.keys.alive, 0, -1, withscores=True)
        living = [
            name
            for name, at in seen
            if name.startswith(b"worker:") and at >= seen[-1][1] - 1000 * self.settings.lease
        ]
        return len(living) - len({name.rpartition(b":")[0] for name in living})  # the main ones

    def wait(self, after: dict[Lane, str], seconds: float) -> None:
        """Block until a stream has an entry after the given id, for `seconds` at most."""
        streams: dict[Any, Any] = {self.keys.raw(lane): last for lane, last in after.items()}
        self.client.xread(streams, count=1, block=max(1, int(seconds * 1000)))

    def take(self, lane: Lane, worker: str, ids: Sequence[str]) -> list[Entry]:
        """Take the entries that an intake has issued and nobody has taken yet.

        Raises:
            redis.RedisError: no answer came. The server may have assigned the entries all the same, and
                nobody takes entries from a living process: they are handed back as soon as it answers,
                before anything else is taken.
        """
        self._give_back()
        keys = [
            self.keys.raw(lane),
            self.keys.history(lane),
            self.keys.stages(lane),
            self.keys.delivered(lane),
        ]
        entries = []
        try:
            taken = self._run("take", keys, [GROUP, worker, *ids])
        except redis.RedisError:
            self._unanswered.append((lane, worker, ids))
            threading.Thread(target=self._keep_giving_back, name="give back", daemon=True).start()
            raise
        for entry_id, pairs, history, progress, tries in taken:
            fields = dict(zip(pairs[::2], pairs[1::2], strict=True))
            entries.append(
                Entry(
                    lane=lane,
                    id=entry_id.decode(),
                    desk=self.settings.namespace,
                    data=fields.get(FIELD),
                    run=fields.get(RUN_FIELD, b"").decode("utf-8", "replace"),
                    origin=fields.get(ORIGIN_FIELD, b"").decode("utf-8", "replace"),
                    history=tuple(orjson.loads(history)) if history else (),
                    stage=orjson.loads(progress)["stage"] if progress else "",
                    tries=tries,
                )
            )
        return entries

    def _give_back(self) -> None:
        """Hand back the batches that were asked for and never confirmed."""
        with self._giving_back:
            while self._unanswered:
                lane, worker, ids = self._unanswered[0]
                entries = (Entry(lane=lane, id=one, data=None) for one in ids)
                self.hand_back(lane, worker, (Return(entry, 0.0) for entry in entries))
                del self._unanswered[0]

    def _keep_giving_back(self) -> None:
        while self._unanswered:
            with suppress(redis.RedisError):
                self._give_back()
            time.sleep(self.settings.lease / 5)

    def refresh(self, lane: Lane, worker: str, ids: Sequence[str]) -> int:
        """Refresh a worker's hold on its batch; return how many entries it still holds."""
        return int(self._run("refresh", [self.keys.raw(lane)], [GROUP, worker, *ids]))

    def note_delivered(self, lane: Lane, outcomes: dict[str, Outcome]) -> None:
        """Record the outcomes of delivered entries: the first one counts, whichever worker settles it."""
        if outcomes:
            pairs = [part for entry, outcome in outcomes.items() for part in (entry, outcome.value)]
            self._run("note", [self.keys.raw(lane), self.keys.delivered(lane)], [GROUP, *pairs])

    def settle(self, lane: Lane, settlements: Iterable[Settlement]) -> int:
        """Acknowledge the entries and count each outcome once; return how many this call settled."""
        keys = [
            self.keys.raw(lane),
            self.keys.counts(lane),
            self.keys.history(lane),
            self.keys.dead,
            self.keys.delivered(lane),
            self.keys.stages(lane),
        ]
        places: dict[str, int] = {}
        args: list[Any] = [GROUP, RUN_LIFE, self.settings.dead_letter_max_length]
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
        return int(self._run("settle", keys, args)) if len(args) > 3 else 0

    def hand_back(self, lane: Lane, worker: str, returns: Iterable[Return]) -> int:
        """Hand entries back; return how many this worker still held."""
        args: list[Any] = [GROUP, worker]
        for one in returns:
            args += [one.entry.id, int(one.delay * 1000), one.event]
        keys = [self.keys.raw(lane), self.keys.later(lane), self.keys.history(lane)]
        return int(self._run("hand_back", keys, args)) if len(args) > 2 else 0

    def gone(self, lane: Lane, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries that are no longer pending: settled by others, or deleted from the stream."""
        with self.client.pipeline(transaction=False) as pipe:
            for entry in entries:
                pipe.xpending_range(self.keys.raw(lane), GROUP, entry.id, entry.id, 1)
            found = pipe.execute()
        return [entry for entry, pending in zip(entries, found, strict=True) if not pending]

    def give_up(self, lane: Lane, prefix: str) -> int:
        """Hand back everything that the processes with this prefix hold, due at once; return how many.

        The prefix ends with a colon: `worker:host:token:` names all processes of a worker,
        `worker:host:token:12:` one of them.
        """
        keys = [self.keys.raw(lane), self.keys.later(lane)]
        return int(self._run("give_up", keys, [GROUP, prefix]))

    def mark(self, entry: Entry, stage: Stage) -> None:
        """Record how far an isolated entry has come, in case it kills its worker."""
        keys = [self.keys.raw(entry.lane), self.keys.stages(entry.lane)]
        self._run("note", keys, [GROUP, entry.id, orjson.dumps({"stage": stage.value})])

    def keep_alive(self, living: Sequence[str], ended: Sequence[str] = ()) -> None:
        """Report which worker processes and intakes are alive, and which worker processes have ended."""
        args = [len(living), *living, *ended]
        self._run("alive", [self.keys.alive, self.keys.ended], args)

    def forget(self, names: Sequence[str]) -> None:
        """Withdraw the report that these are alive: they have ended cleanly and hold nothing."""
        if names:
            self.client.zrem(self.keys.alive, *names)

    def tidy(self, lane: Lane, *, idle: float = 3600.0) -> int:
        """Forget consumers that hold nothing and were silent for `idle` seconds; return how many."""
        return int(self._run("tidy", [self.keys.raw(lane)], [GROUP, int(idle * 1000)]))

    def hand_on(self, lane: Lane, worker: str, ids: Sequence[str]) -> tuple[list[str], int]:
        """Hand entries on to the workers that enrich; return those still held, and the server's time (ms)."""
        handed, now = self._run("hand_on", [self.keys.raw(lane)], [GROUP, worker, *ids])
        return [one.decode() for one in handed], int(now)

    def count_time(self, lane: Lane, stopwatch: Stopwatch) -> None:
        """Add the time spent in each stage to the lane's counts, as `<stage>_us`."""
        with self.client.pipeline(transaction=False) as pipe:
            for stage, microseconds in stopwatch.microseconds.items():
                pipe.hincrby(self.keys.counts(lane), f"{stage}_us", microseconds)
            pipe.execute()

    def due(
        self, lane: Lane, consumer: str, count: int, cursor: str = "-", room: int | None = None
    ) -> Due:
        """Find entries to hand to Celery again: those due, and those that were lost.

        Up to `count` entries go together; the others take about `room` messages.
        """
        settings, keys = self.settings, self.keys
        stuck = settings.hard_time_limit + settings.lease
        args: list[str | int] = [
            GROUP,
            consumer,
            *(int(s * 1000) for s in (settings.lease, settings.reissue_after, stuck)),
            count,
            count if room is None else room,
            cursor,
            int(not settings.broker_url),
            PART,
        ]
        together, few, alone, position, deaths, now, gone = self._run(
            "due",
            [
                keys.raw(lane),
                keys.later(lane),
                keys.history(lane),
                keys.alive,
                keys.queue(lane),
                keys.watch(lane),
                keys.stages(lane),
                keys.enrich_queue(lane),
                keys.ended,
                keys.delivered(lane),
            ],
            args,
        )
        return Due(
            [one.decode() for one in together],
            [one.decode() for one in few],
            [one.decode() for one in alone],
            position.decode(),
            int(deaths),
            int(now) / 1000,
            [one.decode() for one in gone],
        )

    def trim(self, lane: Lane, *, keep: float | None = None) -> int:
        """Trim settled entries past the retention (or older than `keep` s); return how many went."""
        kept = self.settings.raw_retention if keep is None else keep
        args = [GROUP, int(kept * 1000), self.settings.raw_max_length]
        return int(self._run("trim", [self.keys.raw(lane)], args))

    def bound_letters(self) -> int:
        """Drop the oldest dead letters where all of them take too much memory; return how many."""
        bound, dead = self.settings.dead_letter_max_bytes, self.keys.dead
        size = int(self.client.memory_usage(dead, samples=20) or 0) if bound else 0
        if size <= bound:
            return 0
        keep = int(self.client.xlen(dead)) * bound // size
        return int(self.client.xtrim(dead, maxlen=keep, approximate=True))

    def _run(self, name: str, keys: Sequence[str], args: Iterable[Any]) -> Any:
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = load_script(self.client, name)
        return script(keys=list(keys), args=list(args))
