"""Fingerprint of a text: what is compared instead of the text itself.

A text is regarded as a set of shingles: runs of five words, or of nine characters in scripts without spaces.
Three things represent the set:

* `anchors`, its smallest hashes (a bottom-k sketch, Broder 1997): two texts that share many shingles share
some
  of these, so they are what the index looks up;
* `maps`, a bitmap of 512 bits for each level of thinning. From two bitmaps linear counting (Whang et al.
1990)
  estimates the size of the union, hence how much is shared. The index keeps the level that suits the length
  of the text; a candidate brings all of them;
* `size`, the number of shingles.

The facts of a short text have small bitmaps of their own (`numbers`, `names`, `headline`): texts made from a
template repeat its words and differ in these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xxhash

from worker.dedup.groups import groups_of
from worker.dedup.words import Places, Words, cut

VERSION = "2"
"""Fingerprints of different versions cannot be compared: raise it with every change."""

ANCHORS = 32
"""Hashes that are looked up; the index posts the first 8 to 12 that are not common."""
MAP_BITS = 512
LEVELS = 6
"""Level l keeps one shingle in 2^l."""
LEVEL_SIZE = 384
"""Texts of up to this many shingles are kept at level 0, of up to twice as many at level 1, and so on."""
FACTS_BELOW = 400
"""Only the facts of texts with fewer words are kept: longer ones are not made from templates."""
FACT_BITS = 64
HEADLINE_BITS = 32

CHUNK = 1 << 16
"""Characters that are processed at once: few enough for their arrays to stay in a core's own cache."""

_MAPS = LEVELS * MAP_BITS // 8
# How many levels a shingle reaches, by the last 16 bits of its hash: nine are its position in the map, and
# the five above determine the reach, one more level for each trailing zero bit.
_REACH = np.tile(
    np.repeat(
        np.array([LEVELS if not n else (n & -n).bit_length() for n in range(32)], dtype=np.uint8),
        MAP_BITS,
    ),
    4,
)
_LEVEL = np.arange(LEVELS, dtype=np.uint8)[:, None]
_BITS = [1 << bit for bit in reversed(range(FACT_BITS))]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the index knows about a text."""

    content: bytes
    """Hash of the normalised words of title and body, 16 bytes."""
    anchors: bytes = b""
    """The smallest shingle hashes, ascending, 8 bytes each, big-endian."""
    maps: bytes = b""
    """`LEVELS` bitmaps of `MAP_BITS`."""
    size: int = 0
    """Distinct shingles."""
    words: int = 0
    """Words; characters in scripts without spaces."""
    numbers: bytes = bytes(FACT_BITS // 8)
    names: bytes = bytes(FACT_BITS // 8)
    headline: bytes = bytes(HEADLINE_BITS // 8)
    """Words of the title; empty if there is none."""
    group: str = "latin"
    """Group of languages, see `groups.py`."""


_NONE = Fingerprint(b"")
_NO_FACTS = (_NONE.numbers, _NONE.names, _NONE.headline)


def fingerprint(text: str, title: str | None = None) -> Fingerprint:
    """Return the fingerprint of a cleaned text.

    Args:
        text: the body, paragraphs joined by line breaks.
        title: the headline; it counts as the first words.
    """
    return _sign([(text, title or "")])[0]


def fingerprints(texts: Sequence[tuple[str, str | None]]) -> list[Fingerprint]:
    """Return the fingerprints of cleaned texts, each given as a body and its headline, in order.

    Each is the same as `fingerprint` returns for that text, at a quarter of the cost if there are many.
    """
    signed: dict[int, Fingerprint] = {}
    for places in _chunks(texts):
        chunk = [(text, title or "") for text, title in map(texts.__getitem__, places)]
        signed.update(zip(places, _sign(chunk), strict=True))
    return [signed[place] for place in range(len(texts))]


def _chunks(texts: Sequence[tuple[str, str | None]]) -> Iterator[list[int]]:
    """Gather texts into chunks, those of pure ASCII apart from the others."""
    gathered: dict[bool, list[int]] = {True: [], False: []}
    length = {True: 0, False: 0}
    for place, (text, title) in enumerate(texts):
        plain = text.isascii() and (title or "").isascii()
        gathered[plain].append(place)
        length[plain] += len(text) + len(title or "") + MAP_BITS  # short ones have maps as well
        if length[plain] >= CHUNK:
            yield gathered[plain]
            gathered[plain], length[plain] = [], 0
    yield from filter(None, gathered.values())


def _sign(texts: Sequence[tuple[str, str]]) -> list[Fingerprint]:
    words = cut(texts)
    spelt = words.hashes.tobytes()
    parts = zip(
        pairwise(words.firsts), _sketches(words), _facts(words), groups_of(words), strict=True
    )
    signed = []
    for (first, last), sketch, facts, group in parts:
        content = xxhash.xxh3_128_digest(spelt[8 * first : 8 * last])
        if first == last:
            signed.append(Fingerprint(content))
        else:
            signed.append(Fingerprint(content, *sketch, last - first, *facts, group))
    return signed


def _sketches(words: Words) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield for each text its anchors, its maps and its number of shingles."""
    hashes, ends = words.shingles()
    spans = list(zip(words.firsts, ends, words.firsts[1:], strict=False))
    low = hashes.astype(np.uint16)
    reach, places = _REACH.take(low), np.bitwise_and(low, MAP_BITS - 1, dtype=np.intp)
    for text, (first, end, last) in enumerate(spans):
        hashes[first:end].sort()
        reach[end:last] = 0  # no run of words begins here
        places[first:last] += text * MAP_BITS
    furthest = np.zeros((len(spans), 1, MAP_BITS), dtype=np.uint8)
    np.maximum.at(furthest.reshape(-1), places, reach)
    maps = np.packbits(furthest > _LEVEL).tobytes()
    repeats = (hashes[1:] == hashes[:-1]).tobytes()
    anchors = hashes.astype(">u8").tobytes()
    for text, (first, end, _) in enumerate(spans):
        repeated = repeats.count(1, first, max(first, end - 1))
        if repeated:
            smallest = np.unique(hashes[first:end])[:ANCHORS].astype(">u8").tobytes()
        else:
            smallest = anchors[8 * first : 8 * min(end, first + ANCHORS)]
        yield smallest, maps[_MAPS * text : _MAPS * (text + 1)], end - first - repeated


