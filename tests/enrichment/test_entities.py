"""Entities: mentions, offsets, languages."""

import pytest

from worker.articles import Article
from worker.enrichment import Enricher, build, enrich
from worker.settings import Settings

TEXT = (
    "Harbour master Ines Calder said the ferry would sail from Plymouth to Roscoff on Friday.\n\n"
    "The Marine Accident Investigation Branch declined to comment."
)


@pytest.fixture(scope="module")
def enrichers() -> list[Enricher]:
    """Return language and entities, built once."""
    return build(Settings(enrichers=["entities", "language"]))


def test_mentions_carry_exact_offsets(enrichers: list[Enricher]) -> None:
    """Given an English text, then each mention's offsets cut its own text out of it."""
    article = Article(id="a", text=TEXT)
    enrich(enrichers, [article])
    assert article.entities
    assert all(TEXT[one.start : one.end] == one.text for one in article.entities)
    assert {"Ines Calder", "Plymouth"} <= {one.text for one in article.entities}


def test_a_language_without_a_model_is_null_with_a_reason(enrichers: list[Enricher]) -> None:
    """Given a Finnish text, then entities are null and provenance says why."""
    text = "Kaupunginhallitus päätti maanantaina uuden sillan rakentamisesta joen yli keskustaan."
    article = Article(id="a", text=text)
    enrich(enrichers, [article])
    run = article.provenance.enrichers["entities"]
    assert (article.entities, article.subjects) == (None, None)
    assert (run.status, run.reason) == ("skipped", "no entities for language 'fi'")
