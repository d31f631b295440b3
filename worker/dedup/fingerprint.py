"""Fingerprint of a text: what is compared instead of the text itself.

A text is a set of shingles: runs of five words, or of nine characters where the script writes no
spaces. Three things stand for the set:

* `anchors`, its few smallest hashes (a bottom-k sketch, Broder 1997): two texts that share a good
  part of their shingles share some of these, so they are what the index looks up;
* `maps`, a bitmap of 512 bits for each level of thinning. Two bitmaps tell the size of their union,
  hence of what is shared, by linear counting (Whang et al. 1990). The index keeps the one level
  that suits the text's length, and the candidate brings them all;
* `size`, how many shingles there are.

The facts of a short text have small bitmaps of their own (`numbers`, `names`, `headline`): copy made
from a template repeats its words and differs in these.
"""

from dataclasses import dataclass

import numpy as np
import xxhash

from worker.dedup.groups import group_of
from worker.dedup.words import Hashes, Words, cut

VERSION = "2"
"""Fingerprints of different versions cannot be compared: raise it with every change of one."""

ANCHORS = 32
"""Smallest hashes, which are looked up; the index posts the first 8 to 12 that are not common."""
MAP_BITS = 512
LEVELS = 6
"""Level l keeps one shingle in 2^l."""
LEVEL_SIZE = 384
"""A text of so many shingles is kept at level 0, of twice as many at level 1, and so on."""
FACTS_BELOW = 400
"""Only texts of fewer words have their facts kept: longer ones are not made from templates."""
FACT_BITS = 64
HEADLINE_BITS = 32

# How many levels a shingle reaches, by the five bits above its position: one more for each zero bit.
_REACH = [LEVELS if not n else (n & -n).bit_length() for n in range(1 << (LEVELS - 1))]
# Reach and position of a shingle by the last 16 bits of its hash, so that they sort by reach.
_PLACES = np.array(
    [_REACH[(n // MAP_BITS) % len(_REACH)] * MAP_BITS + n % MAP_BITS for n in range(1 << 16)],
    dtype=np.uint16,
)
_POSITIONS = np.array(MAP_BITS - 1, dtype=np.uint16)
_POSITION_BITS = np.array(9, dtype=np.uint16)
_LEVEL = np.arange(LEVELS, dtype=np.uint8)[:, None]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the index knows of a text."""

    content: bytes
    """Hash of the normalised words of title and body, 16 bytes."""
    anchors: bytes = b""
    """The smallest shingle hashes, ascending, 8 bytes each, big-endian."""
    maps: bytes = b""
    """`LEVELS` bitmaps of `MAP_BITS`."""
    size: int = 0
    """Distinct shingles."""
    words: int = 0
    """Words; characters where the script writes no spaces."""
    numbers: bytes = bytes(FACT_BITS // 8)
    names: bytes = bytes(FACT_BITS // 8)
    headline: bytes = bytes(HEADLINE_BITS // 8)
    """Words of the title; empty: it has none."""
    group: str = "latin"
    """Group of languages, see `groups.py`."""


def fingerprint(text: str, title: str | None = None, language: str | None = None) -> Fingerprint:
    """Return the fingerprint of a cleaned text.

    Args:
        text: the body, paragraphs joined by line breaks.
        title: the headline; it counts as the first words.
        language: accepted for the caller's ease; the script alone tells how words are cut.
    """
    del language
    words = cut(text, title or "")
    content = xxhash.xxh3_128_digest(words.hashes.tobytes())
    if not len(words.hashes):
        return Fingerprint(content=content)
    hashes = words.shingles()
    hashes.sort()
    distinct = hashes[1:] != hashes[:-1]
    if not distinct.all():
        hashes = np.concatenate([hashes[:1], hashes[1:][distinct]])
    facts = _facts(words) if len(words.hashes) < FACTS_BELOW else {}
    return Fingerprint(
        content=content,
        anchors=hashes[:ANCHORS].astype(">u8").tobytes(),
        maps=_maps(hashes),
        size=len(hashes),
        words=len(words.hashes),
        group=group_of(words),
        **facts,
    )


def _maps(hashes: Hashes) -> bytes:
    """Return a bitmap for each level: the bits that a shingle of at least that reach has set."""
    places = _PLACES.take(hashes.astype(np.uint16))
    places.sort()  # of those that share a bit the furthest is set last
    furthest = np.zeros(MAP_BITS, dtype=np.uint8)
    furthest[places & _POSITIONS] = places >> _POSITION_BITS
    return np.packbits(furthest > _LEVEL, axis=1).tobytes()


def level_of(size: int) -> int:
    """Return the level at which a text of `size` shingles is kept."""
    level = 0
    while level < LEVELS - 1 and size > LEVEL_SIZE << level:
        level += 1
    return level


def _facts(words: Words) -> dict[str, bytes]:
    return {
        "numbers": _bitmap(words.numbers, FACT_BITS),
        "names": _bitmap(words.hashes[words.names], FACT_BITS),
        "headline": _bitmap(words.hashes[: words.headline], HEADLINE_BITS),
    }


def _bitmap(hashes: Hashes, bits: int) -> bytes:
    """Set a bit for each hash. There are few: plain numbers beat arrays."""
    last, bitmap = bits - 1, 0
    for low in set(hashes.astype(np.uint8).tobytes()):
        bitmap |= 1 << (last - (low & last))
    return bitmap.to_bytes(bits // 8)
