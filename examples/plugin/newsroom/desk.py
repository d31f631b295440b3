"""An enricher of your own: which desk of the newsroom an article is for, by its topics and places."""

from collections.abc import Mapping, Sequence
from typing import Any

from worker.articles import Article
from worker.enrichment import Skipped
from worker.settings import Settings

HOME = "GB"
DESKS = {
    "medtop:15000000": "sport",
    "medtop:04000000": "business",
    "medtop:01000000": "culture",
    "medtop:11000000": "politics",
}
"""Media Topics of the IPTC to our desks."""


class DeskEnricher:
    """Sets `desk`, which `Article` does not have, so it is stored in `extra`."""

    name = "desk"
    version = "1"  # change it when the same text may give another desk
    languages = frozenset({"en"})  # None: any language
    needs = ("topics", "places")  # the enrichers of these fields run first, where they run at all
    fields = ("desk",)

    def __init__(self, settings: Settings) -> None:
        """Load what it takes. This runs once a worker, before its processes are forked."""

    def enrich(self, batch: Sequence[Article]) -> Sequence[Mapping[str, Any] | Skipped]:
        """Return a result an article, in order. Articles are not changed here."""
        return [self._desk(article) for article in batch]

    def _desk(self, article: Article) -> Mapping[str, Any] | Skipped:
        for topic in article.topics or []:
            if topic.code in DESKS:
                return {"desk": DESKS[topic.code]}
        countries = {place.country_code for place in article.places or []}
        if not countries:
            return Skipped("neither topics nor places")
        return {"desk": "home" if HOME in countries else "world"}
