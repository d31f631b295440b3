"""The enricher `language`: the language of a text, or of its passages if there are several."""

import re
from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from worker.articles import Article, Language, Passage
from worker.enrichment.ngrams import Classifier, Guess
from worker.settings import Settings

# Languages without a two-letter code that count as one that has it: dialects as their standard language,
# creoles as the language that most of their words come from.
COUNTED_AS = {"arz": "ar", "ary": "ar", "wuu": "zh", "yue": "zh", "gcf": "fr", "gcr": "fr",
              "pcm": "en", "sdh": "ku", "gug": "gn", "ltg": "lv"}  # fmt: skip
SURE = 0.35
"""Confidence from which a language is reported."""
SURE_OF_PASSAGE = 0.9
"""Confidence from which a paragraph counts as being in another language than the article."""
LEAST_LETTERS = 12
PIECE = 140
"""Characters to look at in a paragraph."""
MOST_PIECES = 16
GLANCE = 48
"""Characters to look at first in a paragraph: for nearly all articles they are enough."""
CERTAIN = 0.99
"""Confidence from which this first look is enough, if no paragraph looks like another language."""
PARAGRAPH = re.compile(r"[^\n]+")
LEAST_PASSAGE = 60
"""Characters of the shortest paragraph that can be in a language of its own."""
LONGEST = 600
"""Characters to look at in a paragraph if the article may be mixed."""
AT_ONCE = 64
"""Articles that are classified together: more take more memory, and hardly less time."""


class _Look(NamedTuple):
    """The result of a look at the pieces of an article."""

    whole: Guess
    doubtful: bool
    """Whether a piece looks more like another language."""
    mixed: bool
    """Whether a piece is certainly in another language."""


class LanguageEnricher:
    """Sets `language`, and `passages` of an article in several languages."""

    name = "language"
    version = "3 (py3langid)"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("language", "passages")

    def __init__(self, _settings: Settings) -> None:
        self._classifier = Classifier(COUNTED_AS)
        self._threads = ThreadpoolController()

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any]]:
        """Return the language of each article, and its passages if it is mixed."""
        groups = (batch[begin : begin + AT_ONCE] for begin in range(0, len(batch), AT_ONCE))
        return [values for group in groups for values in self._of_group(group)]

    def _of_group(self, batch: Sequence[Article]) -> list[dict[str, Any]]:
        pieces = [_pieces(article.text) for article in batch]
        with self._threads.limit(limits=1, user_api="blas"):
            looks = self._looks([*map(_glances, pieces)], GLANCE)
            unsure = [
                place
                for place, look in enumerate(looks)
                if look.doubtful or look.whole.confidence < CERTAIN
            ]
            again = self._looks([pieces[place] for place in unsure], LEAST_PASSAGE)
            for place, look in zip(unsure, again, strict=True):
                looks[place] = look
            return [
                self._values(article.text, look.whole, mixed=look.mixed)
                for article, look in zip(batch, looks, strict=True)
            ]

    def _looks(self, pieces: Sequence[Sequence[str]], least: int) -> list[_Look]:
        """Look at each article's pieces; one shorter than `least` characters is never another language."""
        if not pieces:
            return []
        flat = [piece for own in pieces for piece in own]
        begins = [0, *accumulate(map(len, pieces))]
        lengths = [len(piece.encode(errors="surrogatepass")) for piece in flat]
        sizes = [sum(lengths[begin:end]) for begin, end in pairwise(begins)]
        scores = self._classifier.scores(flat)
        wholes = self._classifier.guesses(np.add.reduceat(scores, begins[:-1]), sizes)
        owners = [own for own, count in enumerate(map(len, pieces)) for _ in range(count)]
        # If another language has a share of nine tenths, its best class is the best of all: only these few
        # paragraphs need a guess.
        doubtful = [
            place
            for place, code in enumerate(self._classifier.likeliest(scores))
            if code != wholes[owners[place]].code and len(flat[place]) >= least
        ]
        guesses = self._classifier.guesses(scores[doubtful], [lengths[place] for place in doubtful])
        mixed = {
            owners[place]
            for place, guess in zip(doubtful, guesses, strict=True)
            if guess.confidence >= SURE_OF_PASSAGE and _code(guess) != _code(wholes[owners[place]])
        }
        in_doubt = {owners[place] for place in doubtful}
        return [_Look(whole, own in in_doubt, own in mixed) for own, whole in enumerate(wholes)]

    def _values(self, text: str, whole: Guess, *, mixed: bool) -> dict[str, Any]:
        if all(sum(map(str.isalpha, text[:size])) < LEAST_LETTERS for size in (40, 400)):
            return _unknown(0.0, "there are too few letters to tell")
        code = _code(whole)
        if whole.confidence < SURE:
            return _unknown(whole.confidence, "no language stands out")
        if code is None:
            return _unknown(whole.confidence, f"{whole.code!r} has no two-letter code")
        language = Language(code=code, confidence=round(whole.confidence, 4))
        return {"language": language, "passages": self._passages(text, code) if mixed else []}

    def _passages(self, text: str, code: str) -> list[Passage]:
        """Return the stretches in one language each; none if there is only one.

        A paragraph that is short or doubtful belongs to the one before it.
        """
        spans = [match.span() for match in PARAGRAPH.finditer(text)]
        guesses = self._classifier.classify([text[low:high][:LONGEST] for low, high in spans])
        found: list[tuple[str, int, int]] = []
        current = code
        for (low, high), guess in zip(spans, guesses, strict=True):
            if high - low >= LEAST_PASSAGE and guess.confidence >= SURE_OF_PASSAGE:
                current = _code(guess) or current
            found.append((current, low, high))
        passages = []
        for language, group in groupby(found, key=lambda one: one[0]):
            stretch = list(group)
            passages.append(Passage(start=stretch[0][1], end=stretch[-1][2], language=language))
        return passages if len(passages) > 1 else []


def _pieces(text: str) -> list[str]:
    """Return the beginnings of up to `MOST_PIECES` paragraphs, spread over the text."""
    spans = [match.span() for match in PARAGRAPH.finditer(text)]
    if len(spans) < MOST_PIECES:  # few and long: look further into each
        size = max(PIECE, PIECE * MOST_PIECES // max(len(spans), 1))
        return [text[low : min(high, low + size)] for low, high in spans] or [""]
    step = len(spans) / MOST_PIECES
    chosen = [spans[int(index * step)] for index in range(MOST_PIECES)]
    return [text[low : min(high, low + PIECE)] for low, high in chosen]


def _glances(pieces: Sequence[str]) -> list[str]:
    """Return the beginnings of pieces, which are longer if there are only a few pieces."""
    size = max(GLANCE, GLANCE * MOST_PIECES // len(pieces))
    return [piece[:size] for piece in pieces]


def _code(guess: Guess) -> str | None:
    """Return the two-letter code of a guess, or None if it has none."""
    return guess.code if len(guess.code) == 2 else None


def _unknown(confidence: float, reason: str) -> dict[str, Any]:
    language = Language(code=None, confidence=round(confidence, 4), reason=reason)
    return {"language": language, "passages": []}
