"""The intake: reads raw entries and hands them on in batches of ids. It never acknowledges."""

import os
import socket
import threading
import time
from dataclasses import dataclass, field

import kombu.exceptions
import redis
import structlog

from worker.batches import BatchSize
from worker.breaker import Breakers, Word
from worker.dispatch import Dispatch
from worker.lanes import Lane
from worker.settings import Settings
from worker.streams import RawStreams

log = structlog.get_logger(__name__)

PROBE_SIZE = 16
"""Articles in a batch that probes whether a breaker may close."""
LOOK_FOR_DUE = 0.25
"""Seconds between looks for entries that are due again or were lost."""
LOOK_FOR_IDLE = 0.02
"""Seconds between looks for an idle worker while a batch fills."""
SIZE_EVERY = 2.0
"""Seconds between looks at how many articles fit into a batch, and words that the intake lives."""
TRIM_EVERY = 30.0
"""Seconds between trims of the raw streams."""


@dataclass(slots=True)
class _LaneState:
    """What the intake knows of one lane."""

    ids: list[str] = field(default_factory=list)
    since: float = 0.0
    """When the first of `ids` was read, monotonic seconds."""
    last: str = "0-0"
    """Id up to which the group has read."""
    cursor: str = "-"
    """Where the search for lost entries goes on."""
    word: Word = Word.GO
    """What the breaker said at the last look."""


def name_of(process: int) -> str:
    """Return the name of the intake that a process of this machine is, as a holder of entries."""
    return f"intake:{socket.gethostname()}:{process}"


