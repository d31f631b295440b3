"""Texts as numbers: each piece, that is whatever stands between two blanks, has a number.

An enricher that goes through a text word by word in Python spends its time there. Instead it takes the
`pieces` of a batch, defines what it needs to know about a piece in a `Column` (one value per piece) or in
`Lists` (any number of values), and does the rest in numpy over all texts at once:

>>> from worker.enrichment.columns import Column
>>> def capitals(written):
...     return Column(written, lambda piece: piece[0].isupper(), bool)
>>> words = pieces(["Jo Vane spoke. Nobody came.", "", "no more"])
>>> words.by_text(words.about(capitals)[words.numbers]).tolist()
[3, 0, 0]

A text is divided once for all enrichers that ask for the same batch, and each column looks at a piece once
as long as it is remembered. Where the marks around a word do not matter, use the `bare` words: `harbour`,
`“harbour` and `harbour,”` are the same bare word, which is looked at once.

>>> def lengths(written):
...     return Column(written, len, int)
>>> words = pieces(["“Jo Vane,” (they said)"])
>>> words.about_bare(lengths)[words.bare["word"]].tolist()
[2, 4, 4, 4]
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from string import punctuation
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from worker.articles import Article
from worker.enrichment.columns import Column, Numbered, Numbers, begins, sums
from worker.enrichment.cutting import Cutter, Divided
from worker.enrichment.remembered import OfTexts

Table = TypeVar("Table")

KEPT = 200_000
"""Pieces that a lexicon holds before a new one replaces it."""
KEPT_CHARACTERS = 2_000_000
"""The same in characters: a sentence without blanks is one piece, and does not come again."""
TABLES = 32
"""Tables of a lexicon: enrichers times languages. The least recently used are dropped."""
MARKS = punctuation.replace("_", "") + "“”‘’„«»…–—¿¡"
"""Marks that may stand around a bare word: no pattern for words counts them as letters."""


class Lexicon:
    """The numbers of pieces, and the tables of what enrichers know about them."""

    def __init__(self) -> None:
        numbered = Numbered()
        written = self.written = numbered.written
        self._characters = 0
        cutter = self._cutter = Cutter(numbered)
        # The closures do not refer to `self`, so that a lexicon is freed as soon as nobody uses it.
        self._divided = OfTexts(lambda text: cutter.cut([text])[0])
        self._about = lru_cache(maxsize=TABLES)(lambda make, *of: make(written, *of))
        bare = Numbered()
        self._about_bare = lru_cache(maxsize=TABLES)(lambda make, *of: make(bare.written, *of))
        self.bare = Column(written, lambda piece: _bare(piece, bare), _BARE)

    def full(self) -> bool:
        """Whether it should be replaced by a new one."""
        return len(self.written) >= KEPT or self._characters >= KEPT_CHARACTERS

    def divide(self, texts: Sequence[str]) -> list[Divided]:
        """Return the pieces of each text; the texts that are not remembered are cut in one go."""
        known = len(self.written)
        new = [text for text in dict.fromkeys(texts) if text not in self._divided]
        cut = dict(zip(new, self._cutter.cut(new), strict=True))
        divided = [cut[text] if text in cut else self._divided[text] for text in texts]
        for text, own in cut.items():
            self._divided.keep(text, own)
        self._characters += sum(map(len, self.written[known:]))
        return divided

    def about(self, make: Callable[..., Table], *of: Hashable) -> Table:
        """Return `make(written, *of)`, made once; `written` grows and has the piece of number n at n."""
        table: Table = self._about(make, *of)
        return table

    def about_bare(self, make: Callable[..., Table], *of: Hashable) -> Table:
        """Return the same for bare words, which have numbers of their own."""
        table: Table = self._about_bare(make, *of)
        return table


_BARE = [("word", np.int32), ("before", np.int32), ("around", np.int32)]


def _bare(piece: str, numbered: Numbered) -> tuple[int, int, int]:
    if piece.isalnum():
        return numbered[piece], 0, 0
    word = piece.strip(MARKS)
    before = piece.find(word) if word else len(piece)
    return numbered[word], before, len(piece) - len(word)


@dataclass(frozen=True)
class Pieces:
    """The pieces of some texts in order, n of them, in s sentences."""

    lexicon: Lexicon
    numbers: NDArray[np.int32]
    """(n,) the number of each piece."""
    sentences: Numbers
    """(s + 1,) the place of each sentence's first piece, and n behind the last. None is empty."""
    texts: Numbers
    """(texts + 1,) which sentence is the first of each text, and s behind the last; a text may have none."""

    @property
    def bounds(self) -> Numbers:
        """(texts + 1,) the place of each text's first piece, and n behind the last."""
        return self.sentences[self.texts]

    def written(self, begin: int, end: int) -> list[str]:
        """Return the pieces themselves, from place to place."""
        return [self.lexicon.written[number] for number in self.numbers[begin:end].tolist()]

    def about(self, make: Callable[..., Table], *of: Hashable) -> Table:
        """Return `make(written, *of)`: a table of facts about these pieces, made once and remembered."""
        return self.lexicon.about(make, *of)

    def about_bare(self, make: Callable[..., Table], *of: Hashable) -> Table:
        """Return the same for bare words."""
        return self.lexicon.about_bare(make, *of)

    @cached_property
    def bare(self) -> NDArray[np.void]:
        """(n,) each piece's bare `word`, as a number, and how many marks stand `before` and `around` it."""
        return self.lexicon.bare[self.numbers]

    def by_sentence(self, values: NDArray[Any]) -> Numbers:
        """Return (s,) the sum of the pieces' whole numbers, or how many are true, in each sentence."""
        return sums(values, self.sentences)

    def by_text(self, values: NDArray[Any]) -> Numbers:
        """Return (texts,) the same for each text."""
        return sums(values, self.bounds)


_own = threading.local()
_NOTHING = np.zeros(0, np.int32)


def pieces(texts: list[str]) -> Pieces:
    """Return the pieces of texts, all from one lexicon; ask for all texts of a batch at once.

    The result stays valid as long as it is held, whatever becomes of the lexicon. Each thread has its own
    lexicon. An enricher that asks for the same texts in the same order as the one before gets the same
    result; most use the order of `of_articles`.
    """
    last: tuple[list[str], Pieces] | None = getattr(_own, "last", None)
    if last is not None and last[0] == texts:
        return last[1]
    lexicon: Lexicon | None = getattr(_own, "lexicon", None)
    if lexicon is None or lexicon.full():
        lexicon = _own.lexicon = Lexicon()
    divided = lexicon.divide(texts)
    numbers, sizes = zip(*divided, strict=True) if divided else ([_NOTHING], [_NOTHING])
    found = Pieces(
        lexicon,
        np.concatenate(numbers),
        begins(np.concatenate(sizes)),
        begins([len(own) for _, own in divided]),
    )
    _own.last = [*texts], found
    return found


def of_articles(articles: Sequence[Article]) -> Pieces:
    """Return the pieces of all bodies, followed by those of all titles; a missing title is empty."""
    return pieces([one.text for one in articles] + [one.title or "" for one in articles])
