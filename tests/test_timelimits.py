"""Time limits reach through code that catches every Exception."""

import os
import threading
import time

import pytest

from worker.timelimits import INTERRUPT, InterruptedBatchError, OutOfTimeError, Scope, TimeLimits


@pytest.fixture
def limits() -> TimeLimits:
    """Limits of this process."""
    return TimeLimits()


def stubborn(seconds: float) -> None:
    """Go on whatever happens."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            time.sleep(0.01)
        except Exception:  # noqa: BLE001 - the point
            continue


def test_an_article_is_interrupted_though_it_survives_every_exception(limits: TimeLimits) -> None:
    """Given an endless loop that catches every Exception, then the article's limit ends it."""
    with limits.batch(10), pytest.raises(OutOfTimeError) as caught, limits.article(0.05):
        stubborn(5)

    assert Scope.ARTICLE is caught.value.scope


def test_the_batch_limit_holds_inside_an_article(limits: TimeLimits) -> None:
    """Given a batch whose time ends within an article, then the batch's limit is named."""
    with pytest.raises(OutOfTimeError) as caught, limits.batch(0.05), limits.article(10):
        stubborn(5)

    assert Scope.BATCH is caught.value.scope


def test_each_of_many_articles_has_its_own_time(limits: TimeLimits) -> None:
    """Given quick articles that the timer passes over, then one that is slow is still ended in time."""
    began = time.monotonic()
    with limits.batch(10):
        for _ in range(5):
            with limits.article(0.1):
                stubborn(0.04)
        with pytest.raises(OutOfTimeError) as caught, limits.article(0.1):
            stubborn(5)
        with pytest.raises(OutOfTimeError), limits.article(0.05):
            stubborn(5)

    assert Scope.ARTICLE is caught.value.scope
    assert time.monotonic() - began < 0.8


def test_nothing_rings_afterwards(limits: TimeLimits) -> None:
    """Given work that ends in time, then no limit strikes later."""
    with limits.batch(0.05), limits.article(0.04):
        pass

    time.sleep(0.08)


def test_a_shutdown_interrupts_a_batch_and_nothing_else(limits: TimeLimits) -> None:
    """Given the signal of a shutdown, then it ends a batch, and passes over a process at rest."""
    limits.install()
    os.kill(os.getpid(), INTERRUPT)

    threading.Timer(0.05, os.kill, (os.getpid(), INTERRUPT)).start()
    with pytest.raises(InterruptedBatchError), limits.batch(10):
        stubborn(5)
