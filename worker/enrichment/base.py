"""The interface of an enricher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from worker.articles import Article


@dataclass(frozen=True, slots=True)
class Skipped:
    """Returned instead of values: why this article has none. The reason appears in `provenance`."""

    reason: str


class Enricher(Protocol):
    """A small class that adds fields to articles. It is built once per process, before the pool forks.

    Third parties register a callable `(settings) -> Enricher`, usually the class itself, under the
    entry point group `copydesk.enrichers`.
    """

    name: str
    version: str
    """Changes whenever the same text may give other values; it appears in `provenance`."""
    languages: frozenset[str] | None
    """ISO 639-1 codes it serves; None for any language."""
    needs: tuple[str, ...]
    """The `Article` fields of other enrichers that it reads; those enrichers run before it."""
    fields: tuple[str, ...]
    """The fields it sets; they become null where it fails or does not serve the language. A field that
    `Article` does not have is stored in `Article.extra`."""

    def enrich(self, batch: Sequence[Article]) -> Sequence[Mapping[str, Any] | Skipped]:
        """Return, for each article in order, the values of `fields`, or why there are none.

        Articles must not be changed here; the runner does that. An exception costs only this enricher's
        fields of the article that raised it.
        """
        ...
