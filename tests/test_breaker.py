"""Breakers: they open when too much fails, probe, and close again."""

import time

import pytest
import redis

from worker.breaker import SINKS, Breakers, Word
from worker.lanes import Lane
from worker.settings import Settings

LIVE, BACKLOG = Lane.LIVE, Lane.BACKLOG


@pytest.fixture
def breakers(client: "redis.Redis", settings: Settings) -> Breakers:
    """Breakers that open at half of 20, or at 15 in a row."""
    settings.breaker_share, settings.breaker_window, settings.breaker_run = 0.5, 20, 15
    return Breakers(client, settings)


def test_a_run_of_failures_stops_the_lane_and_no_other(breakers: Breakers) -> None:
    """Given failures in a row up to the limit, then that lane stops, says why, and the other goes on."""
    breakers.record(LIVE, good=0, bad=7, probe=False, why="KeyError: 'body'")
    assert Word.GO is breakers.ask(LIVE)
    breakers.record(LIVE, good=0, bad=8, probe=False, why="KeyError: 'body'")

    assert (Word.STOP, Word.GO) == (breakers.ask(LIVE), breakers.ask(BACKLOG))
    [state] = breakers.states()
    assert ("live", "open", "KeyError: 'body'") == (state.name, state.state, state.why)
    assert breakers.stopped(LIVE)


def test_a_share_of_failures_stops_the_lane(breakers: Breakers) -> None:
    """Given half of the window failed, though never in a row, then the lane stops."""
    for _ in range(6):
        breakers.record(LIVE, good=1, bad=2, probe=False)

    assert Word.STOP is breakers.ask(LIVE)


def test_few_failures_stop_nothing(breakers: Breakers) -> None:
    """Given one article in ten that fails, for long, then the lane goes on."""
    for _ in range(50):
        breakers.record(LIVE, good=9, bad=1, probe=False)

    assert Word.GO is breakers.ask(LIVE)


def test_one_probe_at_a_time_and_its_success_closes(
    breakers: Breakers, client: "redis.Redis", settings: Settings
) -> None:
    """Given a pause that is over, then one batch may go, and when it goes well the lane is open again."""
    breakers.record(LIVE, good=0, bad=15, probe=False)
    client.hset(f"{settings.namespace}:breaker:live", "until", int(time.time() * 1000) - 1)

    assert (Word.PROBE, Word.STOP) == (breakers.ask(LIVE), breakers.ask(LIVE))
    breakers.record(LIVE, good=3, bad=0, probe=False)
    assert Word.STOP is breakers.ask(LIVE), "what was on its way before says nothing"
    breakers.record(LIVE, good=3, bad=0, probe=True)

    assert Word.GO is breakers.ask(LIVE)
    assert [] == breakers.states()


def test_a_probe_that_fails_doubles_the_pause(
    breakers: Breakers, client: "redis.Redis", settings: Settings
) -> None:
    """Given a probe that fails, then the next one waits twice as long."""
    breakers.record(LIVE, good=0, bad=15, probe=False)
    [first] = breakers.states()
    client.hset(f"{settings.namespace}:breaker:live", "until", int(time.time() * 1000) - 1)
    breakers.ask(LIVE)
    breakers.record(LIVE, good=0, bad=4, probe=True)

    pause = client.hget(f"{settings.namespace}:breaker:live", "pause")
    assert (Word.STOP, b"10000") == (breakers.ask(LIVE), pause)
    assert first.since == breakers.states()[0].since


def test_a_service_that_is_away_stops_every_lane_until_a_probe_finds_it(breakers: Breakers) -> None:
    """Given a sink that is away, then all lanes stop at once; a lane without articles passes the probe on."""
    breakers.record_sinks(away=True, probe=False, why="The store did not answer")
    assert (Word.STOP, Word.STOP) == (breakers.ask(LIVE), breakers.ask(BACKLOG))

    time.sleep(0.55)
    assert Word.PROBE is breakers.ask(LIVE)
    breakers.pass_on(LIVE)
    assert Word.PROBE is breakers.ask(BACKLOG)
    breakers.record_sinks(away=False, probe=True)

    assert Word.GO is breakers.ask(LIVE)
    assert SINKS not in [state.name for state in breakers.states()]
