"""What an enricher is."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from worker.articles import Article


class Enricher(Protocol):
    """A small class that adds fields to articles. Built once a process, before the pool forks.

    Third parties register theirs under the entry point group `copydesk.enrichers`.
    """

    name: str
    version: str
    languages: frozenset[str] | None
    """ISO 639-1 codes it serves; None for any language."""
    fields: tuple[str, ...]
    """The `Article` fields it sets; they become null where it fails or does not serve the language."""

    def enrich(self, batch: Sequence[Article]) -> Sequence[Mapping[str, Any]]:
        """Return, for each article in order, the values of `fields`. Articles are not changed."""
        ...
