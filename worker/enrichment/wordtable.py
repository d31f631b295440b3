"""The table of English words that topics and embedding use: `data/words.npz`.

`scripts/build_models.py` builds it and explains how.
"""

import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.enrichment.columns import Lists, ranges, runs
from worker.enrichment.pieces import pieces

TITLE = 2
"""How often a word of the title counts."""
LEAD = 60
"""Words at the top of the body, where the event is, that count twice."""
LONGEST = 20_000
"""Characters of the body that are read: enough to know the subject of a long read."""

_LETTERS = bytes(code if chr(code) in ascii_lowercase else ord(" ") for code in range(256))
"""A table for `bytes.translate`: everything except small letters becomes a space."""
_BITS = 20
"""Bits of a number that hold a row."""


class WordTable:
    """A row for each word: its weight, its vector (128 numbers) and its votes for topics (0 to 255)."""

    def __init__(self) -> None:
        path = resources.files("worker.enrichment") / "data" / "words.npz"
        with path.open("rb") as file, np.load(file) as stored:
            words = stored["words"].tobytes().decode().split("\n")
            self.weights: NDArray[np.float32] = stored["weights"]
            self.vectors: NDArray[np.int8] = stored["vectors"]
            self.scales: NDArray[np.float32] = stored["scales"]
            self.topics: NDArray[np.uint8] = stored["topics"]
            self.subtopics: NDArray[np.uint8] = stored["subtopics"]
        self._numbers = {word: number for number, word in enumerate(words)}

    def look_up(
        self, texts: Sequence[tuple[str | None, str]]
    ) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
        """Return the rows of the words of each title and text, and their weights: count ** 0.7 × rarity."""
        divided = pieces(
            [*[text[:LONGEST] for _, text in texts], *[title or "" for title, _ in texts]]
        )
        piece, rows = divided.about_bare(self._in_words)[divided.bare["word"]]
        sizes = np.diff(np.searchsorted(piece, divided.bounds))
        places = ranges(np.zeros_like(sizes), sizes)
        in_body = np.repeat(np.arange(len(sizes)) < len(texts), sizes)
        times = np.where(in_body, 1 + (places < LEAD), TITLE)
        # Counted in one array for the batch: the place of the text in the upper bits, the row in the lower
        # ones.
        owners = np.repeat(np.arange(len(sizes)) % max(len(texts), 1) << _BITS, sizes)
        found = np.sort(np.repeat(owners + rows, times))
        first, counts = runs(found)
        unique = found[first]
        rows = unique & ((1 << _BITS) - 1)
        weights = (counts**0.7).astype(np.float32) * self.weights[rows]
        bounds = np.searchsorted(unique, np.arange(len(texts) + 1) << _BITS).tolist()
        return [(rows[low:high], weights[low:high]) for low, high in pairwise(bounds)]

    def _in_words(self, written: Sequence[str]) -> Lists:
        return Lists(written, self._rows_of, np.intp)

    def _rows_of(self, bare: str) -> list[int]:
        """Return the rows of the known words among a bare word's runs of `a` to `z`, in order.

        Bytes are separated with a table, in half the time of a pattern.
        """
        lower = bare.lower()
        if lower.isascii() and lower.isalpha():
            number = self._numbers.get(lower)
            return [] if number is None else [number]
        words = lower.encode("ascii", "replace").translate(_LETTERS).decode().split()
        return [number for number in map(self._numbers.get, words) if number is not None]


@cache
def word_table() -> WordTable:
    """Return the table, loaded once a process."""
    return WordTable()


@cache
def concepts() -> tuple[int, list[dict[str, Any]]]:
    """Return the number of topics at the top level, and all topics in the order of the columns of votes."""
    text = (resources.files("worker.enrichment") / "data" / "topics.json").read_text()
    stored = json.loads(text)
    return stored["tops"], stored["concepts"]
