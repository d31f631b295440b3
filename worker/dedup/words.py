"""Cuts texts into words and hashes the words and runs of them, with array operations throughout.

A word's hash is a polynomial of its characters modulo 2^64, computed from prefix sums (Karp & Rabin 1987).
The factor of the polynomial is odd, so it has an inverse modulo 2^64, and a word has the same hash wherever
it stands. The hash of a run is the same polynomial of its words' hashes.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]

SHINGLE_WORDS = 5
SHINGLE_CHARACTERS = 9
"""Characters in a shingle in scripts without spaces: about five words."""

_FACTOR = 0x9E37_79B9_7F4A_7C15
# Arrays without dimensions: numpy uses them as they are, while it would have to convert a scalar.
_SHIFT_1, _SHIFT_2, _SHIFT_3 = (np.array(bits, dtype=np.uint64) for bits in (30, 27, 31))
_MIX_1, _MIX_2 = (
    np.array(factor, dtype=np.uint64) for factor in (0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB)
)
_INVERSE = pow(_FACTOR, -1, 1 << 64)
# Kinds of code points; words consist of those from _LETTER on.
_GAP, _STOP, _LETTER, _CAPITAL, _DIGIT, _SINGLE = range(6)
_LAST = 0x32000
"""Code points from here on are no letters (tags, private use)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of several texts, in order."""

    hashes: Hashes
    """Hash of each word, case and width folded."""
    firsts: list[int]
    """Where the words of each text begin, headline before body; at last, where the last text ends."""
    bodies: list[int]
    """Where each text's body begins."""
    names: Places
    """The words of the bodies that have a capital inside a sentence."""
    numbers: Hashes
    """Hashes of the numbers in the bodies, as they are written: 12, 3,500, 101-3/4, 18:30."""
    numbered: Places
    """The first word of each of these numbers."""
    scripts: list[int]
    """For each text the median code point of its letters beyond Latin, if these are the majority; else 0."""
    unspaced: list[bool]
    """Whether most words of a text are characters of a script without spaces."""

    def shingles(self) -> tuple[Hashes, list[int]]:
        """Return the hash of each run of words, at its first word's place, and where each text's runs end.

        A text that is shorter than a run is one run. Values after the last run of a text are meaningless.
        """
        shingles = np.zeros(len(self.hashes), dtype=np.uint64)
        powers, _ = _powers(4096)
        ends = []
        for first, last, unspaced in zip(
            self.firsts[:-1], self.firsts[1:], self.unspaced, strict=True
        ):
            run = min(SHINGLE_CHARACTERS if unspaced else SHINGLE_WORDS, last - first)
            ends.append(last - run + 1 if run else last)
            if run:
                # Each place's sum of run products: the polynomial of a short run in one pass.
                shingles[first : ends[-1]] = np.correlate(
                    self.hashes[first:last], powers[:run], "valid"
                )
        return _mixed(shingles), ends


def cut(texts: Sequence[tuple[str, str]]) -> Words:
    """Cut texts, each given as body and headline, into words: letters and digits, case and width folded.

    All other characters are gaps. Texts of pure ASCII are faster if no others are among them.

    >>> words = cut([("On Monday it was 3.5 degrees. It rained.", "Cold"), ("Snow.", "")])
    >>> words.firsts, words.bodies, words.names.tolist()
    ([0, 10, 11], [1, 10], [2])
    >>> bool((cut([("THE FERRY", "")]).hashes == cut([("the, ferry!", "")]).hashes).all())
    True
    """
    parts = [_normalised(part) for text, title in texts for part in (title, text)]
    whole = "".join(["\n" + part for part in parts]) + "\n"
    codes, kinds = _read(whole)
    starts, ends, singles = _edges(kinds, spaceless=codes.dtype != np.uint8)
    hashes = _runs(codes, starts, ends)
    # Where each part begins: at the line break before it.
    edges = list(accumulate([len(part) + 1 for part in parts], initial=0))
    places: list[int] = starts.searchsorted(edges).tolist()
    firsts, bodies = places[0::2], places[1::2]
    kind = np.zeros(len(starts) + 1, dtype=np.uint8)
    kind[:-1] = kinds[starts]
    for first, body in zip(firsts, bodies, strict=False):
        if first < body:
            kind[first:body] = _GAP
    digits = (kind == _DIGIT).nonzero()[0]
    # A capital counts only inside a sentence: words after a stop or at the beginning of a body are skipped.
    kind[starts.searchsorted((kinds == _STOP).nonzero()[0])] = _GAP
    for body in bodies:
        kind[body] = _GAP
    numbers, numbered = _numbers(codes, starts, ends, hashes, digits)
    return Words(
        hashes=hashes,
        firsts=firsts,
        bodies=bodies,
        names=(kind == _CAPITAL).nonzero()[0],
        numbers=numbers,
        numbered=numbered,
        scripts=_scripts(codes, kinds, edges[0::2]),
        unspaced=_unspaced(singles, edges[0::2], firsts),
    )


