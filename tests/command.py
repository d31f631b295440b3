"""The command as a user runs it, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson


def copydesk(*arguments: str, folder: Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        env=environment_of(folder),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def start(*arguments: str, folder: Path, **variables: str) -> "subprocess.Popen[str]":
    """Start the command as a user does."""
    return subprocess.Popen(
        [sys.executable, "-m", "worker", *arguments],
        env={**environment_of(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def environment_of(folder: Path) -> dict[str, str]:
    """Return the environment of a command: none of the settings of who tests."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")
    }
    return {**environment, "COPYDESK_DATA_DIR": str(folder), "COPYDESK_PROFILE": "light"}


def export(folder: Path, status: str) -> list[dict[str, Any]]:
    """Return what the store holds."""
    done = copydesk("export", "--status", status, folder=folder)
    assert 0 == done.returncode, done.stderr
    return [orjson.loads(line) for line in done.stdout.splitlines()]
