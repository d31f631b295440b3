"""Fingerprint of a text: what is compared instead of the text itself.

A text is a set of shingles: runs of `SHINGLE_WORDS` words, or of `SHINGLE_CHARACTERS` characters
where the script writes no spaces. Three things stand for the set:

* `anchors`, its few smallest hashes (a bottom-k sketch, Broder 1997): two texts that share a good
  part of their shingles share some of these, so they are what the index looks up;
* `sketch`, `ROWS` minima of 4 bits (b-bit minwise hashing, Li & König 2010): the share of equal
  rows tells the Jaccard similarity;
* `size`, how many shingles there are: with the similarity it tells the containment.
"""

from dataclasses import dataclass

import numpy as np
import xxhash

from worker.dedup.words import tokens

VERSION = "1"
"""Fingerprints of different versions cannot be compared: raise it with every change of one."""

SHINGLE_WORDS = 5
ANCHORS = 12
"""Smallest hashes that are looked up; the index posts the first eight that are not common."""
ROWS = 128

_random = np.random.Generator(np.random.PCG64(20_260_221))
_MULTIPLIERS = _random.integers(0, 1 << 31, size=(ROWS, 1), dtype=np.uint32) * np.uint32(
    2
) + np.uint32(1)
_OFFSETS = _random.integers(0, 1 << 32, size=(ROWS, 1), dtype=np.uint64).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the index keeps of a text."""

    content: bytes
    """Hash of the normalised words of title and body, 16 bytes."""
    anchors: bytes = b""
    """The smallest shingle hashes, ascending, 8 bytes each, big-endian."""
    sketch: bytes = b""
    """`ROWS` minima of 4 bits."""
    size: int = 0
    """Distinct shingles."""
    words: int = 0
    """Words (characters where the script writes no spaces)."""
    numbers: bytes = b""
    """Sketch of the numbers in a short text; empty: not short, or none."""


def fingerprint(text: str, title: str | None = None, language: str | None = None) -> Fingerprint:
    """Return the fingerprint of a cleaned text.

    Args:
        text: the body, paragraphs joined by line breaks.
        title: the headline; it counts as the first words.
        language: not needed; the script tells how words are cut.
    """
    del language
    found = tokens(f"{title}\n{text}" if title else text)
    content = xxhash.xxh3_128_digest(found.joined)
    hashes = np.unique(found.shingles(SHINGLE_WORDS))
    if not len(hashes):
        return Fingerprint(content=content)
    low = (hashes >> np.uint64(32)).astype(np.uint32)
    minima = (low * _MULTIPLIERS + _OFFSETS).min(axis=1)
    nibbles = ((minima * np.uint32(2_654_435_761)) >> np.uint32(28)).astype(np.uint8)
    return Fingerprint(
        content=content,
        anchors=hashes[:ANCHORS].astype(">u8").tobytes(),
        sketch=(nibbles[0::2] << 4 | nibbles[1::2]).tobytes(),
        size=len(hashes),
        words=found.count,
    )
