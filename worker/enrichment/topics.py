"""IPTC Media Topics of an article, at the top level and one below."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from worker.articles import Article, Topic
from worker.enrichment.base import Skipped
from worker.enrichment.wordtable import concepts, word_table
from worker.settings import Settings

SURE = 0.13
"""Share of the votes that the strongest topic must have; 17 topics at random have .06 each."""
EVIDENCE = 0.5
"""Votes that an article must cast in all; a line of small talk does not."""
BESIDE, LEAST = 0.45, 0.1
"""A further topic must have so much of the strongest one's share, and so much of all votes."""
MOST = 4
"""Topics of the top level, at most."""
BELOW = 0.3
"""Share of its parent's votes that a topic one below must have."""
MOST_BELOW = 2


class TopicEnricher:
    """Sets `topics`: those of the top level by score, each followed by those below it.

    Every word votes for the topics whose seed words it lies near to; a topic's score is its share
    of the article's votes (below the top: of its parent's score). `scripts/build_models.py` tells
    where the votes come from: no article was used. An article that casts few votes, or scatters
    them, has no topics and a reason.
    """

    name = "topics"
    version = "2"
    languages: frozenset[str] | None = frozenset({"en"})
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("topics",)

    def __init__(self, _settings: Settings) -> None:
        self._table = word_table()
        self._tops, self._concepts = concepts()
        below = self._concepts[self._tops :]
        codes = [concept["parent"] for concept in self._concepts[: self._tops]]
        self._below = [
            [place for place, concept in enumerate(below) if concept["parent"] == code]
            for code in codes
        ]

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[Topic]] | Skipped]:
        """Return the topics of each article."""
        texts = [(article.title, article.text) for article in batch]
        return [self._topics(rows, weights) for rows, weights in self._table.look_up(texts)]

    def _topics(
        self, rows: NDArray[np.intp], weights: NDArray[np.float32]
    ) -> dict[str, list[Topic]] | Skipped:
        votes = _votes(self._table.topics, rows, weights)
        total = float(votes.sum())
        if total < EVIDENCE:
            return Skipped("too few words that tell a topic")
        shares = (votes / total).tolist()
        order = sorted(range(len(shares)), key=shares.__getitem__, reverse=True)
        best = shares[order[0]]
        if best < SURE:
            return Skipped(f"no topic stands out: the strongest has {best:.2f} of the votes")
        below = _votes(self._table.subtopics, rows, weights).tolist()
        topics: list[dict[str, Any]] = []
        for place in order[:MOST]:
            share = shares[place]
            if share < best and share < max(BESIDE * best, LEAST):
                break
            parent = self._concepts[place]
            topics.append(
                {"code": parent["code"], "name": parent["name"], "score": round(share, 3)}
            )
            columns = self._below[place]
            inside = max(sum([below[column] for column in columns]), 1e-9)
            for column in sorted(columns, key=below.__getitem__, reverse=True)[:MOST_BELOW]:
                inner = below[column] / inside
                if inner < BELOW:
                    break
                concept = self._concepts[self._tops + column]
                topics.append(
                    {
                        "code": concept["code"],
                        "name": concept["name"],
                        "score": round(share * inner, 3),
                        "parent": parent["code"],
                    }
                )
        return {"topics": _topics.validate_python(topics)}


_topics = TypeAdapter(list[Topic])  # makes all of an article in one go


def _votes(
    table: NDArray[np.uint8], rows: NDArray[np.intp], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the sum of some rows of votes, weighted."""
    return (weights @ table.take(rows, axis=0).astype(np.float32)) / np.float32(255)
