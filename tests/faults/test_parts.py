"""Single promises, over real processes: lanes, shutdown, the breaker, memory."""

import os
import signal
import time

import pytest

from tests.faults.conftest import Start
from tests.faults.desk import FaultyDesk, wait_for
from tests.faults.feed import make_feed, slow
from tests.faults.test_short import SEED
from worker.deadletters import read_letters
from worker.lanes import GROUP, Lane
from worker.outcomes import Reason, Stage
from worker.sinks.store import Store
from worker.status import read_status


def settled(desk: FaultyDesk, lane: Lane) -> int:
    """Return the number of settled articles of a lane."""
    status = read_status(desk.client, desk.settings.namespace)
    return sum(next(one for one in status.lanes if one.lane == lane).outcomes.values())


def held(desk: FaultyDesk) -> list[bytes]:
    """Return who of the workers holds an entry of the live lane, one name an entry."""
    raw = desk.streams.keys.raw(Lane.LIVE)
    found = desk.client.xpending_range(raw, GROUP, "-", "+", 100)
    return [row["consumer"] for row in found if row["consumer"].startswith(b"worker:")]


def test_live_articles_wait_for_one_batch_of_the_backlog_at_most(start: Start) -> None:
    """Given a backlog in work and its queue full, when live articles come, then they go next."""
    desk = start(batch_size=8)
    for _ in desk.publisher.publish_many(slow(1, 300), lane=Lane.BACKLOG):
        pass
    wait_for(lambda: settled(desk, Lane.BACKLOG) >= 16)

    for article in make_feed(2, 5).articles:
        desk.publisher.publish(article)
    before = settled(desk, Lane.BACKLOG)
    wait_for(lambda: settled(desk, Lane.LIVE) >= 5)

    # One batch in work, one begun while the intake waited for the live batch to fill.
    assert settled(desk, Lane.BACKLOG) - before <= 2 * 8


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_what_a_stopping_worker_cannot_finish_is_handed_back_at_once(
    start: Start, number: signal.Signals
) -> None:
    """Given a batch longer than the grace period, when the worker is stopped, then it waits for another."""
    desk = start(grace=0.5, batch_size=64, article_time_limit=60.0)
    articles = slow(3, 64)
    for _ in desk.publisher.publish_many(articles):
        pass
    wait_for(lambda: len(held(desk)) > 0)
    [worker] = desk.workers
    assert worker is not None
    worker.send_signal(number)
    worker.wait(20)

    assert [] == held(desk)
    assert 0 == desk.client.hlen(desk.streams.keys.history(Lane.LIVE)), "it is nobody's fault"
    desk.wait_settled(len(articles), 60)
    assert {} == desk.left_over()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_worker_that_is_stuck_in_c_code_is_stopped_all_the_same(
    start: Start, number: signal.Signals
) -> None:
    """Given an article that hears no signal, when the worker is stopped, then it is nobody's fault."""
    desk = start(grace=0.5, soft_time_limit=200.0, hard_time_limit=250.0)
    stuck = {"title": "STUCK in the news", "url": "https://a.example/stuck"}
    for _ in desk.publisher.publish_many([{**make_feed(5, 1).articles[0], **stuck}]):
        pass
    wait_for(lambda: len(held(desk)) > 0)
    time.sleep(0.5)  # so that it is stuck
    [worker] = desk.workers
    assert worker is not None
    worker.send_signal(number)
    worker.wait(20)

    assert [] == held(desk)
    assert 0 == desk.client.hlen(desk.streams.keys.history(Lane.LIVE))


def test_a_worker_finishes_what_it_can_in_the_grace_period(start: Start) -> None:
    """Given a batch shorter than the grace period, when the worker is stopped, then it is settled."""
    desk = start(grace=20.0, batch_size=32, article_time_limit=60.0)
    articles = slow(4, 32)[:32]
    for _ in desk.publisher.publish_many(articles):
        pass
    raw = desk.streams.keys.raw(Lane.LIVE)
    wait_for(
        lambda: any(
            consumer["name"].startswith(b"worker:") and consumer["pending"]
            for consumer in desk.client.xinfo_consumers(raw, GROUP)
        )
    )
    [worker] = desk.workers
    assert worker is not None
    worker.terminate()
    worker.wait(30)

    assert len(articles) == desk.settled()


def test_a_bad_deploy_does_not_turn_a_feed_into_dead_letters(start: Start) -> None:
    """Given articles that all fail in cleaning, then the intake stops, and says so; most are untouched."""
    desk = start(breaker_run=50, batch_size=16, queue_limit=2)
    for _ in desk.publisher.publish_many({"id": str(n), "html": "<p> </p>"} for n in range(600)):
        pass

    wait_for(lambda: bool(read_status(desk.client, "fault").breakers))
    time.sleep(1)

    [breaker] = read_status(desk.client, "fault").breakers
    assert "live" == breaker.name
    assert len(list(read_letters(desk.client, desk.streams.keys))) < 200


def test_an_article_that_eats_memory_harms_no_other(start: Start) -> None:
    """Given articles that take all memory, in Python and in C, then the limit of a child stops them.

    The first goes on without the enricher that was refused; the other, which takes its child with it each
    time, is a dead letter that tells so; their neighbours are delivered.
    """
    desk = start(child_memory_limit=1_000_000_000, article_time_limit=20.0)
    articles = make_feed(SEED, 60, poison=("GREEDY", "ABORTING")).articles
    for _ in desk.publisher.publish_many(articles):
        pass
    desk.wait_settled(len(articles), 120)

    [letter] = read_letters(desk.client, desk.streams.keys)
    assert "https://poison.example/ABORTING" == letter.url
    assert (Reason.WORKER_DIED, Stage.ENRICH) == (letter.reason, letter.stage)
    # Over its batch, a part of it, twice alone; and the burial.
    assert ["death"] * 5 == [event["kind"] for event in letter.history]
    with Store.of(desk.settings) as store:
        [known] = store.find("https://poison.example/GREEDY")
        found = store.get(known)
    assert found is not None
    run = found.provenance.enrichers["poison"]
    assert ("failed", "MemoryError") == (run.status, (run.reason or "").partition(":")[0])


def test_a_child_that_has_grown_is_replaced_after_its_batch(start: Start) -> None:
    """Given an article over which a child keeps much memory, then another child takes its place."""
    desk = start(max_child_memory=500_000_000)
    [before] = desk.children(0)
    articles = make_feed(SEED, 60, poison=("GROWING",)).articles
    for _ in desk.publisher.publish_many(articles):
        pass
    desk.wait_settled(len(articles), 60)
    wait_for(lambda: before not in desk.children(0))

    assert [] == list(read_letters(desk.client, desk.streams.keys))
    assert {} == desk.left_over()


def test_what_comes_again_is_not_starved_by_a_full_lane(start: Start) -> None:
    """Given a lane that is always full, when a worker process dies, then its entries come again meanwhile."""
    desk = start(batch_size=8, queue_limit=4)
    for _ in desk.publisher.publish_many(slow(5, 700)):
        pass
    raw = desk.streams.keys.raw(Lane.LIVE)

    def held() -> list[bytes]:
        found = desk.client.xpending_range(raw, GROUP, "-", "+", 100)
        return [row["message_id"] for row in found if row["consumer"].startswith(b"worker:")]

    wait_for(lambda: bool(held()))
    ids = held()
    [child] = desk.children(0)
    os.kill(child, signal.SIGKILL)
    wait_for(lambda: not any(desk.client.xpending_range(raw, GROUP, one, one, 1) for one in ids))

    assert desk.settled() < 600
