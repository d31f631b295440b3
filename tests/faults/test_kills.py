"""The other ways to run a desk under SIGKILL: enrichment on queues of its own, and workers without Celery."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.faults import Site
from tests.faults.feed import make_feed
from tests.faults.servers import Server
from tests.faults.test_short import SEED, under_fire
from tests.faults.truth import check

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
    kills = ["kill_child", "kill_worker", "kill_main_process"] * ROUNDS
    kills += [] if desk.settings.direct else ["kill_intake"] * ROUNDS
    chance.shuffle(kills)

    under_fire(Site(desk, embedded), feed, kills, pause=2.0)

    check(desk, feed, len(feed.articles))