def _read(whole: str) -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Return the characters in lower case, and their kinds."""
    if whole.isascii():
        raw = whole.encode("ascii")
        kinds = raw.translate(_byte_kinds())
        return np.frombuffer(raw.lower(), dtype=np.uint8), np.frombuffer(kinds, dtype=np.uint8)
    written = _code_points(whole)
    # The Greek sigma is the only letter whose lower case depends on its neighbours.
    small = (
        _code_points(whole.lower()) if "\u03a3" in whole else _small().take(written, mode="clip")
    )
    return small, np.frombuffer(_kinds(), dtype=np.uint8).take(written, mode="clip")


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)


def _edges(kinds: npt.NDArray[np.uint8], *, spaceless: bool) -> tuple[Places, Places, Places]:
    """Return where words start and end, and where there are characters that are a word each."""
    inside = kinds >= _LETTER
    single = kinds == _SINGLE if spaceless else None
    if single is None or not single.any():
        edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
        return edges[0::2], edges[1::2], edges[:0]
    # A word ends at each character of a script without spaces.
    apart = ~inside[:-1] | ~inside[1:] | single[1:] | single[:-1]
    starts = np.flatnonzero(inside[1:] & apart) + 1
    ends = np.flatnonzero(inside[:-1] & apart) + 1
    return starts, ends, single.nonzero()[0]


def _numbers(
    codes: Codes, starts: Places, ends: Places, hashes: Hashes, digits: Places
) -> tuple[Hashes, Places]:
    """Join words of digits that a single mark separates; return the hash and first word of each number."""
    before = digits[:-1]
    close = (starts[digits[1:]] == ends[before] + 1).nonzero()[0]
    if not len(close):
        return _mixed(hashes[digits]), digits
    apart = np.ones(len(digits) + 1, dtype=np.bool_)
    apart[close + 1] = codes[ends[before[close]]] <= ord(" ")
    edges = apart.nonzero()[0]
    return _runs(hashes[digits], edges[:-1], edges[1:]), digits[edges[:-1]]


def _scripts(codes: Codes, kinds: npt.NDArray[np.uint8], edges: list[int]) -> list[int]:
    scripts = [0] * (len(edges) - 1)
    if codes.dtype == np.uint8:
        return scripts
    inside = kinds >= _LETTER
    far = (inside & (codes > 0x24F)).nonzero()[0]
    if len(far):
        found = pairwise(far.searchsorted(edges).tolist())
        for text, ((first, last), (start, end)) in enumerate(
            zip(found, pairwise(edges), strict=True)
        ):
            if 2 * (last - first) > np.count_nonzero(inside[start:end]):
                scripts[text] = int(np.median(codes[far[first:last]]))
    return scripts


def _unspaced(singles: Places, edges: list[int], firsts: list[int]) -> list[bool]:
    if not len(singles):
        return [False] * (len(firsts) - 1)
    found = pairwise(singles.searchsorted(edges).tolist())
    return [
        2 * (last - first) > end - start
        for (first, last), (start, end) in zip(found, pairwise(firsts), strict=True)
    ]


def _runs(values: Codes | Hashes, starts: Places, ends: Places) -> Hashes:
    """Return the hash of each run of values."""
    powers, inverses = _powers(1 << max(12, len(values).bit_length()))
    sums = np.empty(len(values) + 1, dtype=np.uint64)
    sums[0] = 0
    (values * powers[: len(values)]).cumsum(out=sums[1:])
    hashes: Hashes = sums[ends]
    hashes -= sums[starts]
    hashes *= inverses[starts]
    return _mixed(hashes)


def _normalised(text: str) -> str:
    if text.isascii():
        return text
    # U+0130, the dotted capital I, is the only letter that becomes longer in lower case.
    return unicodedata.normalize("NFKC", text).replace("\u0130", "I")


def _mixed(values: Hashes) -> Hashes:
    """Finalise hashes in place (the mixing of SplitMix64, Steele et al. 2014)."""
    values ^= values >> _SHIFT_1
    values *= _MIX_1
    values ^= values >> _SHIFT_2
    values *= _MIX_2
    values ^= values >> _SHIFT_3
    return values


@cache
def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the powers 0 … length of the factor, and their inverses."""
    powers = np.full(length + 1, _FACTOR, dtype=np.uint64)
    inverses = np.full(length + 1, _INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers), np.cumprod(inverses)


@cache
def _kinds() -> bytes:
    """Return the kind of each code point."""
    kinds = bytearray(_LAST + 1)
    for code in range(_LAST):
        category = unicodedata.category(chr(code))
        if category[0] == "N":
            kinds[code] = _DIGIT
        elif category in ("Lu", "Lt"):
            kinds[code] = _CAPITAL
        elif category[0] in "LM":
            kinds[code] = _SINGLE if _writes_no_spaces(code) else _LETTER
    for mark in ".!?:…–—|":
        kinds[ord(mark)] = _STOP
    return bytes(kinds)


@cache
def _small() -> npt.NDArray[np.uint32]:
    """Return the lower case of each code point."""
    return np.array([ord(chr(code).lower()[0]) for code in range(_LAST + 1)], dtype=np.uint32)


@cache
def _byte_kinds() -> bytes:
    """Return the kinds of the first 256 code points, for `bytes.translate`."""
    return _kinds()[:256]


def _writes_no_spaces(code: int) -> bool:
    """Whether a letter belongs to a script without spaces between words."""
    return (
        0x0E00 <= code <= 0x0EFF  # Thai, Lao
        or 0x1000 <= code <= 0x109F  # Myanmar
        or 0x1780 <= code <= 0x17FF  # Khmer
        or 0x3040 <= code <= 0x30FF  # Hiragana, Katakana
        or 0x3400 <= code <= 0x4DBF  # Han from here on
        or 0x4E00 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x31FFF
    )
