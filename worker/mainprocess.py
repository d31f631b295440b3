"""The main process of a worker: what it does for the processes that do the work.

It reports to the server which of them are alive, so that a process that is merely busy is not taken for
dead. When the worker stops, it interrupts what is unfinished at the end of the grace period, ends processes
that do not react, and hands back what is left.
"""

import atexit
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import redis
import structlog
from billiard import active_children

from worker.intake import name_of as intake_name
from worker.lanes import Lane
from worker.services import connect
from worker.settings import Settings
from worker.streams import RawStreams
from worker.timelimits import INTERRUPT

log = structlog.get_logger(__name__)

HEARS = 3.0
"""Seconds in which a process that is interrupted hands its batch back, before it is ended: it may be in C
code that never comes back, and would hold the stop up until the hard time limit."""


class MainProcess:
    """One worker's main process, and the names under which its children hold entries."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # A container has the same host name and process ids after a restart: the token tells them apart.
        self.prefix = f"worker:{socket.gethostname()}:{secrets.token_hex(3)}:"
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._told: Sequence[str] = ()

    def name(self) -> str:
        """Return the name of the calling process, the main one or a child."""
        return f"{self.prefix}{os.getpid()}"

    def start(self) -> None:
        """Report from now on which processes are alive, until the main process ends."""
        if self._thread is None:
            # A cold shutdown of Celery sends no signal at its end.
            atexit.register(self._at_exit, os.getpid())
            self._thread = threading.Thread(target=self._tell, name="alive", daemon=True)
            self._thread.start()

    def begin_stop(self) -> None:
        """Interrupt the children when the grace period is over: the worker was asked to stop."""
        if not self._stopping.is_set():
            self._stopping.set()
            threading.Thread(target=self._interrupt, name="grace", daemon=True).start()

    def end_stop(self) -> None:
        """Hand back what the children left unfinished, and report that none is alive any more."""
        self._ended.set()
        if self._thread is not None:  # it might say once more that they live
            self._thread.join(self.settings.lease)
        try:
            with connect(self.settings) as client:
                streams = RawStreams(client, self.settings)
                given = sum(streams.give_up(lane, self.prefix) for lane in Lane)
                streams.forget(self._told)
        except redis.RedisError as error:
            log.warning("not given up, it will be found when the lease is over", error=str(error))
            return
        if given:
            log.info("given up", entries=given)

    def _at_exit(self, main: int) -> None:
        if os.getpid() == main:  # a child inherits what is registered
            self.end_stop()

    def _tell(self) -> None:
        streams = RawStreams(connect(self.settings), self.settings)
        known: dict[str, Any] = {}
        while not self._ended.is_set():
            try:
                known = self._tell_once(streams, known)
            except Exception as error:  # noqa: BLE001 - who says no more that it lives is taken for dead
                log.warning("could not say who lives", error=str(error))
            self._ended.wait(min(1.0, self.settings.lease / 4))

    def _tell_once(self, streams: RawStreams, known: dict[str, Any]) -> dict[str, Any]:
        """Report which processes are alive, and which of the `known` have ended; return the living ones."""
        living = {f"{self.prefix}{child.pid}": child for child in active_children()}
        known.update(living)  # kept, should the server be away now
        ended = {name: child for name, child in known.items() if name not in living}
        # One that this process itself ended with SIGTERM died of nothing that it was at work on.
        stopped = [name for name, child in ended.items() if child.exitcode == -signal.SIGTERM]
        died = [name for name in ended if name not in stopped]
        for name in stopped:
            for lane in Lane:
                streams.give_up(lane, f"{name}:")
        streams.forget(stopped)
        self._told = [self.name(), *living, *self._intakes(living.values())]
        streams.keep_alive(self._told, died)
        return living

    def _intakes(self, children: Iterable[Any]) -> list[str]:
        """Return the names of the intakes: with `direct` each child is one."""
        return [intake_name(child.pid) for child in children] if self.settings.direct else []

    def _interrupt(self) -> None:
        time.sleep(self.settings.grace)
        self._signal(INTERRUPT)
        time.sleep(HEARS)
        self._signal(signal.SIGTERM)

    @staticmethod
    def _signal(number: signal.Signals) -> None:
        for child in active_children():
            if child.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, number)
