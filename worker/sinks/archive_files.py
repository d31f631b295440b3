"""Where the raw archive keeps its files: a folder of this machine, or a remote file system."""

import datetime as dt
import os
import socket
import tempfile
import time
from pathlib import Path
from typing import Any, Protocol

from worker.errors import ConfigurationError

SUFFIX = ".jsonl.zst"


class Files(Protocol):
    """Where the files are: a folder of this machine, or a remote file system."""

    def check(self) -> None:
        """Raise OSError if it cannot be used."""
        ...

    def append(self, day: str, frame: bytes) -> None:
        """Store a frame of that day for good."""
        ...

    def days(self) -> list[str]:
        """Return the days there are, in order."""
        ...

    def names(self, day: str) -> list[str]:
        """Return the names of the files of a day, in any order."""
        ...

    def read(self, day: str, name: str) -> bytes:
        """Return what a file holds."""
        ...


def files_at(url: str) -> Files:
    """Return the files at `url`: a folder, or any URL that fsspec knows.

    Raises:
        ConfigurationError: its kind needs a package that is not installed, or is none.
    """
    if "://" not in url:
        return LocalFiles(Path(url).expanduser())
    if url.startswith("file://"):
        return LocalFiles(Path(url.removeprefix("file://")))
    return RemoteFiles(url)


class LocalFiles:
    """A folder of this machine. Each process appends to a file of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._name = f"{_writer()}{SUFFIX}"

    def check(self) -> None:
        """Make the folder, and see that files may be made in it."""
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._root):
            pass

    def append(self, day: str, frame: bytes) -> None:
        """Append the frame and wait for the disk; a frame that does not fit is removed again."""
        folder = self._root / day
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / self._name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            end = os.fstat(descriptor).st_size
            try:
                with open(descriptor, "ab", buffering=0, closefd=False) as file:
                    written = 0
                    while written < len(frame):
                        written += file.write(frame[written:])
                os.fsync(descriptor)
            except BaseException:  # the batch may be interrupted here, too
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)

    def days(self) -> list[str]:
        """Return the names of the day folders."""
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if _is_day(path.name))

    def names(self, day: str) -> list[str]:
        """Return the names of the files of a day."""
        return [path.name for path in (self._root / day).glob(f"*{SUFFIX}")]

    def read(self, day: str, name: str) -> bytes:
        """Return what a file holds."""
        return (self._root / day / name).read_bytes()


class RemoteFiles:
    """A file system of fsspec. Objects there cannot be appended to: each frame is one."""

    def __init__(self, url: str) -> None:
        try:
            import fsspec  # noqa: PLC0415 - an extra
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"The archive {url} needs the package fsspec: pip install fsspec"
            ) from error
        try:
            self._system, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"The archive {url} cannot be used: {error}") from error
        self._writer = _writer()
        self._count = 0

    def check(self) -> None:
        """Do nothing: a system that is away now is waited for, as it is later."""

    def append(self, day: str, frame: bytes) -> None:
        """Store the frame as an object of its own, complete or not at all."""
        self._count += 1
        path = f"{self._root}/{day}/{self._writer}-{self._count:08}{SUFFIX}"
        try:
            self._system.pipe_file(path, frame)
        except Exception as error:  # each file system has errors of its own
            raise OSError(f"{type(error).__name__}: {error}") from error

    def days(self) -> list[str]:
        """Return the names of the day folders."""
        if not self._system.exists(self._root):
            return []
        names = (path.rstrip("/").rpartition("/")[2] for path in self._list(self._root))
        return sorted(name for name in names if _is_day(name))

    def names(self, day: str) -> list[str]:
        """Return the names of the objects of a day."""
        paths = (path.rpartition("/")[2] for path in self._list(f"{self._root}/{day}"))
        return [name for name in paths if name.endswith(SUFFIX)]

    def read(self, day: str, name: str) -> bytes:
        """Return what an object holds."""
        content: bytes = self._system.cat_file(f"{self._root}/{day}/{name}")
        return content

    def _list(self, folder: str) -> list[Any]:
        self._system.invalidate_cache()
        found: list[Any] = self._system.ls(folder, detail=False)
        return found


def _writer() -> str:
    """Return a name that no process had before, so that nobody appends to an incomplete frame."""
    return f"{socket.gethostname()}-{os.getpid()}-{time.time_ns()}"


def _is_day(name: str) -> bool:
    try:
        dt.date.fromisoformat(name)
    except ValueError:
        return False
    return True
