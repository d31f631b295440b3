"""A desk of real processes under fire: one intake, some workers, and the means to hurt them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.clock import Clock
from tests.faults.disk import Disk
from worker.lanes import Lane
from worker.outcomes import Outcome
from worker.publisher import Publisher
from worker.services import connect
from worker.settings import Settings
from worker.status import Status, read_status
from worker.streams import RawStreams
from worker.supervisor import worker_command

PLUGIN = Path(__file__).parent / "plugin"
# A shell has what it starts in the background ignore SIGQUIT, and our processes would inherit that.
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


class FaultyDesk:
    """Intake and workers as a user starts them, with the poison enricher on their path.

    With `settings.direct` the workers are their own intakes; with `settings.split_enrichment` the workers
    serve the queues of `process` and of `enrich` in turn.
    """

    def __init__(self, settings: Settings, *, workers: int = 2, disk: Disk | None = None) -> None:
        self.settings = settings
        self.disk = disk
        """What the store stands on, where that can be filled."""
        self.clock = Clock(settings.data_dir / "clock")
        """The wall clock of its processes."""
        self.log = (settings.data_dir / "desk.log").open("ab")
        self.intake: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes] | None] = [None] * workers
        self.client = connect(settings)
        self.streams = RawStreams(self.client, settings)
        self.publisher = Publisher(settings, client=self.client)

    def start(self) -> None:
        """Start everything and wait till the workers answer."""
        self.streams.create_groups()
        self.start_intake()
        for number in range(len(self.workers)):
            self.start_worker(number)
        deadline = time.monotonic() + 60
        while sum(self._status().workers.values()) < len(self.workers):
            assert time.monotonic() < deadline, self.log_end()
            time.sleep(0.1)

    def start_intake(self) -> None:
        """Start the intake, where there is one."""
        if not self.settings.direct:
            self.intake = self._run(self.settings, [sys.executable, "-m", "worker", "intake"])

    def start_worker(self, number: int) -> None:
        """Start one worker."""
        settings = self.settings
        if settings.split_enrichment:
            settings = settings.model_copy(update={"queues": [("process", "enrich")[number % 2]]})
        command = [sys.executable, "-m", "worker", "worker"]
        if not settings.direct:
            command = worker_command(settings, ["--hostname", f"w{number}@%h"])
        self.workers[number] = self._run(settings, command)

    def kill_worker(self, number: int) -> None:
        """SIGKILL to a worker and its children, as the end of its machine would be."""
        worker = self.workers[number]
        if worker is not None and worker.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def children(self, number: int) -> list[int]:
        """Return the process ids of a worker's children."""
        worker = self.workers[number]
        if worker is None or worker.poll() is not None:
            return []
        listed = subprocess.run(
            ["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False
        )
        return [int(line) for line in listed.stdout.split()]

    def revive(self) -> None:
        """Start again whatever has ended."""
        if self.intake is None or self.intake.poll() is not None:
            self.start_intake()
        for number, worker in enumerate(self.workers):
            if worker is None or worker.poll() is not None:
                self.start_worker(number)

    def settled(self) -> int:
        """Return the number of articles that have their outcome."""
        return sum(self.outcomes().values())

    def outcomes(self) -> dict[str, int]:
        """Return the number of articles by outcome."""
        lanes = self._status().lanes
        return {one: sum(lane.outcomes[one] for lane in lanes) for one in Outcome}

    def wait_settled(self, count: int, seconds: float) -> None:
        """Wait until so many articles have their outcome; whatever has ended is started again.

        Raises:
            AssertionError: they have not in time.
        """
        deadline = time.monotonic() + seconds
        while (settled := self.settled()) < count:
            assert time.monotonic() < deadline, f"{settled} of {count} settled\n{self.log_end()}"
            self.revive()
            time.sleep(0.1)

    def left_over(self) -> dict[str, int]:
        """Return what is still on the server of articles that should all be settled."""
        keys, found = self.streams.keys, {}
        for lane in Lane:
            summary = self.client.xpending(keys.raw(lane), "copydesk")
            found[f"pending {lane}"] = int(summary["pending"])
            found[f"later {lane}"] = int(self.client.zcard(keys.later(lane)))
            for name in ("history", "stages", "delivered"):
                found[f"{name} {lane}"] = int(self.client.hlen(getattr(keys, name)(lane)))
        return {name: count for name, count in found.items() if count}

    def stop(self) -> None:
        """End all processes."""
        processes = [one for one in (self.intake, *self.workers) if one is not None]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.client.close()
        self.log.close()

    def log_end(self) -> str:
        """Return the end of the processes' log."""
        text = (self.settings.data_dir / "desk.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-15:])

    def _status(self) -> Status:
        return read_status(self.client, self.settings.namespace)

    def _run(self, settings: Settings, command: list[str]) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(PLUGIN), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            command,
            env={
                **os.environ,
                **settings.environment(),
                **self.clock.for_python(),
                "PYTHONPATH": path,
            },
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )


def wait_for(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)
