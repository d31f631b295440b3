"""Cut a text into words and hash them and their runs, with array operations throughout.

A word's hash is a polynomial of its characters modulo 2^64, taken from prefix sums (Karp & Rabin
1987). The polynomial's factor is odd, so it has an inverse modulo 2^64, and a word hashes alike
wherever it stands. A run's hash is the same of its words' hashes.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]

SHINGLE_WORDS = 5
SHINGLE_CHARACTERS = 9
"""Characters in a shingle where the script writes no spaces: about five words."""

_FACTOR = 0x9E37_79B9_7F4A_7C15
# Arrays of no dimension: an operation takes them as they are, and has to convert a scalar first.
_SHIFT_1, _SHIFT_2, _SHIFT_3 = (np.array(bits, dtype=np.uint64) for bits in (30, 27, 31))
_MIX_1, _MIX_2 = (
    np.array(factor, dtype=np.uint64) for factor in (0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB)
)
_INVERSE = pow(_FACTOR, -1, 1 << 64)
# What a code point is; words are made of what comes from _LETTER on.
_GAP, _STOP, _LETTER, _CAPITAL, _DIGIT, _SINGLE = range(6)
_LAST = 0x32000
"""Code points from here on are no letters (tags, private use)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a headline and a body, in order."""

    hashes: Hashes
    """Hash of each word, case and width folded."""
    headline: int
    """How many of them stand in the headline."""
    names: Places
    """Which of the body are written with a capital inside a sentence."""
    numbers: Hashes
    """Hashes of the numbers in the body, each as it is written: 12, 3,500, 101-3/4, 18:30."""
    script: int
    """The median code point of the letters beyond ASCII if these are many, else 0."""
    unspaced: bool
    """Whether most are characters of a script that writes no spaces."""

    def shingles(self) -> Hashes:
        """Return the hash of each run of words, in order; a shorter text is one run."""
        run = min(SHINGLE_CHARACTERS if self.unspaced else SHINGLE_WORDS, len(self.hashes))
        if not run:
            return self.hashes
        # Each place's sum of run products: the polynomial of a short run in one pass.
        return _mixed(np.correlate(self.hashes, _powers(4096)[0][:run], "valid"))


def cut(text: str, title: str = "") -> Words:
    """Cut a text into words: letters and digits, case and width folded; the rest are gaps.

    >>> words = cut("On Monday it was 3.5 degrees. It rained.", "Cold")
    >>> len(words.hashes), words.headline, words.names.tolist()
    (10, 1, [2])
    >>> bool((cut("THE FERRY").hashes == cut("the, ferry!").hashes).all())
    True
    """
    title, text = _normalised(title), _normalised(text)
    whole = f"\n{title}\n{text}\n"
    if whole.isascii():
        codes, kinds = _read_ascii(whole)
    else:
        codes = np.frombuffer(whole.lower().encode("utf-32-le", "replace"), dtype=np.uint32)
        written = np.frombuffer(whole.encode("utf-32-le", "replace"), dtype=np.uint32)
        kinds = np.frombuffer(_kinds(), dtype=np.uint8)[np.minimum(written, _LAST)]
    starts, ends, unspaced = _edges(kinds, spaceless=codes.dtype != np.uint8)
    hashes = _runs(codes, starts, ends)
    headline = int(starts.searchsorted(len(title) + 1)) if title else 0
    kind = np.zeros(len(starts) + 1, dtype=np.uint8)
    kind[:-1] = kinds[starts]
    digits = (kind[headline:] == _DIGIT).nonzero()[0] + headline
    # A capital counts inside a sentence only: what follows a stop is passed over.
    kind[starts.searchsorted((kinds == _STOP).nonzero()[0])] = _GAP
    kind[headline] = _GAP
    return Words(
        hashes=hashes,
        headline=headline,
        names=(kind[headline:] == _CAPITAL).nonzero()[0] + headline,
        numbers=_numbers(codes, starts, ends, hashes, digits),
        script=_script(codes, kinds),
        unspaced=unspaced,
    )


def _read_ascii(text: str) -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Return the characters, made small, and what they are: the quick way for most of a feed."""
    raw = text.encode("ascii")
    kinds = raw.translate(_byte_kinds())
    return np.frombuffer(raw.lower(), dtype=np.uint8), np.frombuffer(kinds, dtype=np.uint8)


