"""Workers without Celery: each process takes its batches from the stream itself.

The guarantees are those of the Celery workers, because the parts are the same: each process has an intake of
its own, holds its entries, runs the pipeline and settles. What Celery's main process does is done here: a
process that died is started again, one that is stuck is killed, and one that has grown too large is replaced.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from billiard import Process, Value

from worker import enrichment, services, sinks
from worker.enrichment.base import Enricher
from worker.intake import Intake
from worker.lanes import Lane
from worker.logs import set_up
from worker.mainprocess import MainProcess
from worker.memory import grown, limit_memory
from worker.services import Services
from worker.settings import Settings
from worker.supervisor import end_with_parent
from worker.warmup import warm_up
from worker.work import process_batch

log = structlog.get_logger(__name__)

LOOK = 0.5
"""Seconds between looks at the processes."""


class DirectDispatch:
    """Processes each batch at once: one batch at a time, without a queue."""

    limit = 1
    spare = 0
    at_once = True

    def __init__(
        self, services: Services, at_work: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """`at_work` surrounds each batch."""
        self._services = services
        self._at_work = at_work

    def room(self, _lane: Lane) -> int:
        """Return room for one batch."""
        return self.limit

    def send(self, lane: Lane, ids: list[str], *, issued: int, probe: bool) -> None:  # noqa: ARG002 - no queue
        """Process the batch.

        Raises:
            redis.RedisError: the server is away; the entries stay pending.
        """
        with self._at_work():
            process_batch(self._services, lane, ids, probe=probe)


@dataclass(slots=True)
class _Child:
    process: Any
    began: Any
    """Shared memory: when its batch began, monotonic seconds; 0: it has none."""


class DirectWorkers:
    """One worker process per core, each with an intake of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.main = MainProcess(settings)
        self.stopping = threading.Event()
        self._enrichers: Sequence[Enricher] = ()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; batches in progress are finished within the grace period."""
        set_up(self.settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        sinks.check_names(self.settings)
        self._enrichers = enrichment.build(self.settings)
        warm_up(self._enrichers)
        children = [self._start() for _ in range(self.settings.concurrency or os.cpu_count() or 1)]
        self.main.start()
        log.info("direct workers started", processes=len(children))
        while not self.stopping.wait(LOOK):
            children = [self._checked(child) for child in children]
        self.main.begin_stop()
        for child in children:
            if child.process.is_alive():
                child.process.terminate()
        deadline = time.monotonic() + self.settings.grace + self.settings.lease
        for child in children:
            child.process.join(max(0.0, deadline - time.monotonic()))
            self._kill(child)
        self.main.end_stop()
        log.info("direct workers stopped")

    def _start(self) -> _Child:
        began = Value("d", 0.0)
        process = Process(target=self._work, args=(began, os.getpid()), daemon=True)
        process.start()
        return _Child(process, began)

    def _checked(self, child: _Child) -> _Child:
        """Return the child, or a new one in its place if it is gone or stuck."""
        began = child.began.value
        if began and time.monotonic() - began > self.settings.hard_time_limit:
            log.error("a batch is stuck, its process is killed", pid=child.process.pid)
            self._kill(child)
        if child.process.is_alive():
            return child
        child.process.join()
        if child.process.exitcode:
            log.error("a worker process died", pid=child.process.pid, status=child.process.exitcode)
        return self._start()

    def _kill(self, child: _Child) -> None:
        if child.process.is_alive():
            os.kill(child.process.pid, signal.SIGKILL)
            child.process.join()

    def _work(self, began: Any, parent: int) -> None:
        """Run as a worker process of the main process `parent`."""
        # What is inherited would pass over a stop that comes before there is an intake to be stopped.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        limit_memory(self.settings.child_memory_limit)
        built = services.build(self.settings, self._enrichers, worker=self.main.name())
        built.limits.install()

        @contextmanager
        def at_work() -> Iterator[None]:
            began.value = time.monotonic()
            try:
                yield
            finally:
                began.value = 0.0
                if grown(self.settings.max_child_memory):
                    intake.stop()

        intake = Intake(self.settings, built.client, DirectDispatch(built, at_work))
        signal.signal(signal.SIGTERM, lambda *_: intake.stop())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops us
        # Without the main process nobody would say that we live, or end us when we are stuck.
        end_with_parent()
        if os.getppid() != parent:
            return
        intake.run()
        built.close()
