"""Figures on the development data: they must not fall below what is promised."""

import pytest

from benchmarks import evaluation

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not evaluation.is_here(), reason="no evaluation data (COPYDESK_EVAL)"),
]


def test_language() -> None:
    """Given news and UDHR paragraphs, then codes are right as often as promised."""
    from benchmarks.enrichment_language import accuracy

    shares = accuracy()
    assert shares["fundus"] == pytest.approx(1.0)
    assert shares["UDHR"] >= 0.93


def test_entities() -> None:
    """Given CrossNER politics, then F1 is as promised and above spaCy's own."""
    from benchmarks.enrichment_entities import quality

    scores = quality()
    assert scores["ours"][2] >= 0.70
    assert scores["ours"][2] > scores["spaCy, trimmed"][2]


def test_quotes() -> None:
    """Given PolNeAR, then precision, recall and speakers are as promised."""
    from benchmarks.enrichment_quotes import measure

    figures = measure(most=300)
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.90
    assert figures["speaker"] >= 0.84


def test_places() -> None:
    """Given three corpora, then towns are put where they are as often as promised."""
    from benchmarks.enrichment_places import measure

    figures = measure()
    assert figures["GeoVirus"]["resolved"] >= 0.85
    assert figures["TR-News"]["resolved"] >= 0.75
    assert figures["LGL"]["resolved"] >= 0.70
    assert min(figures[name]["a place at all"] for name in figures) >= 0.91
