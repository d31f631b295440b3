"""A master that dies, and a replica that takes its place: the desk knows the sentinels alone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.feed import Feed, make_feed
from tests.faults.truth import check
from tests.faults.watched import WatchedServers
from worker.publisher import ForgottenError, Publisher


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedServers]:
    """Servers that sentinels watch."""
    servers = WatchedServers(tmp_path / "servers")
    try:
        yield servers.start()
    finally:
        servers.stop()


@pytest.mark.parametrize("direct", [False, True], ids=["celery", "direct"])
def test_a_failover_loses_nothing(watched: WatchedServers, tmp_path: Path, direct: bool) -> None:
    """Given a desk at work, when the master dies, then desk and scraper go on with the new one."""
    desk = FaultyDesk(fault_settings(watched.url, tmp_path, direct=direct))
    feed = make_feed(7, 600)
    desk.start()
    try:
        _publish(desk.publisher, feed, 0, 300)
        assert desk.client.wait(1, 5000) == 1, "the replica has them"
        before = desk.client.info("server")["tcp_port"]
        watched.kill_master()
        _publish(desk.publisher, feed, 300, len(feed.articles))
        assert desk.client.info("server")["tcp_port"] != before
        desk.wait_settled(len(feed.articles), 120)
        check(desk, feed, len(feed.articles))
    finally:
        desk.stop()


def _publish(publisher: Publisher, feed: Feed, start: int, end: int) -> None:
    """Publish a part of the feed, as a scraper does that tries again while no master answers."""
    done, deadline = start, time.monotonic() + 60
    while done < end:
        try:
            batch = feed.articles[done : min(done + 50, end)]
            done = publisher.publish_once(batch, run="feed", before=done)
        except ForgottenError as error:  # published, and not copied before the master died
            done = error.there
        except redis.RedisError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
