"""End to end against the ceiling: the same stages in a plain loop in one process, times the cores.

`python -m benchmarks.ceiling full|light [COUNT] [ROUNDS]`. The loop has the articles in memory; it knows no
stream, no Celery, no hold, no settling. Direct workers (`--direct`) are measured besides.

While one loop runs, the other cores are free for its server, and the caches are its own. So a second ceiling
stands beside the first: a loop a core, side by side, each with its server, store and part of the articles.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

from benchmarks import harness
from benchmarks.generate import articles
from worker import services
from worker.broker import EmbeddedBroker
from worker.drafts import Result
from worker.entries import Entry
from worker.lanes import Lane
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.warmup import warm_up

CORES = os.cpu_count() or 1
COUNTS = {"full": 2000, "light": 8000}
"""Articles a round: beginning and end, where not all processes are busy, are a small part of it."""


def measure(profile: str = "full", *, count: int = 0, rounds: int = 3) -> harness.Report:
    """Measure desk, direct workers and loops in turn."""
    report = harness.Report(f"End to end against a plain loop × {CORES}, profile {profile}")
    count = count or COUNTS[profile]
    warm = harness.encoded(articles(200, seed=1000))
    with ExitStack() as stack:
        sides: dict[str, harness.Carry] = {
            "copydesk": stack.enter_context(harness.desk(warm, profile=profile)).carry,
            "copydesk --direct": stack.enter_context(
                harness.desk(warm, profile=profile, direct=True)
            ).carry,
            "loops side by side": stack.enter_context(_side_by_side(profile)),
            "plain loop": stack.enter_context(_loop(profile)),
        }
        for carry in list(sides.values())[2:]:
            carry(warm)
        for number in range(rounds):
            batch = harness.encoded(articles(count, seed=number))
            for name, carry in sides.items():
                report.carry(name, carry, batch)
    for key, name in (("", "copydesk"), ("_direct", "copydesk --direct")):
        report.compare(f"ceiling_{profile}{key}", name, "plain loop", factor=CORES)
    for key, name in (("", "copydesk"), ("_direct", "copydesk --direct")):
        report.compare(f"side_by_side_{profile}{key}", name, "loops side by side")
    return report


@contextmanager
def _loop(profile: str) -> Iterator["Loop"]:
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(data_dir=path, redis_url=broker.url, profile=profile)  # type: ignore[arg-type]
        built = services.build(settings)
        warm_up(built.enrichers)
        yield Loop(built)
        built.close()


@contextmanager
def _side_by_side(profile: str) -> Iterator[harness.Carry]:
    """A process with a plain loop for each core."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for _ in range(CORES):
            ours, theirs = context.Pipe()
            process = context.Process(target=_be_a_loop, args=(profile, theirs))
            process.start()
            stack.callback(process.join)
            stack.callback(ours.send, None)
            pipes.append(ours)

        def carry(batch: Sequence[bytes]) -> float:
            part = -(-len(batch) // CORES)
            for number, pipe in enumerate(pipes):
                pipe.send(batch[number * part : (number + 1) * part])
            for pipe in pipes:
                pipe.recv()  # it has them
            started = time.perf_counter()
            for pipe in pipes:
                pipe.send("go")
            for pipe in pipes:
                pipe.recv()
            return time.perf_counter() - started

        yield carry


def _be_a_loop(profile: str, pipe: Connection) -> None:
    harness.quiet()
    with _loop(profile) as loop:
        while batch := pipe.recv():
            pipe.send("ready")
            pipe.recv()
            pipe.send(loop(batch))


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
    harness.run(measure)
