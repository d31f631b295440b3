"""The other ways to run a desk under SIGKILL: enrichment on queues of its own, and workers without Celery."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.faults import Site, kill_child, kill_intake, kill_main_process, kill_worker
from tests.faults.feed import make_feed
from tests.faults.servers import Server
from tests.faults.test_short import SEED
from tests.faults.truth import check
from worker.lanes import Lane

ROUNDS = 3


@pytest.fixture(params=["split_enrichment", "direct"])
def desk(request: pytest.FixtureRequest, embedded: Server, tmp_path: Path) -> Iterator[FaultyDesk]:
    """A desk of two workers that runs so."""
    settings = fault_settings(embedded.url, tmp_path, **{request.param: True})
    running = FaultyDesk(settings)
    running.start()
    yield running
    running.stop()


def test_kills_lose_nothing_and_repeat_nothing(desk: FaultyDesk, embedded: Server) -> None:
    """Given a feed with copies, updates and poison, when SIGKILL falls at random, then the truth stands."""
    print(f"\nseed {SEED} (COPYDESK_TEST_SEED)")
    feed, chance = make_feed(SEED, 900, poison=("SEGFAULT",)), random.Random(SEED)
    site = Site(desk, embedded)
    kills = [kill_child, kill_worker, kill_main_process] * ROUNDS
    kills += [] if desk.settings.direct else [kill_intake] * ROUNDS
    chance.shuffle(kills)
    published = 0
    for number, kill in enumerate(kills, 1):
        for article in feed.articles[published : len(feed.articles) * number // len(kills)]:
            desk.publisher.publish(article, lane=chance.choice(list(Lane)))
            published += 1
        time.sleep(chance.uniform(0.1, 2.0))
        print(f"{time.strftime('%X')} {kill.__name__}, {desk.settled()} of {published} settled")
        kill(site, chance)
        desk.revive()

    desk.wait_settled(len(feed.articles), 120)

    check(desk, feed, len(feed.articles))
