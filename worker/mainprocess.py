"""The main process of a Celery worker: what it does for the processes that do the work.

It says on the server which of them live, so that one that is merely busy is not taken for dead. When the
worker is stopped it interrupts what is not done at the end of the grace period, and gives up what is left.
"""

import os
import secrets
import socket
import threading
import time

import redis
import structlog
from billiard import active_children

from worker.lanes import Lane
from worker.services import connect
from worker.settings import Settings
from worker.streams import RawStreams
from worker.timelimits import INTERRUPT

log = structlog.get_logger(__name__)


class MainProcess:
    """One worker's main process, and the names of its children as holders of entries."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # A container has the same host name and process ids after a restart: the token tells them apart.
        self.prefix = f"worker:{socket.gethostname()}:{secrets.token_hex(3)}:"
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def name(self) -> str:
        """Return the name of the calling process, the main one or a child."""
        return f"{self.prefix}{os.getpid()}"

    def start(self) -> None:
        """Begin to say which processes live, until the main process ends."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._tell, name="alive", daemon=True)
            self._thread.start()

    def begin_stop(self) -> None:
        """The worker was asked to stop: interrupt its children when the grace period is over."""
        if not self._stopping.is_set():
            self._stopping.set()
            threading.Thread(target=self._interrupt, name="grace", daemon=True).start()

    def end_stop(self) -> None:
        """The children are gone: give up what they have not brought to an end."""
        try:
            with connect(self.settings) as client:
                streams = RawStreams(client, self.settings)
                given = sum(streams.give_up(lane, self.prefix) for lane in Lane)
        except redis.RedisError as error:
            log.warning("not given up, it will be found when the lease is over", error=str(error))
            return
        if given:
            log.info("given up", entries=given)

    def _tell(self) -> None:
        streams = RawStreams(connect(self.settings), self.settings)
        while True:
            names = [f"{self.prefix}{child.pid}" for child in active_children()]
            try:
                streams.keep_alive([self.name(), *names])
            except redis.RedisError as error:
                log.warning("could not say who lives", error=str(error))
            time.sleep(self.settings.lease / 4)

    def _interrupt(self) -> None:
        time.sleep(self.settings.grace)
        for child in active_children():
            if child.pid is not None:
                os.kill(child.pid, INTERRUPT)
