"""py3langid's classifier over many stretches of text at once.

The model is a naive Bayes classifier over byte n-grams that an automaton finds (Lui & Baldwin 2012,
langid.py). Walking the automaton byte by byte in Python takes nearly all the time. No n-gram is
longer than a few bytes, so a walk that begins a few bytes early is in the right state: a text is
cut into short strips that overlap by so much, and all strips of a batch walk together, one byte a
step, in numpy.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from worker.enrichment.columns import runs

Floats: TypeAlias = npt.NDArray[np.float32]
Ids: TypeAlias = npt.NDArray[np.int32]
Places: TypeAlias = npt.NDArray[np.intp]

STRIP = 48
"""Bytes of a strip that count."""
OVERLAP = 8
"""Bytes before these that only bring the automaton into the right state."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A language and how sure it is, 0 to 1."""

    code: str
    confidence: float


class Classifier:
    """Tells the language of many stretches of text."""

    def __init__(self, counted_as: Mapping[str, str] | None = None) -> None:
        """Load the model that is in py3langid's wheel; `counted_as` maps languages to others."""
        model = LanguageIdentifier.from_model_file(MODEL_FILE)
        # A feature's row in one piece: a text gathers some hundred rows.
        self._table: Floats = np.ascontiguousarray(model.nb_ptc, dtype=np.float32)
        self._prior: Floats = np.asarray(model.nb_pc, dtype=np.float32)
        # Some languages have two classes, one per script; their shares are added.
        classes = [(counted_as or {}).get(code, code) for code in model.nb_classes]
        self.codes = list(dict.fromkeys(classes))
        self._language_of = np.array([self.codes.index(code) for code in classes])
        # (classes, languages): 1 where a class is one of the language
        self._folds = np.array(
            [[float(code == one) for one in self.codes] for code in classes], dtype=np.float32
        )
        # Row of a state in the transition table, and the feature that it stands for (or -1).
        self._next: Ids = np.asarray(model.tk_nextmove, dtype=np.int32)
        self._row: Places = np.asarray(model.tk_row, dtype=np.intp) << 8
        self._feature: Ids = np.asarray(model.tk_output, dtype=np.int32)

    def classify(self, texts: Sequence[str]) -> list[Guess]:
        """Return the language of each text; a text without letters has a low confidence."""
        lengths = [len(_encoded(text)) for text in texts]
        return self.guesses(self.scores(texts), lengths)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (texts, languages) logarithmic scores without the prior; scores of parts add up."""
        owners, features = self._features([_encoded(text) for text in texts])
        bits = len(self._table).bit_length()
        pairs = (owners << bits) + features
        # numpy sorts numbers of a short type many at a time (AVX-512, AVX2): a twentieth of `np.unique`.
        pairs = np.sort(pairs.astype(np.min_scalar_type(len(texts) << bits)))
        first, counts = runs(pairs)
        owner, feature = pairs[first] >> bits, (pairs[first] & ((1 << bits) - 1)).astype(np.intp)
        weights = np.log1p(counts.astype(np.float32))
        scores = np.zeros((len(texts), len(self._prior)), dtype=np.float32)
        bounds = np.searchsorted(owner, np.arange(len(texts) + 1))
        # One room for the rows of any text; `clip` writes into it without a copy between.
        room = np.empty((int(np.diff(bounds).max(initial=0)), len(self._prior)), dtype=np.float32)
        for index, (low, high) in enumerate(pairwise(bounds.tolist())):
            if high > low:
                rows = room[: high - low]
                self._table.take(feature[low:high], axis=0, out=rows, mode="clip")
                np.matmul(weights[low:high], rows, out=scores[index])
        return scores

    def likeliest(self, scores: Floats) -> list[str]:
        """Return the language of each row's best class: that of any guess above a confidence of 0.9.

        It is quick: it adds up no shares.
        """
        best = (scores + self._prior).argmax(axis=1)
        return [*map(self.codes.__getitem__, self._language_of[best].tolist())]

    def guesses(self, scores: Floats, lengths: Sequence[int]) -> list[Guess]:
        """Return the best language of each row of scores; `lengths` in bytes.

        The softmax is flattened by the root of the length, as py3langid does, so that a
        confidence means the same for a line and for a page.
        """
        posterior = scores + self._prior
        posterior -= posterior.max(axis=1, keepdims=True)
        roots = np.sqrt(np.maximum(np.array(lengths, dtype=np.float32), 1))
        shares = np.exp(posterior / roots[:, None]) @ self._folds
        best = shares.argmax(axis=1)
        confidence = shares[np.arange(len(best)), best] / shares.sum(axis=1)
        found = zip(best.tolist(), confidence.tolist(), strict=True)
        return [Guess(self.codes[index], share) for index, share in found]

    def _features(self, encoded: Sequence[bytes]) -> tuple[Places, Places]:
        """Return the features met in all texts, and the text of each, in order of the texts."""
        blank = bytes(OVERLAP)
        counts = np.array([max(1, -(-len(code) // STRIP)) for code in encoded])
        padded = [
            blank + code + bytes(count * STRIP - len(code))
            for code, count in zip(encoded, counts.tolist(), strict=True)
        ]
        letters = np.frombuffer(b"".join(padded), dtype=np.uint8)
        owners = np.repeat(np.arange(len(encoded)), counts)
        begins = np.arange(len(owners)) * STRIP + owners * OVERLAP
        steps = letters[begins + np.arange(OVERLAP + STRIP)[:, None]].astype(np.intp)
        state = np.zeros(len(owners), dtype=np.int32)
        place = np.empty(len(owners), dtype=np.intp)
        states = np.empty((OVERLAP + STRIP, len(owners)), dtype=np.int32)
        for letter, following in zip(steps, states, strict=True):
            np.take(self._row, state, out=place, mode="clip")
            place += letter
            state = np.take(self._next, place, out=following, mode="clip")
        by_text = self._feature[states[OVERLAP:]].T.reshape(-1)
        met = np.flatnonzero(by_text >= 0)
        return owners[met // STRIP], by_text[met].astype(np.intp)


def _encoded(text: str) -> bytes:
    """Return the bytes as in training: NFC, and capitals alone in small letters."""
    if text.isupper():
        text = text.lower()
    return unicodedata.normalize("NFC", text).encode("utf-8", errors="surrogatepass")
