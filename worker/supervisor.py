"""Runs the roles of a desk as processes on one machine: an intake and Celery workers, or direct workers."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

import structlog

from worker.broker import EmbeddedBroker
from worker.errors import CopydeskError
from worker.lanes import Keys
from worker.settings import Settings

log = structlog.get_logger(__name__)

QUICK_DEATH = 10.0
"""A role that ends within this many seconds has failed to start."""
HAND_BACK = 5.0
"""Seconds after the grace period in which a worker hands back what it could not finish."""
MAX_QUICK_DEATHS = 3
"""Failed starts in a row after which the supervisor gives up."""


@dataclass(slots=True)
class Role:
    """One process that is kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = field(default=0)


class Supervisor:
    """Starts the roles, restarts those that die, and stops them in order: intake, then workers."""

    def __init__(
        self,
        settings: Settings,
        *,
        log_file: Path | None = None,
        broker: EmbeddedBroker | None = None,
    ) -> None:
        self.settings = settings
        self.log_file = log_file
        self.broker = broker
        self._output: IO[bytes] | None = None
        copydesk = [sys.executable, "-m", "worker"]
        if settings.direct:
            self.roles = [Role("worker", [*copydesk, "worker"])]
        else:
            self.roles = [
                Role("intake", [*copydesk, "intake"]),
                Role("worker", worker_command(settings)),
            ]

    def start(self) -> None:
        """Start all roles."""
        if self.log_file:
            self.log_file.parent.mkdir(parents=True, exist_ok=True)
            self._output = self.log_file.open("ab")
        for role in self.roles:
            self._start(role)

    def check(self) -> None:
        """Restart the roles, and the embedded server, that have died.

        Raises:
            CopydeskError: a role fails to start, with the end of its log in the text; or the server does.
        """
        if self.broker:
            self.broker.check()
        for role in self.roles:
            if role.process is None or role.process.poll() is None:
                continue
            lived = time.monotonic() - role.started
            role.quick_deaths = role.quick_deaths + 1 if lived < QUICK_DEATH else 0
            status = role.process.returncode
            if role.quick_deaths >= MAX_QUICK_DEATHS:
                raise CopydeskError(
                    f"The {role.name} does not start: it exited with status {status}. {self._log_end()}"
                )
            log.warning("role ended, starting it again", role=role.name, status=status)
            self._start(role)

    def stop(self) -> None:
        """Stop all roles; workers have the grace period to finish the batches in progress."""
        for role in self.roles:
            if role.process is None:
                continue
            if role.process.poll() is None:
                # The main process alone: a signal to the whole group leaves Celery's pool waiting for itself.
                role.process.terminate()
                try:
                    role.process.wait(self.settings.grace + HAND_BACK)
                except subprocess.TimeoutExpired:
                    role.process.send_signal(signal.SIGQUIT)
                    try:
                        role.process.wait(10)
                    except subprocess.TimeoutExpired:
                        role.process.kill()
                        role.process.wait()
            role.process = None
        if self._output:
            self._output.close()
            self._output = None

    def _start(self, role: Role) -> None:
        role.started = time.monotonic()
        role.process = subprocess.Popen(  # noqa: S603 - our own commands
            role.command,
            env={**os.environ, **self.settings.environment()},
            stdin=subprocess.DEVNULL,
            stdout=self._output or sys.stderr,
            stderr=self._output or sys.stderr,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in order
            preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads here
        )

    def _log_end(self) -> str:
        if not self.log_file or not self.log_file.exists():
            return "Its log is above."
        lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in reversed(lines[-8:]):
            if line.startswith("copydesk: "):  # what is wrong, in a sentence
                return line.removeprefix("copydesk: ")
        return f"The end of its log ({self.log_file}):\n" + "\n".join(lines[-8:])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def worker_command(settings: Settings, extra: list[str] | None = None) -> list[str]:
    """Return the command line of a Celery worker for both lanes, live first, in its queues."""
    keys = Keys(settings.namespace)
    kinds = settings.queues if settings.split_enrichment else ["process"]
    queues = ",".join(keys.queues(kinds))
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "worker", "worker", "-Q", queues]
    command += ["--concurrency", str(settings.concurrency or os.cpu_count() or 1)]
    command += [
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "--loglevel",
        settings.log_level,
    ]
    return command + (extra or [])


def end_with_parent() -> None:
    """Make the system send SIGTERM to this process when its parent dies (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