class Intake:
    """Reads the lanes, live first, and hands batches on while there is room for them.

    Several may run; each entry is read by one of them.
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
        self._wait = settings.low_latency_wait if settings.low_latency else settings.batch_wait
        self._size = BatchSize(self.settings.batch_size, self.settings.batch_seconds)
        self._next_look = 0.0
        self._next_size = 0.0
        self._next_trim = 0.0

    def run(self) -> None:
        """Read until `stop` is called. A server that goes away is waited for."""
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
                if "OOM" in str(error):
                    self._make_room()
        self._send_all()
        log.info("intake stopped", consumer=self.name)

    def stop(self) -> None:
        """Ask `run` to come to its end; what it has read is sent first."""
        self.stopping.set()

    def _turn(self) -> None:
        now = time.monotonic()
        look = now >= self._next_look
        read = 0
        for lane, state in self._lanes.items():
            if look:
                self._ask(lane, state)
            if state.word is not Word.GO:
                continue
            room = self.dispatch.room(lane)
            if look:
                room -= self._issue_due(lane, state, room)
            # Some room is left for what comes again: a lane that is always full would never see it.
            if room > self.dispatch.spare:
                read += self._read(lane, state, room - self.dispatch.spare)
            self._send_full(lane, state, now, idle=room == self.dispatch.limit)
        if look:
            self._next_look = now + LOOK_FOR_DUE
        if now >= self._next_size:
            self._next_size = now + SIZE_EVERY
            self._size.look(self.client, self.streams.keys)
            self.streams.keep_alive([self.name])
        if now >= self._next_trim:
            self._next_trim = now + TRIM_EVERY
            self._tidy_up()
        if not read:
            self._rest(now)

    def _ask(self, lane: Lane, state: _LaneState) -> None:
        """Ask the breaker whether to go on; where it wants a probe, send one small batch."""
        word = self.breakers.ask(lane)
        if word is Word.PROBE:
            if self._send_probe(lane, state):
                log.info("probing", lane=lane.value)
            else:
                self.breakers.pass_on(lane)
        if word is not Word.GO and state.word is Word.GO:
            log.warning("the intake of a lane stops", lane=lane.value, why=self._why())
        elif word is Word.GO and state.word is not Word.GO:
            log.info("the intake of a lane goes on", lane=lane.value)
        state.word = word

    def _send_probe(self, lane: Lane, state: _LaneState) -> bool:
        ids = state.ids[:PROBE_SIZE]
        del state.ids[:PROBE_SIZE]
        if not ids:
            found = self.streams.due(lane, self.name, PROBE_SIZE, room=PROBE_SIZE)
            self._note_clock(found.now)
            for one in found.alone:
                self._send(lane, [one], probe=True)
            if found.alone and not found.together:
                return True
            ids = found.together
        if not ids:
            ids, state.last = self.streams.read(lane, self.name, PROBE_SIZE)
        if ids:
            self._send(lane, ids, probe=True)
        return bool(ids)

    def _why(self) -> str:
        return "; ".join(f"{state.name}: {state.why}" for state in self.breakers.states())

    def _tidy_up(self) -> None:
        """Trim what is settled and old, all of it when the server is short of memory; forget the dead."""
        memory = self.client.info("memory")
        most = int(memory.get("maxmemory", 0))
        short = bool(most) and int(memory["used_memory"]) > 0.9 * most
        for lane in Lane:
            bound, stream = self.settings.raw_max_bytes, self.streams.keys.raw(lane)
            large = bool(bound) and int(self.client.memory_usage(stream, samples=20) or 0) > bound
            self.streams.trim(lane, keep=0.0 if short or large else None)
            self.streams.tidy(lane)
        if gone := self.streams.bound_letters():
            log.warning("the oldest dead letters are gone: they took too much memory", letters=gone)

    def _make_room(self) -> None:
        """The server is out of memory: what is settled goes, so that what is not can be settled."""
        try:
            self._tidy_up()
        except redis.RedisError as error:
            log.warning("could not make room", error=str(error))

    def _note_clock(self, server: float) -> None:
        self._server_clock = server - time.monotonic()

    def _read(self, lane: Lane, state: _LaneState, room: int) -> int:
        want = self._size.articles * room - len(state.ids)
        if want <= 0:
            return 0
        ids, state.last = self.streams.read(lane, self.name, min(want, 1000))
        if ids and not state.ids:
            state.since = time.monotonic()
        state.ids += ids
        return len(ids)

    def _send_full(self, lane: Lane, state: _LaneState, now: float, *, idle: bool) -> None:
        """Send full batches; one that is not full once it has waited, or at once to an idle worker."""
        size = self._size.articles
        while len(state.ids) >= size:
            self._send(lane, state.ids[:size])
            del state.ids[:size]
            state.since = now
        if state.ids and (idle or now - state.since >= self._wait):
            self._send(lane, state.ids)
            state.ids = []

    def _send_all(self) -> None:
        for lane, state in self._lanes.items():
            if state.ids:
                try:
                    self._send(lane, state.ids)
                except (redis.RedisError, kombu.exceptions.OperationalError, OSError) as error:
                    log.warning(
                        "a last batch was not sent, it will be issued again", error=str(error)
                    )

    def _issue_due(self, lane: Lane, state: _LaneState, room: int) -> int:
        """Send what is due again or was lost; return the number of messages sent."""
        if room <= 0:
            return 0
        found = self.streams.due(lane, self.name, self._size.articles, state.cursor, room=room)
        state.cursor = found.cursor
        self._note_clock(found.now)
        if found.deaths:
            self.breakers.record(
                lane, good=0, bad=found.deaths, probe=False, why="articles take their workers along"
            )
        if found.together:
            self._send(lane, found.together)
        for one in found.alone:
            self._send(lane, [one])
        return bool(found.together) + len(found.alone)

    def _send(self, lane: Lane, ids: list[str], *, probe: bool = False) -> None:
        issued = int((self._server_clock + time.monotonic()) * 1000)
        self.dispatch.send(lane, ids, issued=issued, probe=probe)

    def _rest(self, now: float) -> None:
        """Wait for something new, no longer than what is at hand may wait."""
        seconds = LOOK_FOR_DUE
        for state in self._lanes.values():
            if state.ids and state.word is Word.GO:
                left = self._wait - (now - state.since)
                seconds = min(seconds, max(0.001, left), LOOK_FOR_IDLE)
        open_lanes = {
            lane: state.last
            for lane, state in self._lanes.items()
            if state.word is Word.GO and self.dispatch.room(lane) > self.dispatch.spare
        }
        if open_lanes:
            self.streams.wait(open_lanes, seconds)
        else:
            self.stopping.wait(min(seconds, 0.02))
