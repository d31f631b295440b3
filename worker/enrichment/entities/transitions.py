"""Greedy decoding of spaCy's `ner` transitions (begin, in, last, unit, out), a batch at a time.

While no entity is open, a state depends only on its token, so one product finds the best action of every
token. Where that is "begin", the entity is followed token by token, all entities of the batch at once. Then
the texts are read from left to right, and an entity counts if it begins after the end of the previous one.
This is what the model does token by token.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from worker.enrichment.entities.convolution import Floats
from worker.enrichment.entities.network import Ids, Network

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Entities in order: the index of the first token, of the last token and of the label."""

    first: Ids
    last: Ids
    label: Ids


class Decoder:
    """The upper layer of the transition model and the meaning of its classes."""

    def __init__(self, moves: list[str], upper: Any, network: Network) -> None:
        """Sort the classes. `moves` are their names, such as "B-ORG"; `upper` is thinc's last layer."""
        weights, scores_bias = upper.get_param("W"), upper.get_param("b")
        self.labels = [move[2:] for move in moves if move.startswith("B-") and move[2:]]
        begin, inside, last, unit = (
            [moves.index(f"{action}-{label}") for label in self.labels] for action in "BILU"
        )
        outside = [*begin, *unit, moves.index("O")]
        self._outside = np.ascontiguousarray(weights[outside])
        self._outside_bias = scores_bias[outside][:, None]
        self._inside, self._inside_bias = weights[inside], scores_bias[inside]
        self._last, self._last_bias = weights[last], scores_bias[last]
        self._network = network
        self._closed = network.bias + network.padding[1] + network.padding[2]

    def decode(self, hidden: Floats, is_space: Flags, is_final: Flags) -> Found:
        """Return the entities of a sequence of texts.

        Args:
            hidden: (tokens, width) from the network.
            is_space: the tokens that are white space or padding; no entity begins there.
            is_final: the last token of each text; an entity ends there at the latest.
        """
        network = self._network
        closed = network.shares(hidden, 0, more=self._closed)
        first, label, single = self._starts(closed, is_space, is_final)
        last = first.copy()
        open_ = np.flatnonzero(~single)
        opened = network.shares(hidden[first], 1, more=network.bias - self._closed)
        while len(open_):
            last[open_] += 1
            here = last[open_]
            state = closed[here] + opened[open_] + network.shares(hidden[here - 1], 2)
            goes_on = self._goes_on(state, label[open_])
            open_ = open_[goes_on & ~is_final[last[open_]]]
        return _without_overlap(Found(first, last, label))

    def _starts(self, states: Floats, is_space: Flags, is_final: Flags) -> tuple[Ids, Ids, Flags]:
        """Return where entities would begin, their labels, and which are only one token long."""
        scores = self._outside @ _maxout(states).T  # (actions, tokens), "out" last
        scores += self._outside_bias
        kinds = len(self.labels)
        scores[:kinds, is_final] = -np.inf
        scores[:-1, is_space] = -np.inf
        first = np.flatnonzero(scores[:-1].max(axis=0) >= scores[-1])
        best = scores[:-1, first].argmax(axis=0)
        return first, best % kinds, best >= kinds

    def _goes_on(self, state: Floats, label: Ids) -> Flags:
        """Whether "in" scores higher than "last", for states with an open entity."""
        hidden = _maxout(state)
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
