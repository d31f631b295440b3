"""The enricher `entities`: sets `entities` and `subjects`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from worker.articles import Article, Mention, Subject
from worker.enrichment.entities.numpy_model import recogniser
from worker.enrichment.entities.spacy_model import load
from worker.enrichment.entities.spans import LABELS, Recogniser, Span
from worker.settings import Settings


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
        self.languages: frozenset[str] | None = frozenset(self._recognisers)
        self.version = "1 (" + "; ".join(one.version for one in self._recognisers.values()) + ")"

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any]]:
        """Return the mentions and subjects of each article."""
        values: list[dict[str, Any]] = [{} for _ in batch]
        by_language: dict[str, list[int]] = {}
        for index, article in enumerate(batch):
            code = article.language.code if article.language else None
            by_language.setdefault(code or "", []).append(index)
        for code, indexes in by_language.items():
            found = self._recognisers[code].find([batch[index].text for index in indexes])
            for index, spans in zip(indexes, found, strict=True):
                values[index] = _values(batch[index].text, spans)
        return values


def _values(text: str, spans: Sequence[Span]) -> dict[str, Any]:
    mentions = [
        Mention(
            text=text[span.start : span.end],
            label=LABELS[span.tag],
            start=span.start,
            end=span.end,
            entity=text[span.start : span.end].casefold(),
            tag=span.tag,
        )
        for span in spans
        if span.tag in LABELS
    ]
    counts = Counter((mention.entity, mention.label) for mention in mentions)
    subjects = {
        str(mention.entity): Subject(
            key=str(mention.entity),
            name=mention.text,
            label=mention.label,
            count=counts[mention.entity, mention.label],
            salience=counts[mention.entity, mention.label] / len(mentions),
        )
        for mention in mentions
    }
    return {"entities": mentions, "subjects": list(subjects.values())}
