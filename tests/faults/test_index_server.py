"""An index on a server of its own: one that is away, and one that would forget."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.feed import make_feed
from tests.faults.servers import Server, server_binaries
from tests.faults.test_short import SEED
from tests.faults.truth import check
from worker.breaker import BreakerState
from worker.errors import ConfigurationError
from worker.services import check_others, check_server
from worker.settings import Settings
from worker.status import read_status


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Server]:
    """A server for the index alone."""
    running = Server(server_binaries()["embedded"], tmp_path / "index")
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("direct", [False, True], ids=["celery", "direct"])
def test_a_process_that_starts_while_the_index_is_away_waits_for_it(
    embedded: Server, index: Server, tmp_path: Path, direct: bool
) -> None:
    """Given an index that is away, when processes are replaced, then the breaker says why all waits."""
    desk = FaultyDesk(fault_settings(embedded.url, tmp_path, direct=direct, index_url=index.url))
    feed = make_feed(SEED, 60)
    desk.start()
    try:
        index.kill()
        for child in [child for number in range(2) for child in desk.children(number)]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        for _ in desk.publisher.publish_many(feed.articles):
            pass
        deadline = time.monotonic() + 60
        while "sinks" not in [one.name for one in _breakers(desk)]:
            assert time.monotonic() < deadline, desk.log_end()
            time.sleep(0.1)

        index.start()

        desk.wait_settled(len(feed.articles), 120)
        check(desk, feed, len(feed.articles))
    finally:
        desk.stop()


def _breakers(desk: FaultyDesk) -> list[BreakerState]:
    return read_status(desk.client, desk.settings.namespace).breakers


def test_a_server_that_evicts_is_refused(tmp_path: Path, embedded: Server) -> None:
    """Given a server that throws keys away when it is full, then it serves neither streams nor index."""
    options = ["--maxmemory-policy", "allkeys-lru"]
    cache = Server(server_binaries()["embedded"], tmp_path / "cache", options=options)
    cache.start()
    try:
        with pytest.raises(ConfigurationError, match="allkeys-lru: it would discard articles"):
            check_server(Settings(redis_url=cache.url))
        with pytest.raises(ConfigurationError, match="allkeys-lru: it would discard what it knows"):
            check_others(Settings(redis_url=embedded.url, index_url=cache.url))
        with cache.client() as client:  # as on a managed server
            client.execute_command("ACL", "SETUSER", "default", "-config")
        with pytest.raises(ConfigurationError, match="allkeys-lru"):
            check_server(Settings(redis_url=cache.url))
    finally:
        cache.stop()
