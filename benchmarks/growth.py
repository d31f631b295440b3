"""What an article costs as the index and the store grow to a million.

`python -m benchmarks.growth [SIZE] [ROUNDS]`. Two sets of stages stand side by side, one at a thousand
articles and one at SIZE; in each round both carry the same new articles, in turn. They are filled with
fingerprints of random shingles and with short rows: what counts here is how many there are.
"""

import dataclasses
import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from benchmarks import harness
from benchmarks.ceiling import Loop
from benchmarks.generate import articles
from worker import services
from worker.articles import Article
from worker.broker import EmbeddedBroker
from worker.dedup.base import Candidate
from worker.dedup.fingerprint import fingerprint
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.warmup import warm_up

BATCH = 500


def measure(*, size: int = 1_000_000, rounds: int = 15) -> harness.Report:
    """Measure the cost at a thousand and at `size`."""
    report = harness.Report(f"Cost as index and store grow to {size:,}, profile light")
    with ExitStack() as stack:
        sides = {
            name: stack.enter_context(_filled(count))
            for name, count in (("at 1,000", 1000), (f"at {size:,}", size))
        }
        for carry in sides.values():
            carry(harness.encoded(articles(128, seed=1000)))
        for number in range(rounds):
            batch = harness.encoded(articles(512, seed=number))
            order = list(sides.items())
            for name, carry in order if number % 2 else reversed(order):
                report.carry(name, carry, batch)
    report.compare("cost_at_size", "at 1,000", f"at {size:,}")
    return report


@contextmanager
def _filled(count: int) -> Iterator[Loop]:
    """The stages of one process over an index and a store that hold `count` articles."""
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(data_dir=path, redis_url=broker.url, profile="light")
        built = services.build(settings)
        warm_up(built.enrichers)
        built.client.config_set("appendonly", "no")  # only while it is filled
        for at in range(0, count, BATCH):
            _fill(built, at, min(BATCH, count - at))
        built.client.config_set("appendonly", "yes")
        harness.wait_until(lambda: not built.client.info("persistence")["aof_rewrite_in_progress"])
        yield Loop(built)
        built.close()


def _fill(built: services.Services, at: int, count: int) -> None:
    pattern = fingerprint(" ".join(f"word{n}" for n in range(300)))
    chance = np.random.default_rng(at)
    candidates, deliveries = [], []
    now = dt.datetime.now(dt.UTC)
    for number in range(at, at + count):
        name = f"{number:020d}"
        anchors = np.sort(chance.integers(0, 1 << 60, size=len(pattern.anchors) // 8, dtype="u8"))
        print_ = dataclasses.replace(
            pattern,
            content=secrets.token_bytes(16),
            anchors=anchors.astype(">u8").tobytes(),
            maps=chance.bytes(len(pattern.maps)),
        )
        candidates.append(Candidate(id=name, holder=f"fill/{number}", fingerprint=print_))
        article = Article(id=name, url=f"https://fill.example/{number}", processed_at=now)
        deliveries.append(Delivery.of(article))
    built.index.reserve(candidates)
    built.index.commit(candidates)
    built.sinks[0].deliver(deliveries)


if __name__ == "__main__":
    harness.run(measure)
