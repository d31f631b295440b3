"""`copydesk status`: what is told of a desk at work."""

import orjson
import pytest

from tests.articles import FERRY, raw
from worker.cli.status import status
from worker.settings import Settings
from worker.status import watch_status
from worker.testing import LocalDesk


def test_a_rate_is_told_between_two_looks(settings: Settings) -> None:
    """Given a desk that is idle, then settles an article, then its live lane alone has a rate."""
    with LocalDesk(settings, []) as desk:
        looks = watch_status(desk.services.client, settings.namespace, 0.05)
        idle = next(looks)
        desk.run(raw(FERRY, "https://a.example/1"))
        live, backlog = next(looks).lanes

    assert [0.0, 0.0] == [lane.per_second for lane in idle.lanes]
    assert live.per_second
    assert 0.0 == backlog.per_second


@pytest.mark.usefixtures("desk")
def test_status_is_an_object_for_programs_and_a_table_for_people(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a desk with an article, then both forms tell of it."""
    status(redis=settings.redis_url, json=True)
    told = orjson.loads(capfd.readouterr().out)
    status(redis=settings.redis_url)
    shown = capfd.readouterr().out

    assert 1 == told["lanes"][0]["outcomes"]["new"]
    assert 0.0 == told["lanes"][0]["per_second"]
    assert 1 == told["index"]["documents"]
    assert "settled per second" in shown
    assert "index 1 document " in shown
