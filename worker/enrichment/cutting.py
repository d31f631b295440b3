"""Cut texts at their blanks and number the pieces, many at a time.

Making a string of each piece and looking it up takes several times as long as numpy takes for a piece. A
short piece is identified by its bytes instead: two numbers of 64 bits, which lead to a place in a table. A
piece that is not found there, because it is new or long or another piece has its place, is looked up as a
string; its number is the same either way.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from worker.enrichment.columns import Numbered, Numbers, begins
from worker.enrichment.sentences import sentences

CHUNK = 1 << 17
"""Characters that are cut at once: few enough for their arrays to stay in a core's own cache."""
SHORT = 16
"""UTF-8 bytes of the longest piece that is identified by its bytes."""
_PLACE_BITS = 20
"""The table has room for five times as many pieces as a lexicon holds, so that few share a place."""

# Blanks beyond ASCII that `str.split` divides at.
_WIDE_BLANK = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_INSIDE = bytes(code >= 128 or not chr(code).isspace() for code in range(256))
"""What `bytes.translate` makes of each byte: 0 where it is a blank."""
_INNER = -64
"""Bytes of UTF-8 below this, as signed numbers, do not begin a character."""
# Padding behind the bytes of a piece, by its length: a byte that UTF-8 never uses.
_BEHIND = np.frombuffer(
    b"".join([bytes(size) + b"\xff" * (SHORT - size) for size in range(SHORT + 1)]), np.uint64
).reshape(SHORT + 1, 2)
# Arrays without dimensions: numpy uses them as they are, while it would have to convert a scalar.
_FIRST, _SECOND, _SHIFT = (
    np.array(number, np.uint64)
    for number in (0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 64 - _PLACE_BITS)
)

Divided = tuple[NDArray[np.int32], Numbers]
"""The number of each piece of a text, and how many pieces each sentence has."""


class Cutter:
    """Cuts texts into the pieces of a lexicon."""

    def __init__(self, numbered: Numbered) -> None:
        self._numbered = numbered
        self._table = np.zeros(1 << _PLACE_BITS, np.int32)
        """1 + the number of the piece at this place; 0: there is none."""
        self._keys = np.full((1, 2), ~np.uint64(0))
        """The bytes of each piece that has a place, at the same index; the first row belongs to no piece."""

    def cut(self, texts: Sequence[str]) -> list[Divided]:
        """Return the pieces of each text; they are numbered in the order of the texts."""
        return [*chain.from_iterable(map(self._cut, chunks(texts)))]

    def _cut(self, texts: Sequence[str]) -> Iterator[Divided]:
        spans = [*map(sentences, texts)]
        counts = [*map(len, spans)]
        begun = [start for own in spans for start, _ in own]
        whole = "\n".join(["", *texts, ""])
        if not whole.isascii():
            whole = _WIDE_BLANK.sub(" ", whole)
        raw = whole.encode("utf-8", "surrogatepass")
        # Where each sentence begins, at first in characters; each text is preceded by a line break.
        firsts = np.repeat(begins([len(text) + 1 for text in texts])[:-1] + 1, counts)
        firsts += np.array(begun, np.intp)
        if len(raw) > len(whole):
            letters = np.frombuffer(raw, np.int8) >= _INNER
            firsts = letters.nonzero()[0].take(firsts)
        inside = np.frombuffer(raw.translate(_INSIDE), bool)
        edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
        starts, ends = edges[0::2], edges[1::2]
        glued = firsts[inside[firsts - 1] & inside[firsts]]
        if len(glued):  # no blank stands between two sentences: `。`
            starts, ends = (np.sort(np.append(one, glued)) for one in (starts, ends))
        numbers = self._numbers(raw, starts, ends)
        ends_of = np.append(starts.searchsorted(firsts), len(starts))
        sizes, places = np.diff(ends_of), begins(counts)
        bounds = zip(pairwise(ends_of[places].tolist()), pairwise(places.tolist()), strict=True)
        for (low, high), (first, last) in bounds:
            yield numbers[low:high], sizes[first:last]

    def _numbers(self, raw: bytes, starts: Numbers, ends: Numbers) -> NDArray[np.int32]:
        """Return the number of each piece of `raw`."""
        lengths = ends - starts
        padded = raw + bytes(SHORT)
        # The 16 bytes at each place as one unaligned value: indexing copies them at once.
        windows = np.ndarray(len(raw), f"V{SHORT}", padded, strides=(1,))
        keys = windows[starts].view(np.uint64).reshape(-1, 2)
        keys |= _BEHIND.take(lengths, axis=0, mode="clip")
        places = ((keys[:, 0] * _FIRST + keys[:, 1] * _SECOND) >> _SHIFT).astype(np.intp)
        found = self._table.take(places)
        of_place = self._keys.take(found, axis=0)
        known = (of_place[:, 0] == keys[:, 0]) & (of_place[:, 1] == keys[:, 1]) & (lengths <= SHORT)
        numbers = found - 1
        rest = (~known).nonzero()[0]
        if len(rest):
            spans = zip(starts[rest].tolist(), ends[rest].tolist(), strict=True)
            written = [raw[start:end].decode("utf-8", "surrogatepass") for start, end in spans]
            numbers[rest] = [*map(self._numbered.__getitem__, written)]
            rest = rest[(found[rest] == 0) & (lengths[rest] <= SHORT)]
            self._keep(numbers[rest] + 1, places[rest], keys[rest])
        return numbers

    def _keep(self, numbers: NDArray[np.int32], places: Numbers, keys: NDArray[np.uint64]) -> None:
        """Give new pieces the places that are still free."""
        room = int(numbers.max(initial=0)) + 1 - len(self._keys)
        if room > 0:
            room += len(self._keys) // 2
            self._keys = np.append(self._keys, np.zeros((room, 2), np.uint64), axis=0)
        self._keys[numbers] = keys  # first: a time limit may interrupt between the two
        self._table[places] = numbers


def chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Gather texts until there is a chunk of them."""
    gathered: list[str] = []
    length = 0
    for text in texts:
        gathered.append(text)
        length += len(text)
        if length >= CHUNK:
            yield gathered
            gathered, length = [], 0
    if gathered:
        yield gathered
