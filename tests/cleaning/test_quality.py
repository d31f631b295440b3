"""Figures on the development data: they may rise, never fall."""

import pytest

from benchmarks import evaluation
from benchmarks.cleaning import CORE, data, load
from benchmarks.cleaning_score import Score, judge, mean
from benchmarks.cleaning_tools import copydesk

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not evaluation.is_here(), reason="no evaluation data (COPYDESK_EVAL)"),
]


@pytest.mark.parametrize(
    ("kind", "sources", "least"),
    [
        ("fragments", CORE, 0.970),
        ("fragments", ("wcxb",), 0.955),
        ("pages", CORE, 0.970),
        ("pages", ("aeb",), 0.970),
        ("pages", ("fundus_eval",), 0.955),
        ("pages", ("wcxb",), 0.937),
    ],
)
def test_text_is_as_good_as_it_was(kind: str, sources: tuple[str, ...], least: float) -> None:
    """Given every third document of some sources, when cleaned, F1 is not below the floor."""
    tool, score = copydesk(), Score()
    for row in load(data(kind), step=3):
        if row["source"] in sources:
            judge(row, tool(row["html"], row["url"]), [], score)

    assert score.f1 > least - 0.01


def test_metadata_are_as_good_as_they_were() -> None:
    """Given every third page, when cleaned, titles, authors and days are not below their floors."""
    tool, score = copydesk(), Score()
    for row in load(data("pages"), step=3):
        judge(row, tool(row["html"], row["url"]), [], score)

    assert mean(score.title) > 0.87
    assert mean(score.authors) > 0.75
    assert mean(score.invented) < 0.13
    assert mean(score.date) > 0.86
