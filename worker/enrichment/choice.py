"""Chooses the sentences that say most of what an article says, for the summary."""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from worker.enrichment.columns import Column, Lists, Numbered, Numbers, distinct, ranges
from worker.enrichment.pieces import Pieces
from worker.enrichment.words import Vocabulary, words_of

Floats: TypeAlias = NDArray[np.float64]

SENTENCES = 3
WORDS = 75
"""A third sentence is taken only if the summary stays within this many words."""

CONSIDERED = 20
"""Sentences to look at, from the top: later ones seldom win, and long reads stay cheap."""

_EARLY = np.array([math.exp(-place / 4) for place in range(CONSIDERED)])

_QUOTES = frozenset("\"“'‘«")

WORD = re.compile(r"[^\W_]++(?:[-'’.][^\W_]++)*+")
"""A word with its inner apostrophe, hyphen or stop: `Orr`, `nine-year-old`, `U.S`."""


class Sentence(NamedTuple):
    """A candidate for the summary."""

    article: int
    place: int
    """Its place among the candidates of its article."""
    text: str
    begin: int
    """Where its pieces begin, among those of all texts."""
    end: int
    words: int
    leans: bool


def spoken_words(written: Sequence[str]) -> Column:
    """How many words each bare word is: `and/or` is two."""
    return Column(written, lambda bare: len(words_of(bare, WORD)), np.int32)


def _stems(written: Sequence[str], words: Vocabulary) -> Lists:
    """The numbers of the stems in each bare word, without stop words."""
    stems = Numbered()

    def find(bare: str) -> list[int]:
        known = [words.word(token.lower()) for token in words_of(bare, WORD)]
        return [stems[word.stem] for word in known if not word.stop]

    return Lists(written, find, np.intp)


class _Told:
    """The stems in n sentences: each pair of a sentence and a stem once."""

    def __init__(self, found: Sequence[Sentence], divided: Pieces, words: Vocabulary) -> None:
        stems, bare = divided.about_bare(_stems, words), divided.bare["word"]
        self.article = np.array([sentence.article for sentence in found])
        begin = np.array([sentence.begin for sentence in found])
        sizes = np.array([sentence.end for sentence in found]) - begin
        piece, stem = stems[bare[ranges(begin, sizes)]]
        sentence = np.repeat(np.arange(len(found)), sizes)[piece]
        article = self.article[sentence]
        titles = divided.bounds[len(divided.texts) // 2 :]
        piece, of_title = stems[bare[titles[0] :]]
        title = np.repeat(np.arange(len(titles) - 1), np.diff(titles))[piece]
        most = max(stem.max(initial=0), of_title.max(initial=0)) + 1
        pairs = distinct((article * most + stem) * len(found) + sentence)
        self._sentence = pairs % len(found)
        stem_of_article = pairs // len(found)
        changes = np.diff(stem_of_article, prepend=-1) != 0
        self._stem = np.cumsum(changes) - 1
        headlines = distinct(title * most + of_title)
        self._in_title = np.isin(stem_of_article[changes], headlines)
        self._of_title = np.bincount(headlines // most, minlength=len(titles) - 1)
        self.sizes = np.bincount(self._sentence, minlength=len(found))
        """(n,) the number of stems in each sentence."""

    def _sum(self, of_stems: NDArray[Any]) -> Floats:
        """Return (n,) the sum over the stems of each sentence."""
        values = of_stems[self._stem].astype(np.float64)
        return np.bincount(self._sentence, values, minlength=len(self.sizes)).astype(np.float64)

    def again(self) -> Floats:
        """Return (n,) how often other sentences of the article contain its stems."""
        said: Floats = self._sum(np.bincount(self._stem)) - self.sizes
        return said

    def in_title(self) -> Floats:
        """Return (n,) the share of the title's stems that each sentence contains; 0 without a title."""
        share: Floats = self._sum(self._in_title) / np.maximum(self._of_title[self.article], 1)
        return share

    def said_by(self, sentences: Numbers) -> Floats:
        """Return (n,) the share of each sentence's stems that one of `sentences` of its article has."""
        one = np.zeros(len(self.sizes), bool)
        one[sentences] = True
        stems = np.zeros(int(self._stem.max(initial=-1)) + 1, bool)
        stems[self._stem[one[self._sentence]]] = True
        share: Floats = self._sum(stems) / np.maximum(self.sizes, 1)
        return share


def choose(found: Sequence[Sentence], divided: Pieces, words: Vocabulary) -> NDArray[np.bool_]:
    """Return which of the sentences, in the order of their articles, are in the summaries."""
    told = _Told(found, divided, words)
    score = _scores(found, told)
    lengths = np.array([sentence.words for sentence in found])
    begins = np.flatnonzero(np.diff(told.article, prepend=-1))
    counts = np.diff(begins, append=len(found))
    own = np.repeat(np.arange(len(begins)), counts)
    chosen = (counts <= 2)[own]
    chosen[begins] = True
    last, room, said = begins, WORDS - lengths[begins], np.zeros(len(found))
    for taken in range(1, SENTENCES):
        said = np.maximum(said, told.said_by(last))
        worth = np.where(chosen | (said >= 0.7) | (told.sizes == 0), 0.0, score * (1 - said))
        best = np.maximum.reduceat(worth, begins)
        at = np.flatnonzero((worth == best[own]) & (worth > 0))
        at = at[np.diff(own[at], prepend=-1) != 0]  # the first of those as good as one another
        if taken > 1:
            at = at[lengths[at] <= room[own[at]]]
        chosen[at] = True
        last = last.copy()
        last[own[at]] = at
        room[own[at]] -= lengths[at]
    return chosen


def _scores(found: Sequence[Sentence], told: _Told) -> Floats:
    central = told.again() / (told.sizes + 3) / np.bincount(told.article)[told.article]
    early = _EARLY[[sentence.place for sentence in found]]
    score: Floats = 2.0 * central + 0.6 * early + 0.4 * told.in_title()
    score[[sentence.leans for sentence in found]] *= 0.6
    score[[sentence.text[0] in _QUOTES for sentence in found]] *= 0.7
    score[[sentence.words > 45 for sentence in found]] *= 0.7
    return score
