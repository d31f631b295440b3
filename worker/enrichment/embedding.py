"""A vector of the article's meaning, for search and clustering."""

from collections.abc import Sequence

import numpy as np

from worker.articles import Article
from worker.enrichment.base import Skipped
from worker.enrichment.wordtable import word_table
from worker.settings import Settings


class EmbeddingEnricher:
    """Sets `embedding`: 128 numbers, a vector of length 1; the dot product of two tells their likeness.

    It is the weighted mean of the words' vectors (`scripts/build_models.py`). It is in no profile: it runs
    only if the setting `enrichers` names it.
    """

    name = "embedding"
    version = "1"
    languages: frozenset[str] | None = frozenset({"en"})
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("embedding",)

    def __init__(self, _settings: Settings) -> None:
        self._table = word_table()

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[float]] | Skipped]:
        """Return the vector of each article."""
        values: list[dict[str, list[float]] | Skipped] = []
        texts = [(article.title, article.text) for article in batch]
        for rows, weights in self._table.look_up(texts):
            mean = (weights * self._table.scales[rows]) @ self._table.vectors[rows]
            length = float(np.linalg.norm(mean))
            if length:
                values.append({"embedding": [round(float(value), 4) for value in mean / length]})
            else:
                values.append(Skipped("no word that is known"))
        return values
