"""The intake: reads raw entries and hands them on in batches of ids. It never acknowledges."""

import math
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import kombu.exceptions
import redis
import structlog

from worker.batches import BatchSize
from worker.breaker import Breakers, Word
from worker.dispatch import Dispatch
from worker.entries import Due, holder_name
from worker.errors import CopydeskError
from worker.lanes import Lane
from worker.pressure import SHORT, memory_used
from worker.settings import Settings
from worker.streams import RawStreams

log = structlog.get_logger(__name__)

PROBE_SIZE = 16
"""Articles in a batch that probes whether a breaker may close."""
LOOK_FOR_DUE = 0.25
"""Seconds between looks for entries that are due again or were lost."""
LOOK_SOON = 0.02
"""Seconds between looks while there is more to send: articles unread, or due again."""
SIZE_EVERY = 2.0
"""Seconds between two estimates of how many articles fit into a batch, and between two signs of life."""
TRIM_EVERY = 30.0
"""Seconds between trims of the raw streams."""
TRIM_SOON = 3.0
"""The same while the server is short of memory."""


@dataclass(slots=True)
class _LaneState:
    """What the intake knows of one lane."""

    unread: int = 0
    """Unread entries at the last look."""
    since: float = 0.0
    """Monotonic seconds since which entries have waited to be read."""
    waiting: int = 0
    """Batches that waited for a worker at the last look."""
    last: str = "0-0"
    """Id up to which the group has read."""
    cursor: str = "-"
    """Where the search for lost entries continues."""
    more: bool = False
    """Whether the last search stopped at its limit."""
    word: Word = Word.GO
    """What the breaker said at the last look."""


def name_of(process: int) -> str:
    """Return the name under which the intake in a process of this machine holds entries."""
    return f"intake:{socket.gethostname()}:{process}"


