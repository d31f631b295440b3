"""What an article costs in processor time, by stage and by enricher, and on the Redis server.

`python -m benchmarks.costs [COUNT] [--record]`. Processor time, unlike the clock on the wall, hardly depends
on who else works on the machine. The capacity table and the fleet simulation read `costs.json`.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.generate import articles
from worker import cleaning, enrichment, services
from worker.articles import Article, RawArticle
from worker.broker import EmbeddedBroker
from worker.drafts import Result
from worker.lanes import Lane
from worker.metrics import Stopwatch
from worker.outcomes import Stage
from worker.pipeline import Pipeline
from worker.publisher import Publisher
from worker.settings import Settings
from worker.warmup import warm_up

BATCH = 64
COSTS = Path(__file__).with_name("costs.json")


class ProcessorWatch(Stopwatch):
    """Counts processor time instead of wall clock."""

    @contextmanager
    def __call__(self, stage: Stage) -> Iterator[None]:
        """Count the processor time inside the block for `stage`."""
        started = time.process_time_ns()
        try:
            yield
        finally:
            self.microseconds[stage] += (time.process_time_ns() - started) // 1000


def measure(*, count: int = 640) -> harness.Report:
    """Measure both profiles: an average article of the stream, 35 % copies among them."""
    report = harness.Report("Processor time an article", unit="ms")
    for profile in ("light", "full"):
        with harness.folder() as path, EmbeddedBroker(path) as broker:
            settings = Settings(data_dir=path, redis_url=broker.url, profile=profile)  # type: ignore[arg-type]
            built = services.build(settings)
            warm_up(built.enrichers)
            _publish(built, articles(128, seed=1000))
            _carry(built)
            before = harness.server_seconds(built.client)
            _publish(built, articles(count))
            started = time.process_time()
            watch = _carry(built)
            whole = (time.process_time() - started) * 1000 / count
            server = (harness.server_seconds(built.client) - before) * 1000 / count
            built.close()
        stages = {stage.value: us / 1000 / count for stage, us in watch.microseconds.items()}
        for stage, cost in stages.items():
            report.add(f"{profile}: {stage}", cost)
        report.add(f"{profile}: stream and settling", whole - sum(stages.values()))
        report.add(f"{profile}: Redis server", server)
        report.add(f"{profile}: worker", whole)
    return report


def by_enricher(*, count: int = 1280) -> harness.Report:
    """Measure each enricher of the light profile on new articles, once it has met the most frequent words."""
    report = harness.Report("Processor time of an enricher, light profile", unit="ms")
    enrichers = enrichment.build(Settings(profile="light"))
    warm_up(enrichers)
    raw = articles(2 * count, copies=0, updates=0)
    for number in range(2 * count // BATCH):
        batch = [_cleaned(one) for one in islice(raw, BATCH)]
        for enricher in enrichers:
            started = time.process_time_ns()
            enrichment.enrich([enricher], batch)
            if number >= count // BATCH:
                report.add(enricher.name, (time.process_time_ns() - started) / 1e6 / BATCH)
    return report


def _cleaned(one: dict[str, Any]) -> Article:
    cleaned = cleaning.clean(RawArticle(**one))
    return Article(id=one["url"], title=cleaned.title, text=cleaned.text, blocks=cleaned.blocks)


def _publish(built: services.Services, raw: Iterator[dict[str, Any]]) -> None:
    built.streams.create_groups()
    for _ in Publisher(built.settings, client=built.client).publish_many(raw):
        pass


def _carry(built: services.Services) -> Stopwatch:
    """Take the articles from the stream, carry them through and settle them."""
    watch = ProcessorWatch()
    streams = built.streams
    while True:
        ids = streams.read(Lane.LIVE, "intake:bench", built.settings.batch_size)
        if not ids:
            return watch
        result = Result(stopwatch=watch)
        Pipeline(built).process(streams.take(Lane.LIVE, built.worker, ids), result)
        streams.settle(Lane.LIVE, result.settlements)


def read_costs() -> dict[str, float]:
    """Return the recorded costs: milliseconds an article."""
    return harness.read_figures(COSTS)


def main() -> None:
    """Measure, print, and record where that is asked for."""
    harness.quiet()
    print(harness.machine())
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    report = measure(**({"count": numbers[0]} if numbers else {}))
    report.print()
    by_enricher().print()
    if "--record" in sys.argv:
        costs = {side: round(report.median(side), 4) for side in report.sides}
        harness.record_figures(COSTS, costs)


if __name__ == "__main__":
    main()
