"""The table of English words that topics and embedding read: `data/words.npz`.

`scripts/build_models.py` builds it and tells how.
"""

import json
from functools import cache
from importlib import resources
from string import ascii_lowercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

TITLE = 2
"""How often a word of the title counts."""
LEAD = 60
"""Words of the body that count twice: the event stands there."""
LONGEST = 20_000
"""Characters of the body that are read: a long read is known by then."""

_LETTERS = bytes(code if chr(code) in ascii_lowercase else ord(" ") for code in range(256))
"""What `bytes.translate` makes of each byte: all but small letters become spaces."""


class WordTable:
    """Rows of words: their weight, vector (128 numbers) and votes for topics (0 to 255)."""

    def __init__(self) -> None:
        path = resources.files("worker.enrichment") / "data" / "words.npz"
        with path.open("rb") as file, np.load(file) as stored:
            words = stored["words"].tobytes().split(b"\n")
            self.weights: NDArray[np.float32] = stored["weights"]
            self.vectors: NDArray[np.int8] = stored["vectors"]
            self.scales: NDArray[np.float32] = stored["scales"]
            self.topics: NDArray[np.uint8] = stored["topics"]
            self.subtopics: NDArray[np.uint8] = stored["subtopics"]
        self._rows = {word: row for row, word in enumerate(words)}

    def look_up(self, title: str | None, text: str) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the rows of the text's words and how much each weighs: count ** 0.7 × rarity."""
        body = self._rows_of(text[:LONGEST])
        head = self._rows_of(title or "")
        found = np.array(body + body[:LEAD] + head * TITLE, dtype=np.intp)
        unique, counts = np.unique(found, return_counts=True)
        return unique, (counts**0.7).astype(np.float32) * self.weights[unique]

    def _rows_of(self, text: str) -> list[int]:
        """Return the rows of the known words among a text's runs of `a` to `z`, in order.

        Bytes are put apart by a table, which takes half as long as a pattern.
        """
        words = text.lower().encode("ascii", "replace").translate(_LETTERS).split()
        return [row for row in map(self._rows.get, words) if row is not None]


@cache
def word_table() -> WordTable:
    """Return the table, loaded once a process."""
    return WordTable()


@cache
def concepts() -> tuple[int, list[dict[str, Any]]]:
    """Return how many topics stand at the top, and all in the order of the votes' columns."""
    text = (resources.files("worker.enrichment") / "data" / "topics.json").read_text()
    stored = json.loads(text)
    return stored["tops"], stored["concepts"]
