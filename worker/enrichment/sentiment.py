"""The tone of title and body, by VADER, sentence by sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import punctuation
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
)

from worker.articles import Article, Sentiment
from worker.enrichment.base import Skipped
from worker.enrichment.columns import Column, Numbers, begins
from worker.enrichment.pieces import Pieces, of_articles
from worker.enrichment.remembered import Remembered
from worker.settings import Settings

_STRAIGHT = str.maketrans("‘’“”„", '\'\'"""')


class SentimentEnricher:
    """Sets `sentiment`: the mean over the sentences, of the title and of the body, from -1 to 1.

    VADER (Hutto & Gilbert 2014) is made for sentences; over a whole article its score saturates at -1 or 1.
    """

    name = "sentiment"
    version = "1"
    languages: frozenset[str] | None = frozenset({"en"})
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("sentiment",)

    def __init__(self, _settings: Settings) -> None:
        self._vader = Vader()

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Sentiment] | Skipped]:
        """Return the tone of each article; `title` is null where there is none."""
        means = self._means(of_articles(batch))
        return [
            Skipped("no text") if body is None else {"sentiment": Sentiment(title=title, body=body)}
            for body, title in zip(means[: len(batch)], means[len(batch) :], strict=True)
        ]

    def _means(self, texts: Pieces) -> list[float | None]:
        compounds = self._vader.compounds(texts)
        return [
            round(sum(compounds[begin:end]) / (end - begin), 4) if end > begin else None
            for begin, end in pairwise(texts.texts.tolist())
        ]


_FREQUENT = {"the", "to", "bad", "just"}


def _sign(phrase: str) -> str:
    """Return a word of the phrase that is rare enough to show that the phrase may be there."""
    return next(part for part in phrase.split() if part not in _FREQUENT)


# Words that may be part of an idiom, which changes the value of a word in it or next to it; and `no`, which
# negates the next word.
_IDIOM = {*map(_sign, SPECIAL_CASES), "no"}
# Words that change the value of one of the next three words.
_CHANGING = _IDIOM | {*map(_sign, BOOSTER_DICT)} | {*NEGATE, "least", "so", "this"}


_FACTS = [
    ("valence", np.float64),  # its value in the lexicon, if it is charged
    ("charged", np.bool_),  # it is in the lexicon, and no booster
    ("changes", np.bool_),  # it may change the value of a word after it
    ("idiom", np.bool_),  # it may change the value of the word before, or the next word its own
    ("capital", np.bool_),
    ("but", np.bool_),
    ("mark", np.bool_),  # `!` or `?`
    ("emoji", np.bool_),
]

_NEGATING = frozenset(NEGATE)

_ALPHA = 15
"""VADER's compound of a total t is t / √(t² + 15), between -1 and 1."""