class Intake:
    """Reads the lanes, live first, and hands batches on while there is room for them.

    Several intakes may run; each entry is read by one of them.
    """

    def __init__(self, settings: Settings, client: redis.Redis, dispatch: Dispatch) -> None:
        self.settings = settings
        self.client = client
        self.dispatch = dispatch
        self.streams = RawStreams(client, settings)
        self.name = name_of(os.getpid())
        self.breakers = Breakers(client, settings)
        self.stopping = threading.Event()
        self._server_clock = 0.0
        self._lanes = {lane: _LaneState() for lane in Lane}
        short = settings.low_latency
        self._seconds = settings.low_latency_seconds if short else settings.batch_seconds
        self._wait = settings.batch_wait
        self._size = BatchSize(settings.batch_size, self._seconds, settings.batch_seconds)
        self._workers = 1
        self._next_look = 0.0
        self._next_size = 0.0
        self._next_trim = 0.0

    def run(self) -> None:
        """Read until `stop` is called; wait for a server that goes away."""
        log.info("intake started", consumer=self.name)
        pause = 0.1
        while not self.stopping.is_set():
            try:
                self.streams.create_groups()
                while not self.stopping.is_set():
                    self._turn()
                    pause = 0.1
            except (redis.RedisError, kombu.exceptions.OperationalError, OSError) as error:
                # What was read and not sent stays pending, and is found again when it has waited too long.
                log.warning("the server is away, trying again", error=str(error), seconds=pause)
                self.stopping.wait(pause)
                pause = min(5.0, pause * 2)
                if isinstance(error, redis.OutOfMemoryError):
                    self._make_room()
                if not isinstance(
                    error, redis.RedisError
                ):  # the broker alone is: a new start would not help
                    with suppress(redis.RedisError):
                        self.streams.keep_alive([self.name])
        with suppress(redis.RedisError):  # else it counts as living for some seconds more
            self.streams.forget([self.name])
        log.info("intake stopped", consumer=self.name)

    def stop(self) -> None:
        """Ask `run` to end."""
        self.stopping.set()

    def _turn(self) -> None:
        now = time.monotonic()
        look = now >= self._next_look
        sent = 0
        for lane, state in self._lanes.items():
            sent += self._attend(lane, state, now, look=look)
            if sent and self.dispatch.at_once:  # meanwhile live articles may have come
                break
        else:
            if look:
                more = any(state.more for state in self._lanes.values())
                self._next_look = now + (LOOK_SOON if more else LOOK_FOR_DUE)
        if now >= self._next_size:
            self._next_size = now + SIZE_EVERY
            self._size.look(self.client, self.streams.keys)
            self._workers = max(1, self.streams.workers())
            self.streams.keep_alive([self.name])
        if now >= self._next_trim:
            self._next_trim = now + TRIM_EVERY
            self._tidy_up()
        if not sent:
            self._rest(now)

    def _attend(self, lane: Lane, state: _LaneState, now: float, *, look: bool) -> int:
        """Send a lane's entries to the workers; return the number of new batches."""
        if look:
            self._ask(lane, state)
        if state.word is not Word.GO:
            return 0
        if not state.unread:
            state.since = now
        state.unread, state.last = self.streams.unread(lane)
        if not look and not state.unread:
            return 0
        room = self.dispatch.room(lane)
        state.waiting = self.dispatch.limit - room
        if look:
            room -= self._issue_due(lane, state, room)
        return self._serve(lane, state, room, now)

    def _ask(self, lane: Lane, state: _LaneState) -> None:
        """Ask the breaker whether to go on; if it wants a probe, send one small batch."""
        word = self.breakers.ask(lane)
        if word is Word.PROBE:
            if self._send_probe(lane):
                log.info("probing", lane=lane.value)
            else:
                self.breakers.pass_on(lane)
        if word is not Word.GO and state.word is Word.GO:
            log.warning("the intake of a lane stops", lane=lane.value, why=self._why())
        elif word is Word.GO and state.word is not Word.GO:
            log.info("the intake of a lane goes on", lane=lane.value)
        state.word = word

    def _send_probe(self, lane: Lane) -> bool:
        found = self._find_due(lane, PROBE_SIZE, room=PROBE_SIZE)
        batches = found.batches or [self.streams.read(lane, self.name, PROBE_SIZE)]
        for ids in filter(None, batches):
            self._send(lane, ids, probe=True)
        return any(batches)

    def _why(self) -> str:
        return "; ".join(f"{state.name}: {state.why}" for state in self.breakers.states())

    def _tidy_up(self) -> None:
        """Trim old settled entries, all of them if the server is short of memory; forget dead consumers."""
        if short := memory_used(self.client) > SHORT:
            self._next_trim = time.monotonic() + TRIM_SOON
        for lane in Lane:
            bound, stream = self.settings.raw_max_bytes, self.streams.keys.raw(lane)
            large = bool(bound) and int(self.client.memory_usage(stream, samples=20) or 0) > bound
            self.streams.trim(lane, keep=0.0 if short or large else None)
            self.streams.tidy(lane)
        if gone := self.streams.bound_letters():
            log.warning("the oldest dead letters are gone: they took too much memory", letters=gone)

    def _make_room(self) -> None:
        """Drop settled entries of a server that is out of memory, so that the others can be settled."""
        try:
            self._tidy_up()
        except redis.RedisError as error:
            log.warning("could not make room", error=str(error))

    def _serve(self, lane: Lane, state: _LaneState, room: int, now: float) -> int:
        """Read and send as much as the workers want now; return the number of batches.

        The rest stays unread: batches are cut late, when it is known how much there is.
        """
        sent = 0
        # Some room is left for what comes again: a lane that is always full would never see it.
        while room > self.dispatch.spare:
            waited = now - state.since >= self._wait
            count = self._wanted(state.unread, self.dispatch.limit - room, waited=waited)
            ids = self.streams.read(lane, self.name, count) if count else []
            if not ids:  # or another intake has read them
                break
            self._send(lane, ids)
            state.unread = max(0, state.unread - len(ids))
            state.since = now
            room -= 1
            sent += 1
        return sent

    def _wanted(self, unread: int, waiting: int, *, waited: bool) -> int:
        """Return how many of the unread articles to send now, while so many batches wait for a worker.

        Whole batches while there are plenty. The last ones get smaller, so that two of the same size are left
        for each other worker, and are sent when a worker has none waiting: all workers finish together. A few
        articles wait for more, unless a worker may be idle.
        """
        share = math.ceil(unread / (2 * self._workers - 1))
        if share >= self._size.articles:
            return self._size.articles
        if waiting >= self._workers:
            return 0
        if waiting and unread < self._size.least and not waited:
            return 0
        return min(unread, max(share, self._size.least))

    def _issue_due(self, lane: Lane, state: _LaneState, room: int) -> int:
        """Send entries that are due again or were lost; return the number of messages."""
        if room <= 0:
            return 0
        found = self._find_due(lane, self._size.articles, state.cursor, room=room)
        state.cursor = found.cursor
        batches = found.batches
        state.more = len(found.together) >= self._size.articles or len(batches) >= room
        if found.deaths:
            self.breakers.record(
                lane, good=0, bad=found.deaths, probe=False, why="articles take their workers along"
            )
        for ids in batches:
            self._send(lane, ids)
        return len(batches)

    def _find_due(self, lane: Lane, count: int, cursor: str = "-", *, room: int) -> Due:
        """Find the entries to issue again; give up the claims of those that somebody deleted."""
        found = self.streams.due(lane, self.name, count, cursor, room=room)
        self._server_clock = found.now - time.monotonic()
        if found.gone:
            self._give_up_claims(lane, found.gone)
        return found

    def _give_up_claims(self, lane: Lane, gone: list[str]) -> None:
        """Give up the claims of entries that somebody deleted: copies wait for them."""
        from worker.dedup.connect import index_of  # noqa: PLC0415 - an intake needs it nearly never

        holders = [holder_name(self.settings.namespace, lane, entry) for entry in gone]
        try:
            index_of(self.settings, self.client).abandon(holders)
        except (redis.RedisError, CopydeskError) as error:  # it is away, or of another version
            log.warning("claims of deleted entries stay until they run out", error=str(error))

    def _send(self, lane: Lane, ids: list[str], *, probe: bool = False) -> None:
        issued = int((self._server_clock + time.monotonic()) * 1000)
        self.dispatch.send(lane, ids, issued=issued, probe=probe)

    def _supply(self, waiting: int) -> float:
        """Return the seconds until no worker has more than two of the waiting batches before it."""
        return (waiting - 2 * self._workers) * self._seconds / self._workers

    def _rest(self, now: float) -> None:
        """Wait for new entries, or until a worker may want the unread ones."""
        seconds = min(LOOK_FOR_DUE, max(LOOK_SOON, self._next_look - now))
        open_lanes = {}
        for lane, state in self._lanes.items():
            if state.word is not Word.GO:
                continue
            if state.unread:  # what comes in a later lane would wait for these
                left = self._wait - (now - state.since)
                soon = min(seconds, max(LOOK_SOON, self._supply(state.waiting)))
                seconds = min(left, soon) if left > 0 else soon
                break
            open_lanes[lane] = state.last
        if open_lanes:
            self.streams.wait(open_lanes, seconds)
        else:
            self.stopping.wait(seconds)
