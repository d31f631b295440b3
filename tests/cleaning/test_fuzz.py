"""The fuzzer, for a minute."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.long
def test_a_minute_of_fuzzing_finds_nothing(tmp_path: Path) -> None:
    """Given a minute of coverage-guided input, when cleaned, nothing but a rejection is raised."""
    pytest.importorskip("atheris", reason="pip install atheris to fuzz")
    seed = tmp_path / "seed"
    seed.mkdir()
    (seed / "one").write_text(
        "<html><h1>A</h1><p>The dam held.</p>.<p>Also read: <a href='/x'>B</a></p>"
    )

    done = subprocess.run(
        [sys.executable, str(HERE / "fuzz.py"), "-max_total_time=60", "-timeout=20", str(seed)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
