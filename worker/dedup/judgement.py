"""The rules that compare two fingerprints, in Python.

`lua/judge.lua` has the same rules for the index on the server; property tests keep the two equal. Each
threshold was chosen where the figures on wire copy, re-scrapes and newsroom edits hardly change;
`docs/deduplication.md` has the figures on both sides of it.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from worker.dedup.fingerprint import MAP_BITS, Fingerprint, level_of

NEAR = 0.25
"""Jaccard similarity of shingles from which texts are copies. Word-5-grams rarely meet by chance."""
WITHIN = 0.53
"""Share of the shorter text's shingles that the longer one contains: a trimmed or extended copy."""
ROUND_UP = 6.0
"""A text this many times as long as one that it contains is a round-up, not an extended copy."""
WHOLE = 0.75
"""Share of an earlier story from which a longer text is said to contain it. Two such stories make a round-up.
A round-up is nevertheless a copy if an earlier text is so similar to it."""
LIKE_LENGTH = 1.6
"""Lengths that differ by less than this factor are alike: templates give such texts, trimming does not."""
TEMPLATE_WORDS = 100
"""Shorter texts of similar length are copies only if their numbers agree …"""
TEMPLATE_NUMBERS = 0.65
"""… in this share at least."""
TABLE_WORDS = 250
"""The same for longer texts with many numbers, if most of them differ."""
TABLE_NUMBERS = 0.45
TABLE_SIMILARITY = 0.4
TABLE_FEWEST = 6
NAMES_WORDS = 150
"""Shorter texts that are not very similar and have different headlines and names are different stories."""
NAMES_SIMILARITY = 0.45
STRANGERS = 0.35
"""Short texts that share a smaller part of their names are different stories, unless almost equal."""
STRANGERS_FEWEST = 1.5
STRANGERS_SIMILARITY = 0.75
FULL = 460
"""With more bits set a bitmap is useless: the candidate is too long to be compared with this text."""
SHORT_WORDS = 25
"""Very short texts have few shingles: they must share most of them, and all numbers and names."""
SHORT_SIMILARITY = 0.6


class Rule(StrEnum):
    """The rule that decided on a pair."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINMENT = "containment"
    CONTAINS = "contains"
    """The candidate contains the other, and much more: not a copy."""
    SHORT = "short"
    NUMBERS = "numbers"
    NAMES = "names"
    DIFFERENT = "different"
    IDENTITY = "identity"
    """The same article: compared for the record only."""

    @property
    def copy(self) -> bool:
        """Whether this rule makes a copy."""
        return self in (Rule.EXACT, Rule.NEAR, Rule.CONTAINMENT)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a candidate compares to an earlier text."""

    rule: Rule
    similarity: float
    """Jaccard similarity of the shingles, estimated."""
    containment: float
    """Share of the shorter text's shingles that the longer one contains, estimated."""
    shared: float
    """Shingles in both, estimated."""


def compare(candidate: Fingerprint, earlier: Fingerprint) -> Comparison:
    """Compare a candidate with an earlier text."""
    if candidate.content[:8] == earlier.content[:8]:
        return Comparison(Rule.EXACT, 1.0, 1.0, float(candidate.size))
    sizes = candidate.size + earlier.size
    shared = _shared(candidate, earlier)
    similarity = shared / (sizes - shared) if sizes else 0.0
    containment = shared / max(1, min(candidate.size, earlier.size))
    rule = _rule(candidate, earlier, similarity, containment)
    return Comparison(rule, similarity, containment, shared)


def _rule(a: Fingerprint, b: Fingerprint, similarity: float, containment: float) -> Rule:
    near = similarity >= NEAR
    if not near and containment < WITHIN:
        return Rule.DIFFERENT
    if not near and a.size > ROUND_UP * b.size:
        return Rule.CONTAINS
    return _guard(a, b, similarity) or (Rule.NEAR if near else Rule.CONTAINMENT)


def _guard(a: Fingerprint, b: Fingerprint, similarity: float) -> Rule | None:
    """Return the rule that speaks against a copy, or None."""
    words = min(a.words, b.words)
    like_length = max(a.words, b.words) < LIKE_LENGTH * max(1, words)
    numbers, fewest = agreement(a.numbers, b.numbers)
    names, named = agreement(a.names, b.names)
    if words < SHORT_WORDS and (similarity < SHORT_SIMILARITY or numbers < 0.95 or names < 0.9):
        return Rule.SHORT
    template = words < TEMPLATE_WORDS and numbers < TEMPLATE_NUMBERS
    table = words < TABLE_WORDS and fewest >= TABLE_FEWEST and similarity < TABLE_SIMILARITY
    if like_length and (template or (table and numbers < TABLE_NUMBERS)):
        return Rule.NUMBERS
    template = words < TEMPLATE_WORDS and similarity < STRANGERS_SIMILARITY
    if template and named >= STRANGERS_FEWEST and names < STRANGERS:
        return Rule.NAMES
    if words < NAMES_WORDS and similarity < NAMES_SIMILARITY:
        if any(a.headline) and any(b.headline):
            differ = agreement(a.headline, b.headline)[0] < 0.6 and names < 0.85
        else:
            differ = words < TEMPLATE_WORDS and names < 0.5
        if differ:
            return Rule.NAMES
    return None


def agreement(a: bytes, b: bytes) -> tuple[float, float]:
    """Return the share of the smaller set of facts that is in both, and the size of the smaller set."""
    bits = 8 * len(a)
    one, other = _count(_ones(a), bits), _count(_ones(b), bits)
    fewest = min(one, other)
    if fewest == 0:
        return 1.0, 0.0
    both = one + other - _count(_ones(_union(a, b)), bits)
    return min(1.0, max(0.0, both / fewest)), fewest


def _shared(a: Fingerprint, b: Fingerprint) -> float:
    """Estimate the number of shared shingles from the bitmaps at the level of the earlier text."""
    width = MAP_BITS // 8
    start = level_of(b.size) * width
    one, other = a.maps[start : start + width], b.maps[start : start + width]
    count, earlier = _count(_ones(one), MAP_BITS), _count(_ones(other), MAP_BITS)
    if count + earlier == 0 or _ones(one) > FULL:
        return 0.0
    both = count + earlier - _count(_ones(_union(one, other)), MAP_BITS)
    scale = (a.size + b.size) / (count + earlier)
    return min(max(0.0, both * scale), float(a.size), float(b.size))


def _union(a: bytes, b: bytes) -> bytes:
    return (int.from_bytes(a) | int.from_bytes(b)).to_bytes(len(a))


def _ones(bitmap: bytes) -> int:
    return int.from_bytes(bitmap).bit_count()


def _count(ones: int, bits: int) -> float:
    """Return how many distinct values set `ones` of `bits` (linear counting, Whang et al. 1990)."""
    return -bits * math.log(1 - min(ones, bits - 0.5) / bits)
