"""Clocks that a test can set on and back: of our own processes, and of a server that bears it."""

import os
import subprocess
from functools import cache
from pathlib import Path

LIBRARIES = [
    *Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),
    *Path("/usr/lib").glob("faketime/libfaketime.so.1"),
]
"""libfaketime (Debian: apt install libfaketime), where this machine has it."""


class Clock:
    """A wall clock that is ahead of the machine's by so many seconds; time passes as ever."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self.set(0)

    def set(self, ahead: float) -> None:
        """Let it jump."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead:+.0f}")
        new.rename(self._file)

    def for_python(self) -> dict[str, str]:
        """Return the environment of a Python process that lives by it (`plugin/sitecustomize.py`)."""
        return {"COPYDESK_TEST_CLOCK": str(self._file)}

    def for_server(self) -> dict[str, str]:
        """Return the environment of another program that lives by it."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@cache
def bears_a_clock(binary: str) -> bool:
    """Whether a server starts under libfaketime; some allocators and it wait for each other."""
    if not LIBRARIES:
        return False
    environment = {**os.environ, "LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME": "+1s"}
    try:
        subprocess.run(
            [binary, "--version"], env=environment, capture_output=True, check=True, timeout=3
        )
    except (subprocess.SubprocessError, OSError):
        return False
    return True
