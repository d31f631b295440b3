"""Finds the numbers in texts: dates and amounts of money are looked for only there."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from worker.enrichment.columns import begins
from worker.enrichment.cutting import chunks
from worker.enrichment.remembered import OfTexts

Spans = tuple[tuple[int, int], ...]

# What `bytes.translate` makes of each byte: 1 where it is a digit.
_DIGITS = bytes(chr(code) in "0123456789" for code in range(256))


def numbers(text: str) -> Spans:
    """Return the spans of all unbroken runs of decimal digits of any script, in order.

    >>> numbers("21 February 2022")
    ((0, 2), (12, 16))
    """
    return _found[text]


def look_for_numbers(texts: Sequence[str]) -> None:
    """Find the numbers in all texts of a batch at once, in a quarter of the time of one by one."""
    new = [text for text in dict.fromkeys(texts) if text not in _found]
    for text, spans in zip(new, _spans(new), strict=True):
        _found.keep(text, spans)


def _spans(texts: Sequence[str]) -> Iterator[Spans]:
    return chain.from_iterable(map(_of_chunk, chunks(texts)))


def _of_chunk(texts: Sequence[str]) -> Iterator[Spans]:
    digits = _digits("\n".join(["", *texts, ""]))
    edges = (digits[1:] != digits[:-1]).nonzero()[0] + 1
    first = begins([len(text) + 1 for text in texts])
    bounds = edges[0::2].searchsorted(first)
    before = np.repeat(first[:-1] + 1, np.diff(bounds))
    spans = [*zip((edges[0::2] - before).tolist(), (edges[1::2] - before).tolist(), strict=True)]
    for begin, end in pairwise(bounds.tolist()):
        yield tuple(spans[begin:end])


def _digits(whole: str) -> NDArray[np.bool_]:
    """Return (characters,) whether each is a decimal digit."""
    if whole.isascii():
        return np.frombuffer(whole.encode("ascii").translate(_DIGITS), bool)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _decimals().take(codes, mode="clip")


@cache
def _decimals() -> NDArray[np.bool_]:
    """Return whether each code point is a decimal digit; beyond the last of these none is."""
    return np.array([chr(code).isdecimal() for code in range(0x2_0000)])


_found = OfTexts(lambda text: next(_spans([text])))
