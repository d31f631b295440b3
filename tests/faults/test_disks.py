"""A full disk under Redis: work waits, and goes on by itself when there is room."""

import threading
import time

import pytest
import redis

from tests.faults.desk import FaultyDesk
from tests.faults.feed import make_feed
from tests.faults.servers import Server
from tests.faults.test_short import SEED
from tests.faults.truth import check


def refused(client: "redis.Redis") -> bool:
    """Whether the server takes no writes."""
    try:
        client.set("fault:probe", "1")
    except redis.ResponseError as error:
        return str(error).startswith("MISCONF")
    return False


def test_work_goes_on_after_a_full_disk_under_redis(desk: FaultyDesk, server: Server) -> None:
    """Given a Redis whose disk is full in the middle of the work, then no role ends, and all is settled."""
    if server.disk is None:
        pytest.skip("no disk can be mounted here")
    feed = make_feed(SEED, 600)
    for _ in desk.publisher.publish_many(feed.articles[:-1]):
        pass
    desk.wait_settled(30, 60)
    server.disk.fill()
    deadline = time.monotonic() + 20
    while not refused(desk.client):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(desk.settings.lease * 2)
    threading.Timer(2.0, server.disk.free).start()

    desk.publisher.publish(feed.articles[-1])  # waits until the server takes it

    deadline = time.monotonic() + 60
    while desk.settled() < len(feed.articles):
        assert time.monotonic() < deadline, desk.log_end()
        time.sleep(0.1)
    assert [None] * 3 == [one.poll() for one in (desk.intake, *desk.workers) if one]
    check(desk, feed, len(feed.articles))
