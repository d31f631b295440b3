"""Facts about numbered strings as arrays, and arithmetic over consecutive stretches of arrays."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Numbers: TypeAlias = NDArray[np.intp]


class Numbered(dict[str, int]):
    """Numbers strings from 0 in the order in which they are first looked up.

    `map(numbered.__getitem__, strings)` runs no Python code per string.

    >>> numbers = Numbered()
    >>> numbers["harbour"], numbers["ferry"], numbers["harbour"], numbers.written
    (0, 1, 0, ['harbour', 'ferry'])
    """

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def __missing__(self, string: str) -> int:
        # In this order: a time limit may interrupt between the two, and a number must have its string.
        self.written.append(string)
        self[string] = number = len(self.written) - 1
        return number


class Column:
    """A function of a piece that is called once per piece; its values are returned as an array."""

    def __init__(
        self, written: Sequence[str], find: Callable[[str], Any], dtype: DTypeLike
    ) -> None:
        """`find` returns a number, or a tuple if `dtype` has several fields."""
        self._written = written
        self._find = find
        self._values = np.zeros(0, dtype)
        self._known = np.zeros(0, bool)

    def __getitem__(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Return the value of each piece, given by its number."""
        if len(self._known) < len(self._written):
            room = len(self._written) * 3 // 2 - len(self._known)
            self._values = np.append(self._values, np.zeros(room, self._values.dtype))
            self._known = np.append(self._known, np.zeros(room, bool))
        known = self._known.take(numbers)
        if not known.all():
            new = distinct(numbers[~known])
            self._values[new] = self._found([self._written[number] for number in new.tolist()])
            self._known[new] = True  # last: a time limit may interrupt anywhere
        # `take` copies structured values whole; indexing would copy them field by field.
        values: NDArray[Any] = self._values.take(numbers)
        return values

    def _found(self, new: list[str]) -> NDArray[Any]:
        return np.array([*map(self._find, new)], self._values.dtype)


class Lists:
    """The same for a function that returns any number of values per piece."""

    def __init__(
        self, written: Sequence[str], find: Callable[[str], Sequence[Any]], dtype: DTypeLike
    ) -> None:
        self._find = find
        self._values = np.zeros(0, dtype)
        self._used = 0
        self._spans = _Spans(written, self._keep)

    def __getitem__(self, numbers: NDArray[Any]) -> tuple[Numbers, NDArray[Any]]:
        """Return the values of all pieces in order, preceded by the place of each value's piece."""
        spans = self._spans[numbers]
        counts = spans["count"]
        places = ranges(spans["begin"], counts)
        return np.repeat(np.arange(len(numbers)), counts), self._values.take(places)

    def _keep(self, new: list[str]) -> tuple[Numbers, list[int]]:
        """Append the values of new pieces; return where those of each piece begin, and how many there are."""
        found = [*map(self._find, new)]
        counts = [*map(len, found)]
        values = np.array([*chain.from_iterable(found)], self._values.dtype)
        begin, self._used = self._used, self._used + len(values)
        if self._used > len(self._values):
            room = np.zeros(self._used * 3 // 2 - begin, self._values.dtype)
            self._values = np.append(self._values[:begin], room)
        self._values[begin : self._used] = values
        return begin + begins(counts)[:-1], counts


class _Spans(Column):
    def __init__(
        self, written: Sequence[str], keep: Callable[[list[str]], tuple[Numbers, list[int]]]
    ) -> None:
        super().__init__(written, len, [("begin", np.int32), ("count", np.int32)])
        self._keep = keep

    def _found(self, new: list[str]) -> NDArray[Any]:
        spans = np.zeros(len(new), self._values.dtype)
        spans["begin"], spans["count"] = self._keep(new)
        return spans


def begins(sizes: Sequence[int] | NDArray[Any]) -> Numbers:
    """Return where each of several consecutive stretches begins, and the end of the last.

    >>> begins([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    found = np.zeros(len(sizes) + 1, np.intp)
    np.cumsum(sizes, out=found[1:])
    return found


def ranges(first: NDArray[Any], counts: NDArray[Any]) -> Numbers:
    """Return the numbers of several ranges, concatenated.

    >>> ranges(np.array([7, 2]), np.array([2, 3])).tolist()
    [7, 8, 2, 3, 4]
    """
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    found: Numbers = np.arange(total) + np.repeat(first - ends + counts, counts)
    return found


def sums(values: NDArray[Any], bounds: NDArray[Any]) -> Numbers:
    """Return the sums of whole numbers between neighbouring bounds.

    >>> sums(np.array([1, 2, 3]), np.array([0, 2, 2, 3])).tolist()
    [3, 0, 3]
    """
    found: Numbers = np.diff(begins(values)[bounds])
    return found


def distinct(keys: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct keys in order: `np.unique` in a third of the time, for some thousand keys.

    >>> distinct(np.array([5, 3, 5])).tolist()
    [3, 5]
    """
    in_order = np.sort(keys)
    found: NDArray[Any] = in_order[runs(in_order)[0]]
    return found


def runs(in_order: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Return where each run of equal keys begins, and how long it is.

    >>> first, counts = runs(np.array([3, 5, 5]))
    >>> first.tolist(), counts.tolist()
    ([0, 1], [1, 2])
    """
    new = np.ones(len(in_order), bool)
    new[1:] = in_order[1:] != in_order[:-1]
    first = np.flatnonzero(new)
    return first, np.diff(first, append=len(in_order))


def grouped(keys: NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Return the places of the keys sorted by key, stable, and the bounds of each key's group.

    >>> places, bounds = grouped(np.array([5, 3, 5]))
    >>> places.tolist(), bounds.tolist()
    ([1, 0, 2], [0, 1, 3])
    """
    bits = len(keys).bit_length()
    if int(keys.max(initial=0)).bit_length() + bits < 64:
        # With its place in each key's low bits, numpy's quicksort is stable, in a quarter of the time of a
        # stable sort where it can use AVX-512 or AVX2.
        placed = np.sort((keys.astype(np.intp) << bits) | np.arange(len(keys)))
        places, in_order = placed & ((1 << bits) - 1), placed >> bits
    else:
        places = np.argsort(keys, kind="stable")
        in_order = keys[places]
    return places, np.append(runs(in_order)[0], len(keys))


def leading(owners: NDArray[Any], scores: NDArray[Any], size: int, most: int) -> NDArray[np.intp]:
    """Return the places, in order, of each owner's `most` highest scores, with ties of the last one.

    >>> leading(np.array([0, 1, 0, 0]), np.array([5, 1, 7, 5]), size=2, most=2).tolist()
    [0, 1, 2, 3]
    >>> leading(np.array([0, 1, 0, 0]), np.array([4, 1, 7, 5]), size=2, most=2).tolist()
    [1, 2, 3]
    """
    short = owners.astype(np.min_scalar_type(size))
    order = np.argsort(scores)
    order = order[
        np.argsort(short[order], kind="stable")
    ]  # quick for a small type: numpy uses a radix sort
    bounds = begins(np.bincount(short, minlength=size))
    last = np.maximum(bounds[1:] - most, bounds[:-1])
    least = np.zeros(size, scores.dtype)
    some = last < len(order)
    least[some] = scores[order[last[some]]]
    return np.flatnonzero(scores >= least[short])
