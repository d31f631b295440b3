"""Batches fit into a set time."""

import pytest

from worker.batches import BatchSize


@pytest.mark.parametrize(
    ("each", "expected"),
    [(0.001, 64), (0.02, 25), (0.1, 5), (3.0, 4)],
    ids=str,
)
def test_a_batch_holds_what_a_worker_carries_in_half_a_second(each: float, expected: int) -> None:
    """Given articles of a known time each, then a batch takes half a second, within its bounds."""
    size = BatchSize(64, seconds=0.5)
    size.learn(spent=100 * each, settled=100)

    assert expected == size.articles


def test_the_last_articles_count_and_few_do_not() -> None:
    """Given quick articles after slow ones, then batches grow again; one slow article shrinks none."""
    size = BatchSize(64, seconds=0.5)
    size.learn(spent=10.0, settled=100)
    assert 5 == size.articles
    size.learn(spent=12.0, settled=101)
    assert 5 == size.articles
    size.learn(spent=12.2, settled=1000)
    assert 10 == size.articles


def test_batches_begin_small_and_grow_by_steps() -> None:
    """Given articles that cost next to nothing, then a batch is twice the last one, up to its bound."""
    size = BatchSize(200, seconds=0.5)
    sizes = [size.articles]
    for settled in (100, 200, 300):
        size.learn(spent=0.0, settled=settled)
        sizes.append(size.articles)

    assert sizes == [64, 128, 200, 200]


@pytest.mark.parametrize(("each", "expected"), [(1e-5, 64), (0.005, 12), (0.1, 1)], ids=str)
def test_a_batch_is_worth_an_eighth_of_the_time(each: float, expected: int) -> None:
    """Given articles of a known time each, then the smallest batch takes an eighth of half a second."""
    size = BatchSize(64, seconds=0.5)
    size.learn(spent=100 * each, settled=100)

    assert expected == size.least


def test_shorter_batches_are_not_sent_less_full() -> None:
    """Given a tenth of a second for a batch instead of half, then as many articles are worth one."""
    usual, short = BatchSize(256, seconds=0.5), BatchSize(256, seconds=0.1, usual=0.5)
    for size in (usual, short):
        size.learn(spent=1.0, settled=200)

    assert (100, 20) == (usual.articles, short.articles)
    assert (12, 12) == (usual.least, short.least)
