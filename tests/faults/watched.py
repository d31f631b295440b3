"""A master, its replica, and three sentinels that watch them: real processes."""

import subprocess
import time
from pathlib import Path
from typing import Self

import redis

from tests.faults.servers import Server, server_binaries
from tests.ports import free_port

SECRET = "a:b@c/d"
"""A password that an address must not take for a part of its own."""
QUOTED = "a%3Ab%40c%2Fd"


class WatchedServers:
    """Two servers with a password, and sentinels with another. `url` is what a desk is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._binary = server_binaries()["embedded"]
        self._servers: list[Server] = []
        self._sentinels: list[subprocess.Popen[bytes]] = []
        self._ports = [free_port() for _ in range(3)]
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        self.url = f"redis+sentinel://:{QUOTED}@{hosts}/news?sentinel_password=watch"

    def start(self) -> Self:
        """Start all, and wait until the sentinels know each other and the replica."""
        login = ["--requirepass", SECRET, "--masterauth", SECRET]
        master = self._serve("one", login)
        self._serve("two", [*login, "--replicaof", f"127.0.0.1 {master.port}"])
        for port in self._ports:
            self._watch(port, master.port)
        deadline = time.monotonic() + 30
        while not all(self._is_ready(port) for port in self._ports):
            assert time.monotonic() < deadline, "the sentinels do not find each other"
            time.sleep(0.1)
        return self

    def kill_master(self) -> None:
        """Kill the first master without a word."""
        self._servers[0].kill()

    def stop(self) -> None:
        """End all processes."""
        for sentinel in self._sentinels:
            sentinel.kill()
            sentinel.wait()
        for server in self._servers:
            server.stop()

    def _serve(self, name: str, options: list[str]) -> Server:
        server = Server(self._binary, self._folder / name, options=options)
        server.url = server.url.replace("://", f"://:{QUOTED}@")
        server.start()
        self._servers.append(server)
        return server

    def _watch(self, port: int, master: int) -> None:
        folder = self._folder / f"sentinel-{port}"
        folder.mkdir(parents=True)
        configuration = folder / "sentinel.conf"
        configuration.write_text(
            f"port {port}\nbind 127.0.0.1\nlogfile log\nrequirepass watch\n"
            f"sentinel sentinel-pass watch\nsentinel monitor news 127.0.0.1 {master} 2\n"
            f'sentinel auth-pass news "{SECRET}"\nsentinel down-after-milliseconds news 1000\n'
            "sentinel failover-timeout news 6000\n"
        )
        command = [self._binary, str(configuration), "--sentinel"]
        self._sentinels.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL))

    def _is_ready(self, port: int) -> bool:
        try:
            with redis.Redis(port=port, password="watch", socket_timeout=2) as sentinel:
                state = sentinel.sentinel_masters().get("news")  # type: ignore[no-untyped-call]
        except redis.RedisError:
            return False
        return bool(state) and state["num-other-sentinels"] == 2 and state["num-slaves"] == 1
