"""Tokens as spaCy's tokeniser cuts them, from a cache of chunks: what is between two spaces.

spaCy cuts a text at white space and then each chunk by itself, so a chunk always gives the same tokens. News
repeats its chunks: after a few articles most of them are in the cache. It holds the rows of a chunk as bytes,
so that those of a text can be joined and read without Python code for each.

The new words of a batch are cut in one call, with a line break between them. With a space between them,
spaCy's matcher of special cases, which looks at the whole text, cuts some words, such as "''We", in another
way than by themselves.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Token

Ids: TypeAlias = npt.NDArray[np.int64]
FEATURES = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
MOST_ROWS = 60_000  # each takes 400 bytes in the network's cache
LONGEST_CHUNK = 300
"""The time of spaCy's tokeniser grows with the square of a chunk's length, so longer chunks are cut first. No
word is so long in a language that puts spaces between words."""
PIECES = re.compile(r"\S+|\s+")  # "a  b." -> "a", "  ", "b."
BREAK = "\n\n"  # between two paragraphs
BETWEEN = "\n"  # between new words
ROW = np.dtype(np.intc)
GAP = 0  # the row of a single space, which is no token
PADDING = 1  # the row of what is between two texts


@dataclass(frozen=True, slots=True)
class Tokenised:
    """The tokens of a batch, with rows of padding before, between and after the texts.

    Offsets count the characters of all texts joined together; `begins` are the offsets of the texts.
    """

    rows: Ids
    starts: Ids
    ends: Ids
    begins: Ids


class _Chunks(dict[str, bytes]):
    """The rows of each chunk and of the space after it."""

    def __init__(self, vocabulary: "Vocabulary") -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, chunk: str) -> bytes:
        """Cut a chunk of several lines, or one longer than any word: it hardly comes again, and is not kept.

        Raises:
            KeyError: it begins or ends with white space, or is empty: only the whole text tells the tokens.
        """
        if not chunk or chunk[0].isspace() or chunk[-1].isspace():
            raise KeyError(chunk)
        return self._vocabulary.cut(chunk + " ")


class Vocabulary:
    """Numbers the distinct tokens met so far; the first two rows are the gap and the padding."""

    def __init__(self, nlp: Language) -> None:
        self._tokenizer = nlp.tokenizer
        self.forget()

    def forget(self) -> None:
        """Start again from nothing, to limit memory."""
        self._chunks = _Chunks(self)
        self._others: dict[str, bytes] = {}
        """White space, and words beside white space that is not a single space."""
        self._row_of: dict[tuple[str, int], int] = {}
        self._lengths = array("q", [1, 0])
        self.features: list[tuple[int, ...]] = [(0,) * len(FEATURES)] * 2
        """Of each row the ids of NORM, PREFIX, SUFFIX and SHAPE, which the network embeds."""
        self.is_space = array("b", [False, True])

    def is_full(self) -> bool:
        """Whether it is time to forget."""
        known = len(self._chunks) + len(self._others)
        return len(self.features) > MOST_ROWS or known > 4 * MOST_ROWS

    def tokenise(self, texts: Sequence[str], padding: int) -> Tokenised:
        """Return the tokens of a batch, with `padding` rows before and after each text."""
        self._learn(texts)
        between = packed([PADDING] * padding)
        parts = [between]
        for text in texts:
            parts += [self._of(text), between]
        rows = np.frombuffer(b"".join(parts), dtype=ROW).astype(np.int64)
        lengths = np.array(self._lengths)[rows]
        ends = np.cumsum(lengths)
        words = rows != GAP
        rows, ends = rows[words], ends[words]
        begins = np.cumsum([0, *map(len, texts)])[:-1]
        return Tokenised(rows, starts=ends - lengths[words], ends=ends, begins=begins)

    def _learn(self, texts: Iterable[str]) -> None:
        """Cut all words that are new in one call."""
        is_known = self._chunks.__contains__
        new = dict.fromkeys(word for text in texts for word in filterfalse(is_known, text.split()))
        words = [one for one in new if len(one) <= LONGEST_CHUNK]
        cut: list[list[int]] = [[] for _ in words]
        own = iter(cut)
        rows = next(own, [])
        for token in self._tokenizer(BETWEEN.join(words)):
            if token.is_space:
                rows = next(own)
            else:
                rows.append(self._row(token))
        for word, rows in zip(words, cut, strict=True):
            self._chunks[word] = packed([*rows, GAP])

    def _of(self, text: str) -> bytes:
        known = self._chunks.__getitem__
        try:
            return self._piece(BREAK).join(
                b"".join(map(known, paragraph.split(" ")))[: -ROW.itemsize]
                for paragraph in text.split(BREAK)
            )
        except KeyError:
            return self.cut(text)

    def cut(self, text: str) -> bytes:
        """Return the rows of any text, of its single blanks, too."""
        lead = text[: len(text) - len(text.lstrip())]
        # White space that no word precedes is a token, its first blank too.
        pieces = [packed(self._rows(lead))]
        pieces += map(self._piece, PIECES.findall(text, len(lead)))
        return b"".join(pieces)

    def _piece(self, piece: str) -> bytes:
        if known := self._chunks.get(piece):
            return known[: -ROW.itemsize]
        rows = self._others.get(piece)
        if rows is None:
            # The first blank belongs to the word before.
            gap, rest = ([GAP], piece[1:]) if piece[0] == " " else ([], piece)
            rows = self._others[piece] = packed(gap + self._rows(rest))
        return rows

    def _rows(self, chunk: str) -> list[int]:
        """Return the rows of one chunk, a long word or white space throughout."""
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


def packed(rows: list[int]) -> bytes:
    """Return rows as bytes of `ROW`."""
    return array("i", rows).tobytes()
