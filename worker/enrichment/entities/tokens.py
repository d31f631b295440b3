"""Tokens as spaCy's tokeniser cuts them, from a cache of chunks.

spaCy cuts text at white space and then each chunk by itself, so a chunk always gives the same
tokens. News repeats its chunks: after a few articles most are found in a dictionary, which costs a
tenth of cutting them again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Token

Ids: TypeAlias = npt.NDArray[np.int64]
FEATURES = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
MOST_ROWS = 60_000  # of 400 bytes each in the network's own cache
LONGEST_CHUNK = 300
"""spaCy's tokeniser takes the square of a chunk's length; longer ones are cut first. No word of a
language with blanks is so long."""
PIECES = re.compile(r"\S+|\s+")  # "a  b." -> "a", "  ", "b."
GAP = 0  # the row of a single space, which is no token


@dataclass(frozen=True, slots=True)
class Tokenised:
    """The tokens of one text: rows of the vocabulary, and where each begins and ends."""

    rows: Ids
    starts: Ids
    ends: Ids


class Vocabulary:
    """Numbers the different tokens met so far; row 0 is the gap between two words."""

    def __init__(self, nlp: Language) -> None:
        self._tokenizer = nlp.tokenizer
        self.forget()

    def forget(self) -> None:
        """Start anew, so that memory stays bounded."""
        self._chunks: dict[str, tuple[int, ...]] = {" ": (GAP,)}
        self._row_of: dict[tuple[str, int], int] = {}
        self._lengths = [1]
        self.features: list[tuple[int, ...]] = [(0,) * len(FEATURES)]
        """Ids of NORM, PREFIX, SUFFIX, SHAPE of each row, as the network embeds them."""
        self.is_space = [False]

    def is_full(self) -> bool:
        """Whether it is time to forget."""
        return len(self.features) > MOST_ROWS or len(self._chunks) > 4 * MOST_ROWS

    def tokenise(self, texts: Sequence[str]) -> list[Tokenised]:
        """Return the tokens of each text."""
        rows = [self._rows(text) for text in texts]
        lengths = np.array(self._lengths, dtype=np.int64)
        return [_placed(np.array(one, dtype=np.int64), lengths) for one in rows]

    def _rows(self, text: str) -> list[int]:
        chunks = self._chunks
        rows: list[int] = []
        for piece in PIECES.findall(text):
            known = chunks.get(piece)
            rows += self._new_chunk(piece) if known is None else known
        if text[:1].isspace():  # white space that no word precedes is a token, its first blank too
            lead = text[: len(text) - len(text.lstrip())]
            skipped = len(chunks[lead])
            return [*self._cut(lead), *rows[skipped:]]
        return rows

    def _new_chunk(self, chunk: str) -> tuple[int, ...]:
        # The first blank belongs to the word before.
        rows = (GAP, *self._cut(chunk[1:])) if chunk[0] == " " else tuple(self._cut(chunk))
        self._chunks[chunk] = rows
        return rows

    def _cut(self, chunk: str) -> list[int]:
        pieces = range(0, len(chunk), LONGEST_CHUNK)
        return [
            self._row(token)
            for begin in pieces
            for token in self._tokenizer(chunk[begin : begin + LONGEST_CHUNK])
        ]

    def _row(self, token: Token) -> int:
        key = (token.text, token.norm)
        row = self._row_of.get(key)
        if row is None:
            row = self._row_of[key] = len(self.features)
            self.features.append((token.norm, token.prefix, token.suffix, token.shape))
            self._lengths.append(len(token.text))
            self.is_space.append(token.is_space)
        return row


def _placed(rows: Ids, lengths: Ids) -> Tokenised:
    ends = np.cumsum(lengths[rows])
    words = rows != GAP
    rows, ends = rows[words], ends[words]
    return Tokenised(rows=rows, starts=ends - lengths[rows], ends=ends)