def _facts(words: Words) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield for each text the bitmaps of its numbers, names and headline; empty ones for long texts."""
    low = words.hashes.astype(np.uint8)
    numbers, names, spelt = words.numbers.astype(np.uint8), low[words.names], low.tobytes()
    for (first, last), body, of_numbers, of_names in zip(
        pairwise(words.firsts),
        words.bodies,
        _pieces(numbers.tobytes(), words.numbered, words.firsts),
        _pieces(names.tobytes(), words.names, words.firsts),
        strict=True,
    ):
        if last - first < FACTS_BELOW:
            yield (
                _bitmap(of_numbers, FACT_BITS),
                _bitmap(of_names, FACT_BITS),
                _bitmap(spelt[first:body], HEADLINE_BITS),
            )
        else:
            yield _NO_FACTS


def _pieces(values: bytes, places: Places, firsts: list[int]) -> Iterator[bytes]:
    """Yield for each text the values of its words that are among `places`."""
    for start, end in pairwise(places.searchsorted(firsts).tolist()):
        yield values[start:end]


def _bitmap(lows: bytes, bits: int) -> bytes:
    """Return a bitmap with a bit set for each hash, of which the last byte is given."""
    bitmap = 0
    for low in lows:
        bitmap |= _BITS[low & (bits - 1)]
    return (bitmap >> (FACT_BITS - bits)).to_bytes(bits // 8)


def level_of(size: int) -> int:
    """Return the level at which a text of `size` shingles is kept."""
    level = 0
    while level < LEVELS - 1 and size > LEVEL_SIZE << level:
        level += 1
    return level
