"""Back-pressure as a publisher sees it: lanes that are full by count and by bytes."""

from collections.abc import Iterator

import pytest
import redis

from worker.lanes import Lane
from worker.pressure import LaneFullError, Pressure, WhenFull
from worker.publisher import Publisher
from worker.settings import Settings


@pytest.fixture
def full(client: "redis.Redis", settings: Settings) -> Iterator[Settings]:
    """A desk whose live lane is full with five articles."""
    settings.waiting_limit = 5
    with Publisher(settings, client=client) as publisher:
        for number in range(5):
            publisher.publish({"id": str(number), "text": "x"})
        yield settings


def test_a_publisher_fails_or_waits_when_its_lane_is_full(
    client: "redis.Redis", full: Settings
) -> None:
    """Given a full lane, then one publisher fails and says why, and the other lane takes more."""
    publisher = Publisher(full, client=client, when_full=WhenFull.FAIL)

    with pytest.raises(LaneFullError, match="5 articles are waiting; the limit is 5"):
        publisher.publish({"text": "x"})
    assert publisher.publish({"text": "x"}, lane=Lane.BACKLOG)


def test_a_lane_is_full_by_bytes_as_well(client: "redis.Redis", full: Settings) -> None:
    """Given a limit in bytes, then large articles fill a lane before many do."""
    full.waiting_limit, full.waiting_bytes_limit = 0, 100_000
    assert "" == Pressure(client, full).full(Lane.LIVE)

    Publisher(full, client=client).publish({"text": "x" * 200_000})

    assert "bytes are waiting" in Pressure(client, full).full(Lane.LIVE)
