"""The intake: reads raw entries and hands them to Celery in batches of ids. It never acknowledges."""

import os
import socket
import threading
import time
from dataclasses import dataclass, field

import kombu.exceptions
import redis
import structlog

from worker.app import Desk
from worker.lanes import Lane
from worker.services import connect
from worker.streams import RawStreams

log = structlog.get_logger(__name__)

LOOK_FOR_DUE = 0.25
"""Seconds between looks for entries that are due again or were lost."""
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


class Intake:
    """Reads the lanes, live first, and sends batches to Celery while its queues have room.

    Several may run; each entry is read by one of them.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.settings = desk.settings
        self.client = connect(desk.settings)
        self.streams = RawStreams(self.client, desk.settings)
        self.name = f"intake:{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self._lanes = {lane: _LaneState() for lane in Lane}
        self._next_look = 0.0
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
        self._send_all()
        log.info("intake stopped", consumer=self.name)

    def stop(self) -> None:
        """Ask `run` to come to its end; what it has read is sent first."""
        self.stopping.set()

    def _turn(self) -> None:
        now = time.monotonic()
        read = 0
        for lane, state in self._lanes.items():
            room = self._room(lane)
            if now >= self._next_look:
                room -= self._issue_due(lane, state, room)
            if room > 0:
                read += self._read(lane, state, room)
            self._send_full(lane, state, now)
        if now >= self._next_look:
            self._next_look = now + LOOK_FOR_DUE
        if now >= self._next_trim:
            self._next_trim = now + TRIM_EVERY
            for lane in Lane:
                self.streams.trim(lane)
        if not read:
            self._rest(now)

    def _room(self, lane: Lane) -> int:
        """Return how many more messages the lane's queue may hold."""
        return self.settings.queue_limit - int(self.client.llen(self.streams.keys.queue(lane)))

    def _read(self, lane: Lane, state: _LaneState, room: int) -> int:
        want = self.settings.batch_size * room - len(state.ids)
        if want <= 0:
            return 0
        ids, state.last = self.streams.read(lane, self.name, min(want, 1000))
        if ids and not state.ids:
            state.since = time.monotonic()
        state.ids += ids
        return len(ids)

    def _send_full(self, lane: Lane, state: _LaneState, now: float) -> None:
        size = self.settings.batch_size
        while len(state.ids) >= size:
            self._send(lane, state.ids[:size])
            del state.ids[:size]
            state.since = now
        if state.ids and now - state.since >= self.settings.batch_wait:
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
        found = self.streams.due(lane, self.name, min(self.settings.batch_size, room), state.cursor)
        state.cursor = found.cursor
        if found.together:
            self._send(lane, found.together)
        for one in found.alone:
            self._send(lane, [one])
        return bool(found.together) + len(found.alone)

    def _send(self, lane: Lane, ids: list[str]) -> None:
        self.desk.send_task(
            "copydesk.process",
            args=(lane.value, ids),
            queue=self.streams.keys.queue(lane),
            retry=False,
        )

    def _rest(self, now: float) -> None:
        """Wait for something new, no longer than what is at hand may wait."""
        seconds = LOOK_FOR_DUE
        for state in self._lanes.values():
            if state.ids:
                seconds = min(seconds, max(0.001, self.settings.batch_wait - (now - state.since)))
        open_lanes = {
            lane: state.last for lane, state in self._lanes.items() if self._room(lane) > 0
        }
        if open_lanes:
            self.streams.wait(open_lanes, seconds)
        else:
            self.stopping.wait(min(seconds, 0.02))
