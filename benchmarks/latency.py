"""From published to stored, at 1, 10 and 50 % of the rate that this machine sustains.

`python -m benchmarks.latency full|light [SECONDS]`. Articles come one by one at random moments (a Poisson
stream), all new. The clock is the server's: it stamps the raw entry and the entry of the output stream,
which is written after the store.
"""

import random
import statistics
import time
from typing import Any

import orjson

from benchmarks import harness
from benchmarks.generate import articles
from worker.lanes import Lane

LOADS = (0.01, 0.1, 0.5)


def measure(
    profile: str = "full", *, seconds: float = 10.0, loads: tuple[float, ...] = LOADS
) -> harness.Report:
    """Measure the default batching and `--low-latency`."""
    report = harness.Report(f"Latency, published to stored, profile {profile}", unit="ms")
    sample = harness.encoded(articles(300, seed=5, copies=0.0, updates=0.0))
    for name, low in (("default", False), ("--low-latency", True)):
        with harness.desk(sample[:100], profile=profile, low_latency=low) as desk:
            rate = 200 / desk.carry(sample[100:])
            for load in loads:
                times = _stream(desk, max(1.0, rate * load), seconds)
                side = f"{name}, {load:.0%} load"
                report.add(f"{side}, p50", statistics.median(times))
                report.add(f"{side}, p99", statistics.quantiles(times, n=100)[98])
            report.notes.append(f"{name}: {rate:.0f} articles/s is all that it sustains")
    return report


def _stream(desk: harness.Desk, rate: float, seconds: float) -> list[float]:
    """Publish at `rate` for about `seconds`, at least 20 articles; return each one's milliseconds."""
    chance = random.Random(3)
    count = max(20, int(rate * seconds))
    batch = list(articles(count, seed=int(rate * 1000), copies=0.0, updates=0.0))
    published: dict[str, int] = {}
    before = desk.settled()
    due = time.monotonic()
    for number, article in enumerate(batch):
        due += chance.expovariate(rate)
        time.sleep(max(0.0, due - time.monotonic()))
        name = f"{rate}-{number}"
        entry = desk.publisher.publish({**article, "id": name}, lane=Lane.LIVE)
        published[name] = _milliseconds(entry.encode())
    harness.wait_until(lambda: desk.settled() >= before + count)
    entries: Any = desk.client.xrevrange(desk.publisher.keys.articles, count=2 * count)
    times = []
    for entry, fields in entries:
        name = orjson.loads(fields[b"article"])["source_id"]
        if name in published:
            times.append(float(_milliseconds(entry) - published[name]))
    return times


def _milliseconds(entry: bytes) -> int:
    return int(entry.split(b"-")[0])


if __name__ == "__main__":
    harness.run(measure)
