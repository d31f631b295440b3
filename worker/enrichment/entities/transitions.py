"""Greedy decoding of spaCy's `ner` transitions (begin, in, last, unit, out), a batch at a time.

While no entity is open, a state depends on its token alone: the best action of every token is
found in one product. Where it is "begin", the entity is followed token by token, all entities of
the batch at once. Then the texts are walked from left to right: an entity counts if it begins
behind the end of the one before, which is just what the model does token by token.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Ids: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Entities in order: index of the first and last token, and of the label."""

    first: Ids
    last: Ids
    label: Ids


class Decoder:
    """The upper layer of the transition model, and what its classes mean."""

    def __init__(self, moves: list[str], upper: Any, bias: Floats, padding: Floats) -> None:
        """Sort the classes; `moves` are names such as "B-ORG"; `upper` is thinc's last layer."""
        weights, scores_bias = upper.get_param("W"), upper.get_param("b")
        self.labels = [move[2:] for move in moves if move.startswith("B-") and move[2:]]
        begin, inside, last, unit = (
            [moves.index(f"{action}-{label}") for label in self.labels] for action in "BILU"
        )
        outside = [*begin, *unit, moves.index("O")]
        self._outside = np.ascontiguousarray(weights[outside].T)
        self._outside_bias = scores_bias[outside]
        self._inside, self._inside_bias = weights[inside], scores_bias[inside]
        self._last, self._last_bias = weights[last], scores_bias[last]
        self._bias = bias
        self._closed = bias + padding[1] + padding[2]

    def decode(self, shares: Floats, is_space: Flags, is_final: Flags, is_pad: Flags) -> Found:
        """Return the entities of a sequence of texts.

        Args:
            shares: (tokens, 3, 2 × hidden) from the network.
            is_space: white space tokens; no entity begins there.
            is_final: the last token of its text; an entity ends there at the latest.
            is_pad: rows between texts.
        """
        first, label, single = self._starts(shares, is_space, is_final, is_pad)
        last = first.copy()
        open_ = np.flatnonzero(~single)
        while len(open_):
            last[open_] += 1
            goes_on = self._goes_on(shares, first[open_], last[open_], label[open_])
            open_ = open_[goes_on & ~is_final[last[open_]]]
        return _without_overlap(Found(first, last, label))

    def _starts(
        self, shares: Floats, is_space: Flags, is_final: Flags, is_pad: Flags
    ) -> tuple[Ids, Ids, Flags]:
        """Return where an entity would begin, its label, and whether it is one token long."""
        scores = _maxout(shares[:, 0] + self._closed) @ self._outside
        scores += self._outside_bias
        kinds = len(self.labels)
        scores[is_final, :kinds] = -np.inf
        scores[is_space | is_pad, : 2 * kinds] = -np.inf
        best = scores.argmax(axis=1)
        first = np.flatnonzero(best < 2 * kinds)
        best = best[first]
        return first, best % kinds, best >= kinds

    def _goes_on(self, shares: Floats, first: Ids, here: Ids, label: Ids) -> Flags:
        """Whether "in" beats "last" at the token `here` of an entity that began at `first`."""
        hidden = _maxout(shares[here, 0] + shares[first, 1] + shares[here - 1, 2] + self._bias)
        inside = np.einsum("ij,ij->i", hidden, self._inside[label]) + self._inside_bias[label]
        last = np.einsum("ij,ij->i", hidden, self._last[label]) + self._last_bias[label]
        result: Flags = inside > last
        return result


def _maxout(values: Floats) -> Floats:
    half = values.shape[1] // 2
    result: Floats = np.maximum(values[:, :half], values[:, half:])
    return result


def _without_overlap(found: Found) -> Found:
    keep = []
    end = -1
    bounds = zip(found.first.tolist(), found.last.tolist(), strict=True)
    for index, (first, last) in enumerate(bounds):
        if first > end:
            keep.append(index)
            end = last
    return Found(found.first[keep], found.last[keep], found.label[keep])
