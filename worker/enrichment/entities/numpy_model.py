"""The quick recogniser: spaCy's tokens, numpy's arithmetic, the model's own weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from threadpoolctl import ThreadpoolController

from worker.enrichment.entities.network import Ids, Network, UnknownArchitectureError, joined
from worker.enrichment.entities.spacy_model import SpacyRecogniser
from worker.enrichment.entities.spans import Recogniser, Span
from worker.enrichment.entities.tokens import FEATURES, GAP, Tokenised, Vocabulary
from worker.enrichment.entities.transitions import Decoder, Found


class NumpyRecogniser:
    """Finds the spans that spaCy finds, several times as fast."""

    def __init__(self, nlp: Language) -> None:
        """Read the model.

        Raises:
            UnknownArchitectureError: it is built in another way than `network` computes.
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
        self._decoder = Decoder(moves, upper, self._network.bias, self._network.padding)
        self._vocabulary = Vocabulary(nlp)
        self._vectors = self._network.embed(np.zeros((1, 4), dtype=np.uint64)) * 0
        self._threads = ThreadpoolController()

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text."""
        if self._vocabulary.is_full():
            self._vocabulary.forget()
            self._vectors = self._vectors[:1]
        tokenised = self._vocabulary.tokenise(texts)
        # A worker process has a core to itself: more threads would only get in each other's way.
        with self._threads.limit(limits=1, user_api="blas"):
            self._embed_new()
            rows, begins = joined([one.rows for one in tokenised], self._network.reach)
            different, ids = np.unique(rows, return_inverse=True)
            shares = self._network.shares(self._vectors[different], ids)
            found = self._decoder.decode(
                shares,
                is_space=np.array(self._vocabulary.is_space)[rows],
                is_final=_finals(tokenised, begins, len(rows)),
                is_pad=rows == GAP,
            )
        return self._spans(tokenised, begins, found)

    def _spans(self, tokenised: list[Tokenised], begins: Ids, found: Found) -> list[list[Span]]:
        spans: list[list[Span]] = [[] for _ in tokenised]
        owners = np.searchsorted(begins, found.first, side="right") - 1
        for owner, first, last, label in zip(
            owners.tolist(),
            (found.first - begins[owners]).tolist(),
            (found.last - begins[owners]).tolist(),
            found.label.tolist(),
            strict=True,
        ):
            tokens = tokenised[owner]
            start, end = int(tokens.starts[first]), int(tokens.ends[last])
            spans[owner].append(Span(start, end, self._decoder.labels[label]))
        return spans

    def _embed_new(self) -> None:
        known = len(self._vectors)
        features = self._vocabulary.features[known:]
        if features:
            new = self._network.embed(np.array(features, dtype=np.uint64))
            self._vectors = np.concatenate([self._vectors, new])


def _finals(tokenised: list[Tokenised], begins: Ids, total: int) -> npt.NDArray[np.bool_]:
    """Mark the last token of each text; an empty text has none."""
    flags = np.zeros(total, dtype=np.bool_)
    for begin, one in zip(begins.tolist(), tokenised, strict=True):
        if len(one.rows):
            flags[begin + len(one.rows) - 1] = True
    return flags


def recogniser(nlp: Language) -> Recogniser:
    """Return the quick recogniser, or spaCy's own for a model of another build.

    Which one it is stands in the version, and so in each article's provenance.
    """
    try:
        return NumpyRecogniser(nlp)
    except UnknownArchitectureError:
        return SpacyRecogniser(nlp)
