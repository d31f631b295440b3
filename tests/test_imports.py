"""What each part loads: an intake, and the checks of a container's health, stay small and start soon."""

import subprocess
import sys

import pytest

STAGES = (
    "worker.cleaning",
    "worker.dedup.index",
    "worker.pipeline",
    "worker.sinks.sql",
    "lxml",
    "numpy",
)


@pytest.mark.parametrize(
    "part",
    ["worker.app, worker.dispatch, worker.intake", "worker.services, worker.status, worker.health"],
    ids=["intake", "health"],
)
def test_what_carries_no_article_loads_no_stages(part: str) -> None:
    """Given a program that reads ids or counts alone, then neither stages nor their libraries are loaded."""
    program = f"import sys, {part}\nprint(*sorted(set({STAGES}) & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "" == done.stdout.strip()