def _edges(kinds: npt.NDArray[np.uint8], *, spaceless: bool) -> tuple[Places, Places, bool]:
    """Return where the words start and end, and whether most have no spaces between."""
    inside = kinds >= _LETTER
    single = kinds == _SINGLE if spaceless else None
    if single is None or not single.any():
        edges = (inside[1:] != inside[:-1]).nonzero()[0] + 1
        return edges[0::2], edges[1::2], False
    # A word ends at each character of a script without spaces.
    apart = ~inside[:-1] | ~inside[1:] | single[1:] | single[:-1]
    starts = np.flatnonzero(inside[1:] & apart) + 1
    ends = np.flatnonzero(inside[:-1] & apart) + 1
    return starts, ends, bool(2 * np.count_nonzero(single) > len(starts))


def _numbers(
    codes: Codes,
    starts: Places,
    ends: Places,
    hashes: Hashes,
    places: Places,
) -> Hashes:
    """Join the digits at `places` that one mark alone keeps apart, and hash each whole number."""
    if not len(places):
        return hashes[:0]
    before = places[:-1]
    close = (starts[places[1:]] == ends[before] + 1).nonzero()[0]
    if not len(close):
        return _mixed(hashes[places])
    apart = np.ones(len(places), dtype=np.bool_)
    apart[close + 1] = codes[ends[before[close]]] <= ord(" ")
    heads = np.flatnonzero(apart)
    within = np.arange(len(places)) - heads[np.cumsum(apart) - 1]
    powers, _ = _powers(4096)
    return _mixed(np.add.reduceat(hashes[places] * powers[np.minimum(within, 4096)], heads))


def _script(codes: Codes, kinds: npt.NDArray[np.uint8]) -> int:
    if codes.dtype == np.uint8:
        return 0
    inside = kinds >= _LETTER
    letters = codes[inside & (codes > 0x24F)]
    return int(np.median(letters)) if 2 * len(letters) > np.count_nonzero(inside) else 0


def _runs(values: Codes, starts: Places, ends: Places) -> Hashes:
    """Return the hash of each run of values."""
    powers, inverses = _powers(1 << max(12, len(values).bit_length()))
    # Nothing starts at the first place, a gap, so the sum before a run stands one place to the left.
    sums = (values * powers[: len(values)]).cumsum()
    hashes: Hashes = sums[ends - 1]
    hashes -= sums[starts - 1]
    hashes *= inverses[starts]
    return _mixed(hashes)


def _normalised(text: str) -> str:
    if text.isascii():
        return text
    # The one letter that grows when made small: U+0130, the dotted capital I.
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
    """Return the factor's powers 0 … length and their inverses."""
    powers = np.full(length + 1, _FACTOR, dtype=np.uint64)
    inverses = np.full(length + 1, _INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers), np.cumprod(inverses)


@cache
def _kinds() -> bytes:
    """Return what each code point is."""
    kinds = bytearray(_LAST + 1)
    for code in range(_LAST):
        category = unicodedata.category(chr(code))
        if category[0] == "N":
            kinds[code] = _DIGIT
        elif category in ("Lu", "Lt"):
            kinds[code] = _CAPITAL
        elif category[0] in "LM":
            kinds[code] = _SINGLE if _unspaced(code) else _LETTER
    for mark in ".!?:…–—|":
        kinds[ord(mark)] = _STOP
    return bytes(kinds)


@cache
def _byte_kinds() -> bytes:
    """Return what the first 256 code points are, to translate bytes with."""
    return _kinds()[:256]


def _unspaced(code: int) -> bool:
    """Whether a letter belongs to a script that writes no spaces between words."""
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