@dataclass(slots=True)
class _Window:
    """The words around one word, in the form that VADER's own rules expect."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]  # the library is not typed
    """VADER's compound score alone, many times faster, and the same to the last digit.

    The library searches every character for emoji and lowers the whole sentence again for each word. Here a
    word of the lexicon gets its value at once, unless one of the three words before it or the two after it
    may change it. Then the library's own rules run on these words alone, which are all that they look at.
    """

    def __init__(self) -> None:
        super().__init__()
        self._emoji = frozenset(self.emojis)
        self._bare = Remembered(_bare)

    def compounds(self, texts: Pieces) -> list[float]:
        """Return the compound of `polarity_scores` for each sentence; curly quotes count as straight ones."""
        facts = texts.about(self._facts)[texts.numbers]
        at = np.flatnonzero(facts["charged"])
        count = len(texts.sentences) - 1
        sentence = np.repeat(np.arange(count), np.diff(texts.sentences))
        own = sentence[at]
        values = self._values(texts, facts, at, own)
        totals = np.bincount(own, values, minlength=count)
        of_sentence = begins(np.bincount(own, minlength=count))
        with_but = (np.diff(of_sentence) > 0) & (texts.by_sentence(facts["but"]) > 0)
        for one in np.flatnonzero(with_but).tolist():
            begin, end = texts.sentences[one : one + 2]
            charged = slice(of_sentence[one], of_sentence[one + 1])
            valences = np.zeros(end - begin)
            valences[at[charged] - begin] = values[charged]
            words = self._words(texts, begin, end)
            totals[one] = sum(self._but_check(words, valences.tolist()))
        marked = (totals != 0) & (texts.by_sentence(facts["mark"]) > 0)
        for one in np.flatnonzero(marked).tolist():
            emphasis = self._punctuation_emphasis(_joined(texts, one))
            totals[one] += emphasis if totals[one] > 0 else -emphasis
        compounds = [
            round(one, 4) if one else 0.0
            for one in (totals / np.sqrt(totals * totals + _ALPHA)).tolist()
        ]
        for one in np.unique(sentence[facts["emoji"]]).tolist():
            straight = _joined(texts, one).translate(_STRAIGHT)
            compounds[one] = float(self.polarity_scores(straight)["compound"])
        return compounds

    def _values(
        self, texts: Pieces, facts: NDArray[Any], at: Numbers, own: Numbers
    ) -> NDArray[np.float64]:
        """Return the values of the charged words: `at` are their places, `own` their sentences."""
        capitals = texts.by_sentence(facts["capital"])
        differ = ((capitals > 0) & (capitals < np.diff(texts.sentences)))[own]
        values = facts["valence"][at]
        loud = facts["capital"][at] & differ
        values[loud] += np.where(values[loud] > 0, C_INCR, -C_INCR)
        first = np.maximum(at - 3, texts.sentences[own])
        last = np.minimum(at + 3, texts.sentences[own + 1])
        changes, idioms = begins(facts["changes"]), begins(facts["idiom"])
        for place in np.flatnonzero((changes[first] < changes[at]) | (idioms[at] < idioms[last])):
            window = self._words(texts, int(first[place]), int(last[place]))
            values[place] = self._valence(
                window, int(at[place] - first[place]), is_cap_diff=bool(differ[place])
            )
        return values

    def _words(self, texts: Pieces, begin: int, end: int) -> list[str]:
        return [*map(self._bare.__getitem__, texts.written(begin, end))]

    def _valence(self, words: list[str], place: int, *, is_cap_diff: bool) -> float:
        """Return the value of the word at a place, by the library's rules."""
        if words[place].lower() == "kind" and [
            word.lower() for word in words[place + 1 : place + 2]
        ] == ["of"]:
            return 0.0
        valences: list[float] = []
        self.sentiment_valence(0, _Window(words, is_cap_diff), words[place], place, valences)
        return valences[0]

    def _negation_check(self, valence: float, words: list[str], back: int, place: int) -> float:
        """Call the library's rule only where it would find something: it tries sixty words at each call."""
        before = words[place - back - 1].lower()
        if (
            before in _NEGATING
            or "n't" in before
            or (back == 2 and words[place - 1].lower() in {"so", "this"})
        ):
            return float(super()._negation_check(valence, words, back, place))
        return valence

    def _facts(self, written: Sequence[str]) -> Column:
        return Column(written, self._of_piece, _FACTS)

    def _of_piece(self, piece: str) -> tuple[float, bool, bool, bool, bool, bool, bool, bool]:
        bare = _bare(piece)
        lower = bare.lower()
        charged = lower in self.lexicon and lower not in BOOSTER_DICT
        return (
            float(self.lexicon[lower]) if charged else 0.0,
            charged,
            lower in _CHANGING or "n't" in lower,
            lower in _IDIOM or lower == "kind",
            bare.isupper(),
            lower == "but",
            "!" in piece or "?" in piece,
            not piece.isascii() and not self._emoji.isdisjoint(piece),
        )


def _joined(texts: Pieces, sentence: int) -> str:
    begin, end = texts.sentences[sentence : sentence + 2]
    return " ".join(texts.written(begin, end))


def _bare(piece: str) -> str:
    """Return a word without the punctuation around it, unless it may be an emoticon: `:)`."""
    if piece.isalnum():
        return piece
    straight = piece if piece.isascii() else piece.translate(_STRAIGHT)
    bare = straight.strip(punctuation)
    return bare if len(bare) > 2 else straight
