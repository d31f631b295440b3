"""End to end against the ceiling: the same stages in a plain loop in one process, times the cores.

`python -m benchmarks.ceiling full|light [COUNT] [ROUNDS]`. The loop has the articles in memory; it knows no
stream, no Celery, no hold, no settling. Direct workers (`--direct`) are measured besides.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks import harness
from benchmarks.generate import articles
from worker import services
from worker.broker import EmbeddedBroker
from worker.drafts import Result
from worker.lanes import Lane
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.streams import Entry
from worker.warmup import warm_up

CORES = os.cpu_count() or 1
COUNTS = {"full": 400, "light": 2000}


def measure(profile: str = "full", *, count: int = 0, rounds: int = 3) -> harness.Report:
    """Measure desk, direct workers and loop in turn."""
    report = harness.Report(f"End to end against a plain loop × {CORES}, profile {profile}")
    count = count or COUNTS[profile]
    warm = harness.encoded(articles(200, seed=1000))
    with ExitStack() as stack:
        desk = stack.enter_context(harness.desk(warm, profile=profile))
        direct = stack.enter_context(harness.desk(warm, profile=profile, direct=True))
        loop = stack.enter_context(_loop(profile))
        loop(warm)
        for number in range(rounds):
            batch = harness.encoded(articles(count, seed=number))
            report.add("copydesk", len(batch) / desk.carry(batch))
            report.add("copydesk --direct", len(batch) / direct.carry(batch))
            report.add("plain loop", len(batch) / loop(batch))
    report.compare(f"ceiling_{profile}", "copydesk", "plain loop", factor=CORES)
    report.compare(f"ceiling_{profile}_direct", "copydesk --direct", "plain loop", factor=CORES)
    return report


@contextmanager
def _loop(profile: str) -> Iterator["Loop"]:
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(data_dir=path, redis_url=broker.url, profile=profile)  # type: ignore[arg-type]
        built = services.build(settings)
        warm_up(built.enrichers)
        yield Loop(built)
        built.close()


class Loop:
    """The stages of one process, called in a loop."""

    def __init__(self, built: services.Services) -> None:
        self._services = built
        self._next = 0
        built.streams.create_groups()  # outcomes are noted for entries of a group

    def __call__(self, batch: Sequence[bytes]) -> float:
        """Carry all articles through the stages; return the seconds."""
        size = self._services.settings.batch_size
        started = time.perf_counter()
        for at in range(0, len(batch), size):
            entries = [self._entry(body) for body in batch[at : at + size]]
            Pipeline(self._services).process(entries, Result())
        return time.perf_counter() - started

    def _entry(self, body: bytes) -> Entry:
        self._next += 1
        return Entry(Lane.LIVE, f"0-{self._next}", body)


if __name__ == "__main__":
    harness.quiet()
    print(harness.machine())
    arguments = dict(enumerate(sys.argv))
    measure(
        arguments.get(1, "full"),
        count=int(arguments.get(2, 0)),
        rounds=int(arguments.get(3, 3)),
    ).print()
