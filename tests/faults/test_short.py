"""The short form: every kind of fault, a few minutes of it, in every run."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.desk import FaultyDesk
from tests.faults.faults import FAULTS, throw
from tests.faults.feed import make_feed
from tests.faults.servers import Server, server_binaries
from tests.faults.truth import check
from worker.lanes import Lane
from worker.settings import Settings

SEED = int(os.environ.get("COPYDESK_TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)


@pytest.fixture(params=sorted(server_binaries()))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed: the embedded one, and Redis."""
    running = Server(server_binaries()[request.param], tmp_path / "server")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Iterator[FaultyDesk]:
    """A running desk with short leases."""
    running = FaultyDesk(fault_settings(server.url, tmp_path))
    running.start()
    yield running
    running.stop()


def fault_settings(url: str, folder: Path, **more: object) -> Settings:
    """Settings of a desk under fire: leases and limits short enough to see them run out."""
    values: dict[str, object] = {
        "redis_url": url,
        "data_dir": folder,
        "namespace": "fault",
        "enrichers": ["language", "poison"],
        "concurrency": 1,
        "batch_size": 32,
        "lease": 2.0,
        "article_time_limit": 1.0,
        "soft_time_limit": 20.0,
        "hard_time_limit": 25.0,
        "grace": 3.0,
        "max_deaths": 3,
        "store_timeout": 2.0,
        "output_max_length": 0,
    }
    return Settings(**{**values, **more})  # type: ignore[arg-type]


def test_random_faults_lose_nothing_and_repeat_nothing(
    desk: FaultyDesk, server: Server, request: pytest.FixtureRequest
) -> None:
    """Given a feed with copies, updates and poison, when faults fall at random, then the truth stands."""
    print(f"\nseed {SEED} (COPYDESK_TEST_SEED)")
    feed = make_feed(SEED, 1500, poison=("SEGFAULT", "MEMORY", "LOOP"))
    chance = random.Random(SEED)
    kinds = chance.sample(sorted(FAULTS), k=len(FAULTS))
    published = 0
    for count in desk.publisher.publish_many(feed.articles[:400]):
        published = count
    step = 1 + (len(feed.articles) - published) // len(kinds)
    for kind in kinds:
        for article in feed.articles[published : published + step]:
            desk.publisher.publish(article, lane=chance.choice(list(Lane)))
            published += 1
        time.sleep(chance.uniform(0.1, 0.8))
        print(f"{time.strftime('%X')} {kind}, {desk.settled()} settled")
        throw(kind, desk, server, chance)
        desk.revive()

    desk.wait_settled(len(feed.articles), 120)

    check(desk, feed, len(feed.articles))
