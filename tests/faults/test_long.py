"""The long form: 10,000 articles, every fault at random times, with every server and store there is."""

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.disk import Disk, small_disk
from tests.faults.faults import Site
from tests.faults.feed import make_feed
from tests.faults.proxy import Proxy
from tests.faults.servers import Server
from tests.faults.test_short import SEED, under_fire
from tests.faults.truth import check
from tests.postgres import Postgres, PostgresUnavailableError

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
ARTICLES = int(os.environ.get("COPYDESK_TEST_ARTICLES", "10000"))
FAULTS = int(os.environ.get("COPYDESK_TEST_FAULTS", "60"))


@pytest.fixture
def disk() -> Iterator[Disk | None]:
    """The disk under PostgreSQL, where one can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="copydesk-pg-"))  # root's server runs as nobody
    mounted = small_disk(folder)
    yield mounted
    if mounted:
        mounted.close()
    folder.rmdir()


@pytest.fixture
def postgres(disk: Disk | None) -> Iterator[Postgres]:
    """A PostgreSQL of our own."""
    try:
        server = Postgres(disk.folder if disk else None)
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


def faults_fall(site: Site) -> None:
    """Publish a feed while faults fall, then check the truth."""
    print(
        f"\nseed {SEED} (COPYDESK_TEST_SEED), {ARTICLES} articles (COPYDESK_TEST_ARTICLES), "
        f"{FAULTS} faults (COPYDESK_TEST_FAULTS)"
    )
    feed = make_feed(SEED, ARTICLES, poison=("SEGFAULT", "MEMORY", "LOOP", "STUCK"))

    under_fire(site, feed, site.order(FAULTS, random.Random(SEED)), pause=3.0)

    check(site.desk, feed, len(feed.articles))


def test_sqlite(desk: FaultyDesk, server: Server) -> None:
    """Given SQLite and each server, when faults fall for minutes, then the truth stands."""
    faults_fall(Site(desk, server))


def test_postgres(
    server: Server, postgres: Postgres, disk: Disk | None, network: Proxy, tmp_path: Path
) -> None:
    """Given PostgreSQL and each server, the same, and faults of PostgreSQL itself and of its network."""
    store = sa.make_url(postgres.url).set(port=network.port)
    settings = fault_settings(
        server.url, tmp_path, store=store.render_as_string(hide_password=False)
    )
    desk = FaultyDesk(settings, disk=disk)
    desk.start()
    try:
        faults_fall(Site(desk, server, postgres, network))
    finally:
        desk.stop()
