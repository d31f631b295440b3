"""The long form: 10,000 articles, every fault at random times, with every server and store there is."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.faults import FAULTS, throw
from tests.faults.feed import make_feed
from tests.faults.servers import Server
from tests.faults.test_short import SEED
from tests.faults.truth import check
from tests.postgres import Postgres, PostgresUnavailableError
from worker.lanes import Lane

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
ARTICLES = int(os.environ.get("COPYDESK_TEST_ARTICLES", "10000"))


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of our own."""
    try:
        server = Postgres()
        server.start()
    except PostgresUnavailableError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    yield server
    server.stop()


def under_fire(desk: FaultyDesk, server: Server, postgres: Postgres | None) -> None:
    """Publish a feed while faults fall, then check the truth."""
    print(f"\nseed {SEED} (COPYDESK_TEST_SEED), {ARTICLES} articles (COPYDESK_TEST_ARTICLES)")
    feed = make_feed(SEED, ARTICLES, poison=("SEGFAULT", "MEMORY", "LOOP", "STUCK"))
    chance = random.Random(SEED)
    kinds = [kind for kind in sorted(FAULTS) if postgres is None or kind != "lock_store"]
    if postgres:
        kinds += ["kill_postgres", "freeze_postgres"]
    published, deadline = 0, time.monotonic() + 1500
    while published < len(feed.articles):
        assert time.monotonic() < deadline
        for article in feed.articles[published : published + ARTICLES // 60]:
            desk.publisher.publish(article, lane=chance.choice(list(Lane)))
            published += 1
        time.sleep(chance.uniform(0.0, 3.0))
        kind = chance.choice(kinds)
        print(f"{time.strftime('%X')} {kind}, {desk.settled()} of {published} settled", flush=True)
        if kind == "kill_postgres" and postgres:
            postgres.halt()
            time.sleep(chance.uniform(0.5, 5.0))
            postgres.start()
        elif kind == "freeze_postgres" and postgres:
            postgres.pause()
            time.sleep(4)
            postgres.pause(resume=True)
        else:
            throw(kind, desk, server, chance)
        desk.revive()

    desk.wait_settled(len(feed.articles), 400)

    check(desk, feed, len(feed.articles))


def test_sqlite(desk: FaultyDesk, server: Server) -> None:
    """Given SQLite and each server, when faults fall for minutes, then the truth stands."""
    under_fire(desk, server, None)


def test_postgres(server: Server, postgres: Postgres, tmp_path: Path) -> None:
    """Given PostgreSQL and each server, the same, and faults of PostgreSQL itself."""
    desk = FaultyDesk(fault_settings(server.url, tmp_path, store=postgres.url))
    desk.start()
    try:
        under_fire(desk, server, postgres)
    finally:
        desk.stop()
