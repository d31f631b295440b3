"""The benchmarks: their smoke form in every run, the recorded ratios in a long one."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import engine, fleet, memory
from benchmarks.__main__ import read_recorded, regressions
from benchmarks.generate import articles


def test_the_generator_is_seeded() -> None:
    """Given the same seed, then the same articles; a third of them are copies, some are updates."""
    some = list(articles(400, seed=3))

    assert some == list(articles(400, seed=3))
    assert some != list(articles(400, seed=4))
    copies = sum("/wire/" in article["url"] for article in some)
    assert 100 < copies < 180
    assert 400 > len({article["url"] for article in some})


def test_the_engine_beats_a_task_an_article() -> None:
    """Given empty stages, then batches of ids are carried several times as fast as one task an article."""
    report = engine.measure(count=2000, rounds=1, rivals=False)
    report.print()

    assert report.ratios["engine_to_celery_task"] > 3


def test_what_waits_takes_little_more_than_its_bytes() -> None:
    """Given articles in flight, then the server holds them in at most one and a half times their bytes."""
    report = memory.measure(count=500, profile="light")
    report.print()

    assert report.ratios["redis_bytes_in_flight"] < 1.5


@pytest.mark.parametrize("day", [1_000_000, 10_000_000, 100_000_000])
def test_the_capacity_table_is_that_of_the_recorded_costs(day: int) -> None:
    """Given what is recorded of an article, then the documentation says what a day of so many needs."""
    needs = " | ".join(f"{need:,.1f}" for need in fleet.capacity(day).values())
    text = (Path(__file__).parents[1] / "docs" / "scaling.md").read_text(encoding="utf-8")

    assert f"| {day:,} | {needs} |\n" in text


def test_two_versions_run_by_turns() -> None:
    """Given another checkout, here the same, then whole desks of both carry articles in one run."""
    here = str(Path(__file__).parents[1])
    done = _turns(here, "light", "40", "1")
    wrong = _turns("nowhere")

    assert 0 == done.returncode, done.stderr
    assert 2 == done.stdout.count("this_to_other")
    assert 1 == wrong.returncode
    assert "nowhere is no checkout" in wrong.stderr


def _turns(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.turns", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("measured", "recorded", "worse"),
    [
        ({"end_to_end_full": 4.0}, {"end_to_end_full": 6.0}, 1),
        ({"end_to_end_full": 5.0}, {"end_to_end_full": 6.0}, 0),
        ({"end_to_end_full": 9.0}, {"end_to_end_full": 6.0}, 0),
        ({"redis_bytes_in_flight": 2.0}, {"redis_bytes_in_flight": 1.25}, 1),
        ({"redis_bytes_in_flight": 1.0}, {"redis_bytes_in_flight": 1.25}, 0),
        ({"new": 1.0}, {}, 0),
    ],
)
def test_a_regression_is_told(
    measured: dict[str, float], recorded: dict[str, float], worse: int
) -> None:
    """Given ratios and those recorded, then what is over 20 % worse is told, in either direction."""
    assert worse == len(regressions(measured, recorded))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_ratio_is_a_fifth_worse_than_recorded() -> None:
    """Given the recorded ratios, when all parts but the longest are measured, then none has regressed."""
    parts = ["full", "light", "ceiling", "ceiling-light", "engine", "copies", "memory"]
    command = [sys.executable, "-m", "benchmarks", *parts, "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert read_recorded()
    assert 0 == done.returncode, done.stdout + done.stderr
