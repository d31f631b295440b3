"""Turns of the articles of a source that may publish so many a second."""

import time

import pytest
import redis

from worker.settings import Settings
from worker.throttle import Throttle


@pytest.fixture
def throttle(client: "redis.Redis", settings: Settings) -> Throttle:
    """One source may publish ten articles a second, any other one in two seconds."""
    settings.source_limits = {"wire.example": 10.0, "*": 0.5}
    return Throttle(client, settings)


def asked(throttle: Throttle, source: str, *entries: int) -> list[float]:
    """Ask for the turns of entries."""
    return throttle.delays([(source, f"live/{entry}") for entry in entries])


def test_each_article_gets_a_turn_of_its_own(throttle: Throttle) -> None:
    """Given a thousand articles at once, then a second's worth goes on, and the last waits for all."""
    delays = asked(throttle, "wire.example", *range(1000))

    assert [0.0] * 10 == delays[:10]
    assert delays == sorted(delays)
    assert 98.0 < delays[-1] <= 99.0


def test_who_comes_back_keeps_its_turn(throttle: Throttle) -> None:
    """Given an article that waits, when many come meanwhile, then it goes on at its time all the same."""
    [*_, before] = asked(throttle, "wire.example", *range(14))
    asked(throttle, "wire.example", *range(100, 200))
    [again] = asked(throttle, "wire.example", 13)
    time.sleep(0.5)

    assert 0.3 < before <= 0.4
    assert again <= before
    assert [0.0] == asked(throttle, "wire.example", 13)


def test_a_source_waits_for_no_other(throttle: Throttle) -> None:
    """Given a source that floods, then the first article of another goes on, and its second after 2 s."""
    asked(throttle, "wire.example", *range(1000))

    first, second = asked(throttle, "b.example", 1, 2)

    assert (0.0, True) == (first, 1.5 < second <= 2.0)


def test_a_clock_that_is_put_back_lengthens_no_turn(
    throttle: Throttle, client: "redis.Redis", settings: Settings
) -> None:
    """Given turns of an hour ahead after the clock was put back, then the next is as far off as before."""
    asked(throttle, "wire.example", *range(20))
    key = f"{settings.namespace}:rate:wire.example"
    for field in ("next", "at"):
        client.hset(key, field, float(client.hget(key, field)) + 3_600_000)

    [delay] = asked(throttle, "wire.example", 20)

    assert 0.5 < delay < 1.2
