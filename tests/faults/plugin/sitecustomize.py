"""A wall clock that a test sets on and back, in every process of a desk that has this on its path."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def _shifted(real: Callable[[], float], file: Path) -> Callable[[], float]:
    def now() -> float:
        return real() + float(file.read_text())

    return now


if named := os.environ.get("COPYDESK_TEST_CLOCK"):
    time.time = _shifted(time.time, Path(named))
