"""The enricher `places`: sets `places`."""

from collections.abc import Sequence
from typing import Any

from worker.articles import Article, Mention, Place
from worker.enrichment.base import Skipped
from worker.enrichment.places.gazetteer import UNKNOWN_ID, gazetteer
from worker.enrichment.places.resolver import Resolver, Toponym
from worker.settings import Settings


class PlaceEnricher:
    """Resolves the mentions that `entities` calls places."""

    name = "places"
    version = "3 (GeoNames 2026-07)"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("entities",)
    fields: tuple[str, ...] = ("places",)

    def __init__(self, _settings: Settings) -> None:
        self._resolver = Resolver(gazetteer())

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any] | Skipped]:
        """Return the places of each article."""
        return [
            Skipped("the article has no entities")
            if article.entities is None
            else {"places": self._places(article, article.entities)}
            for article in batch
        ]

    def _places(self, article: Article, mentions: Sequence[Mention]) -> list[Place]:
        entity_of = {one.start: one.entity for one in mentions}
        toponyms = [
            Toponym(one.text, one.start, one.end) for one in mentions if one.label == "place"
        ]
        peoples = {one.text for one in mentions if one.tag == "NORP"}
        return [
            Place(
                text=toponym.text,
                start=toponym.start,
                end=toponym.end,
                geonames_id=None if place.id == UNKNOWN_ID else place.id,
                name=place.name,
                country_code=place.country or None,
                latitude=place.latitude,
                longitude=place.longitude,
                confidence=confidence,
                entity=entity_of.get(toponym.start),
            )
            for toponym, place, confidence in self._resolver.resolve(
                article.text, toponyms, sorted(peoples)
            )
        ]
