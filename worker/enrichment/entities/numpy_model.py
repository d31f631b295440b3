"""The fast recogniser: spaCy's tokens and the model's weights, computed in numpy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from threadpoolctl import ThreadpoolController

from worker.enrichment.entities.network import Network, UnknownArchitectureError
from worker.enrichment.entities.spacy_model import SpacyRecogniser
from worker.enrichment.entities.spans import Recogniser, Span
from worker.enrichment.entities.tokens import FEATURES, PADDING, Tokenised, Vocabulary
from worker.enrichment.entities.transitions import Decoder, Found


class NumpyRecogniser:
    """Finds the spans that spaCy finds, several times as fast."""

    def __init__(self, nlp: Language) -> None:
        """Read the model.

        Raises:
            UnknownArchitectureError: `network` cannot compute a model of this architecture.
        """
        self.version = f"{nlp.lang}_{nlp.meta['name']} {nlp.meta['version']}, numpy"
        ner: Any = nlp.get_pipe("ner")
        self._network = Network(ner.model)
        if self._network.columns != FEATURES:
            raise UnknownArchitectureError("an embedding of other features")
        if ner.cfg["beam_width"] != 1 or ner.model.attrs["unseen_classes"]:
            raise UnknownArchitectureError("a decoder that is not greedy, or classes unseen")
        moves = [ner.moves.get_class_name(index) for index in range(ner.moves.n_moves)]
        upper = ner.model.get_ref("upper")
        self._decoder = Decoder(moves, upper, self._network)
        self._vocabulary = Vocabulary(nlp)
        self._none = self._network.embed(np.zeros((2, len(FEATURES)), dtype=np.uint64)) * 0
        self._vectors = self._none
        self._threads = ThreadpoolController()

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text."""
        if self._vocabulary.is_full():
            self._vocabulary.forget()
            self._vectors = self._none
        tokens = self._vocabulary.tokenise(texts, self._network.reach)
        rows = tokens.rows
        is_padding = rows == PADDING
        is_final = np.append(is_padding[1:] & ~is_padding[:-1], False)
        # Each worker process has a core to itself: more threads would only compete.
        with self._threads.limit(limits=1, user_api="blas"):
            self._embed_new()
            is_met = np.zeros(len(self._vectors), dtype=np.bool_)
            is_met[rows] = True
            met = np.flatnonzero(is_met)
            place = np.cumsum(is_met) - 1
            hidden = self._network.hidden(self._vectors[met], place[rows])
            is_space = np.array(self._vocabulary.is_space, dtype=np.bool_)[rows]
            found = self._decoder.decode(hidden, is_space=is_space, is_final=is_final)
        return self._spans(tokens, found)

    def _spans(self, tokens: Tokenised, found: Found) -> list[list[Span]]:
        spans: list[list[Span]] = [[] for _ in tokens.begins]
        starts, ends = tokens.starts[found.first], tokens.ends[found.last]
        owners = np.searchsorted(tokens.begins, starts, side="right") - 1
        begins = tokens.begins[owners]
        for owner, start, end, label in zip(
            owners.tolist(),
            (starts - begins).tolist(),
            (ends - begins).tolist(),
            found.label.tolist(),
            strict=True,
        ):
            spans[owner].append(Span(start, end, self._decoder.labels[label]))
        return spans

    def _embed_new(self) -> None:
        known = len(self._vectors)
        features = self._vocabulary.features[known:]
        if features:
            new = self._network.embed(np.array(features, dtype=np.uint64))
            self._vectors = np.concatenate([self._vectors, new])


def recogniser(nlp: Language) -> Recogniser:
    """Return the fast recogniser, or spaCy's own for a model of another architecture.

    The version tells which one it is, and so does each article's provenance.
    """
    try:
        return NumpyRecogniser(nlp)
    except UnknownArchitectureError:
        return SpacyRecogniser(nlp)
