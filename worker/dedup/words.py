"""Cut a text into normalised words and hash runs of them, with array operations throughout.

A run's hash is a polynomial of its characters modulo 2^64, taken from prefix sums (Karp & Rabin
1987), then mixed, so that its order is as good as random. The polynomial's factor is odd, so it has
an inverse modulo 2^64, and a run hashes alike wherever it stands.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_FACTOR = 0x9E37_79B9_7F4A_7C15
_INVERSE = pow(_FACTOR, -1, 1 << 64)
_CODES = 0x110000
_SPACE, _WORD, _DIGIT, _SINGLE = 0, 1, 2, 3
SHINGLE_CHARACTERS = 9
"""Characters in a shingle where the script writes no spaces: about five words."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Normalised words of a text: `codes` holds their characters, each word ended by a space."""

    codes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    singles: bool
    """Whether most are characters of a script that writes no spaces."""

    @property
    def joined(self) -> bytes:
        """The words, one space between."""
        return self.codes.tobytes()

    @property
    def count(self) -> int:
        """How many words."""
        return len(self.starts)

    def shingles(self, words: int) -> Hashes:
        """Return the hash of each run of `words` words; a shorter text is one run."""
        if not len(self.starts):
            return np.zeros(0, dtype=np.uint64)
        run = min(SHINGLE_CHARACTERS if self.singles else words, len(self.starts))
        return self.hashes(self.starts[: len(self.starts) - run + 1], self.ends[run - 1 :])

    def hashes(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Hashes:
        """Return the hash of the characters from each start up to its end."""
        powers, inverses = _powers(1 << max(12, len(self.codes).bit_length()))
        sums = np.zeros(len(self.codes) + 1, dtype=np.uint64)
        np.cumsum((self.codes + np.uint32(1)) * powers[: len(self.codes)], out=sums[1:])
        return _mixed((sums[ends] - sums[starts]) * inverses[starts])


def tokens(text: str) -> Tokens:
    """Cut `text` into words: letters and digits, case and width folded; the rest are gaps."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    codes = np.frombuffer(text.casefold().encode("utf-32-le", "replace"), dtype=np.uint32)
    kinds = _kinds()[codes]
    inside = kinds != _SPACE
    single = kinds == _SINGLE
    # A word ends where a gap follows, and at each character of a script without spaces.
    last = inside.copy()
    last[:-1] &= ~inside[1:] | single[:-1] | single[1:]
    kept = codes[inside]
    ends = np.flatnonzero(last[inside]) + 1
    gaps = np.arange(len(ends))
    spaced = np.insert(kept, ends, 32)
    ends = ends + gaps
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return Tokens(spaced, starts, ends, singles=bool(2 * np.count_nonzero(single) > len(ends)))


def _mixed(values: Hashes) -> Hashes:
    """Finalise hashes (the mixing of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return values ^ (values >> np.uint64(31))


@cache
def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return the factor's powers 0 … length and their inverses."""
    powers = np.full(length + 1, _FACTOR, dtype=np.uint64)
    inverses = np.full(length + 1, _INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers), np.cumprod(inverses)


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return what each code point is: gap, part of a word, digit, or a word of its own."""
    kinds = np.zeros(_CODES, dtype=np.uint8)
    for code in range(0x30000 + 0x2000):
        category = unicodedata.category(chr(code))
        if category[0] == "N":
            kinds[code] = _DIGIT
        elif category[0] in "LM":
            kinds[code] = _SINGLE if _unspaced(code) else _WORD
    return kinds


def _unspaced(code: int) -> bool:
    """Whether a letter belongs to a script that writes no spaces between words."""
    return (
        0x0E00 <= code <= 0x0EFF  # Thai, Lao
        or 0x1000 <= code <= 0x109F  # Myanmar
        or 0x1780 <= code <= 0x17FF  # Khmer
        or 0x3040 <= code <= 0x30FF  # Hiragana, Katakana
        or 0x3400 <= code <= 0x4DBF
        or 0x4E00 <= code <= 0x9FFF  # Han
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x31FFF
    )
