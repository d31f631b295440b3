"""Figures of topics and keywords on the development data, a little below what is published."""

import pytest

from benchmarks import evaluation
from benchmarks.enrichment_keywords import f1_at_10, ours
from benchmarks.enrichment_topics import AG, BBC, macro_f1, predictions
from worker.articles import Article

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not evaluation.is_here(), reason="the evaluation data is not here"),
]


@pytest.mark.parametrize(("name", "labels", "least"), [("bbc", BBC, 0.93), ("agnews", AG, 0.81)])
def test_topics(name: str, labels: dict[str, str], least: float) -> None:
    """Given articles the table was not made from, when mapped, then most labels are right."""
    rows = evaluation.rows(f"topics_{name}_dev")
    articles = [Article(id=str(row["id"]), title=row["title"], text=row["text"]) for row in rows]
    assert macro_f1([row["label"] for row in rows], predictions(articles, labels)) > least


@pytest.mark.parametrize(
    ("name", "code", "least"),
    [("500N-KPCrowd-v1.1", "en", 0.19), ("Inspec", "en", 0.155), ("WikiNews", "fr", 0.35)],
)
def test_keywords(name: str, code: str, least: float) -> None:
    """Given marked documents, when keywords are drawn, then as many are right as is published."""
    rows = evaluation.rows(f"keywords_{name}_dev")
    scores = [f1_at_10(row["keys"], ours(row["text"], code)) for row in rows]
    assert sum(scores) / len(scores) > least
