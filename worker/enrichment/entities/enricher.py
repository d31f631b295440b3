"""The enricher `entities`: sets `entities` and `subjects`."""

from collections.abc import Sequence
from typing import Any

from worker.articles import Article
from worker.enrichment.entities.corrections import Corrector
from worker.enrichment.entities.joining import join
from worker.enrichment.entities.named import Draft
from worker.enrichment.entities.numpy_model import recogniser
from worker.enrichment.entities.spacy_model import load
from worker.enrichment.entities.spans import Recogniser, Span
from worker.enrichment.places.gazetteer import gazetteer
from worker.enrichment.words import by_language
from worker.settings import Settings

TOGETHER = 64
"""Texts that go through the network at once. More need more memory, and are no faster."""


class EntityEnricher:
    """Finds entities with the model of the article's language."""

    name = "entities"
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("entities", "subjects")

    def __init__(self, settings: Settings) -> None:
        self._recognisers: dict[str, Recogniser] = {
            language: recogniser(load(package))
            for language, package in settings.entity_models.items()
        }
        self._corrector = Corrector(gazetteer())
        self.languages: frozenset[str] | None = frozenset(self._recognisers)
        self.version = "5 (" + "; ".join(one.version for one in self._recognisers.values()) + ")"

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any]]:
        """Return the mentions and subjects of each article."""
        return by_language(batch, self._of_language)

    def _of_language(self, articles: Sequence[Article], code: str | None) -> list[dict[str, Any]]:
        model, corrected = self._recognisers[code or ""], code == "en"
        values = []
        for begin in range(0, len(articles), TOGETHER):
            own = articles[begin : begin + TOGETHER]
            found = model.find([article.text for article in own])
            for article, spans in zip(own, found, strict=True):
                values.append(self._values(article, spans, corrected=corrected))
        return values

    def _values(
        self, article: Article, spans: Sequence[Span], *, corrected: bool
    ) -> dict[str, Any]:
        draft = Draft(article.text, spans)
        if corrected:
            self._corrector.correct(draft)
        mentions, subjects = join(article.text, article.title, draft.spans)
        return {"entities": mentions, "subjects": subjects}
