"""A disk of our own that can be full."""

import os
import subprocess
from pathlib import Path

ROOM = 2_000_000_000
"""Bytes of a disk that is not full; only what it holds takes memory."""


class NoDiskError(Exception):
    """No file system can be mounted here; the text says why."""


class Disk:
    """A file system in memory (tmpfs), mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        """Mount it.

        Raises:
            NoDiskError: this user may not.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._mount(ROOM)

    def fill(self) -> None:
        """Leave no room on it: it shrinks to what it holds."""
        while True:
            now = os.statvfs(self.folder)
            try:
                self._mount((now.f_blocks - now.f_bfree) * now.f_frsize, "remount")
            except NoDiskError:  # somebody wrote meanwhile
                continue
            return

    def free(self) -> None:
        """Make room again."""
        self._mount(ROOM, "remount")

    def close(self) -> None:
        """Take it away; what still has files open there keeps them."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _mount(self, size: int, *options: str) -> None:
        chosen = ",".join([*options, f"size={max(size, 4096)}"])
        command = ["mount", "-t", "tmpfs", "-o", chosen, "tmpfs", str(self.folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise NoDiskError("there is no program `mount`") from error
        except subprocess.CalledProcessError as error:
            raise NoDiskError(error.stderr.strip()) from error


def small_disk(folder: Path) -> Disk | None:
    """Mount a disk that can be full; None, and a word why, where this user may not."""
    try:
        return Disk(folder)
    except NoDiskError as error:
        print(f"no disk is filled: {error}")
        return None
