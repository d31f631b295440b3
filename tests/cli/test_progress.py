"""How far a run is, in words."""

import pytest

from worker.cli.progress import how_far
from worker.ingest import Summary


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (Summary(published=900, expected=2_000, seconds=1.0), "starting"),
        (
            Summary(published=900, outcomes={"new": 400}, seconds=6.0, expected=2_000),
            "400 of about 2,000 articles, 100/s, 16 s to go",
        ),
        (
            Summary(published=2_000, outcomes={"new": 1_600}, seconds=18.0, expected=2_000),
            "1,600 of 2,000 articles, 100/s, 4.0 s to go",
        ),
        (Summary(published=900, outcomes={"new": 400}, seconds=6.0), "400 articles, 100/s"),
        (Summary(published=9, outcomes={"new": 9}, seconds=6.0, expected=9, done=True), "stopping"),
    ],
)
def test_how_far_a_run_is(summary: Summary, words: str) -> None:
    """Given a run whose workers were ready after two seconds, then these do not count for its rate."""
    assert words == how_far(summary, began=2.0)
