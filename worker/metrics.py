"""Time spent in each stage."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from worker.outcomes import Stage


class Stopwatch:
    """Sums the time spent in each stage, in microseconds of wall clock."""

    def __init__(self) -> None:
        self.microseconds: Counter[Stage] = Counter()

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        """Count the time inside the block for `stage`."""
        started = time.perf_counter_ns()
        try:
            yield
        finally:
            self.microseconds[stage] += (time.perf_counter_ns() - started) // 1000
