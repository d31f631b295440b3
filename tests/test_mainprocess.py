"""The main process of a worker: it says who lives, and takes that back when it ends in order."""

import time

import pytest
import redis

from worker.mainprocess import MainProcess
from worker.settings import Settings
from worker.streams import RawStreams


def test_a_worker_that_ends_in_order_counts_as_living_no_more(
    client: redis.Redis, settings: Settings, streams: RawStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two workers of which one ends, then the other alone is said to live, for good."""
    monkeypatch.setattr("atexit.register", lambda *_: None)  # this process is no worker
    alive = streams.keys.alive
    ends, stays = MainProcess(settings), MainProcess(settings)
    ends.start()
    stays.start()
    while client.zcard(alive) < 2:
        time.sleep(0.01)

    ends.end_stop()
    client.zrem(alive, stays.name())
    while not client.zcard(alive):  # the other has spoken once more, as the first would have
        time.sleep(0.01)
    time.sleep(settings.lease)

    assert [stays.name().encode()] == client.zrange(alive, 0, -1)
    stays.end_stop()
    assert [] == client.zrange(alive, 0, -1)
