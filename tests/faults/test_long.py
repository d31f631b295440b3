"""The long form: 10,000 articles, every fault at random times, with every server and store there is."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.faults import Site, stop_postgres
from tests.faults.feed import make_feed
from tests.faults.proxy import Proxy
from tests.faults.servers import Server
from tests.faults.test_short import SEED
from tests.faults.truth import check
from tests.postgres import Postgres, PostgresUnavailableError
from worker.lanes import Lane

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
ARTICLES = int(os.environ.get("COPYDESK_TEST_ARTICLES", "10000"))
FAULTS = int(os.environ.get("COPYDESK_TEST_FAULTS", "60"))


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


@pytest.fixture
def network(postgres: Postgres) -> Iterator[Proxy]:
    """The network to it."""
    proxy = Proxy(postgres.port)
    yield proxy
    proxy.close()


def under_fire(site: Site) -> None:
    """Publish a feed while faults fall, then check the truth."""
    print(
        f"\nseed {SEED} (COPYDESK_TEST_SEED), {ARTICLES} articles (COPYDESK_TEST_ARTICLES), "
        f"{FAULTS} faults (COPYDESK_TEST_FAULTS)"
    )
    desk, chance = site.desk, random.Random(SEED)
    feed = make_feed(SEED, ARTICLES, poison=("SEGFAULT", "MEMORY", "LOOP", "STUCK"))
    faults = [chance.choice(site.kinds()) for _ in range(FAULTS)]
    published, deadline = 0, time.monotonic() + 1500
    long_stop = chance.randrange(FAULTS) if site.postgres else None
    for number, kind in enumerate(faults, 1):
        assert time.monotonic() < deadline
        for article in feed.articles[published : len(feed.articles) * number // FAULTS]:
            desk.publisher.publish(article, lane=chance.choice(list(Lane)))
            published += 1
        time.sleep(chance.uniform(0.0, 3.0))
        print(f"{time.strftime('%X')} {kind}, {desk.settled()} of {published} settled", flush=True)
        site.throw(kind, chance)
        if number - 1 == long_stop:
            stop_postgres(site, chance)
        desk.revive()

    desk.wait_settled(len(feed.articles), 400)

    check(desk, feed, len(feed.articles))


def test_sqlite(desk: FaultyDesk, server: Server) -> None:
    """Given SQLite and each server, when faults fall for minutes, then the truth stands."""
    under_fire(Site(desk, server))


def test_postgres(server: Server, postgres: Postgres, network: Proxy, tmp_path: Path) -> None:
    """Given PostgreSQL and each server, the same, and faults of PostgreSQL itself and of its network."""
    store = sa.make_url(postgres.url).set(port=network.port)
    settings = fault_settings(
        server.url, tmp_path, store=store.render_as_string(hide_password=False)
    )
    desk = FaultyDesk(settings)
    desk.start()
    try:
        under_fire(Site(desk, server, postgres, network))
    finally:
        desk.stop()
