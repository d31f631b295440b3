"""The tone of title and body: VADER, sentence by sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import punctuation

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    C_INCR,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    normalize,
)

from worker.articles import Article, Sentiment
from worker.enrichment.base import Skipped
from worker.enrichment.remembered import Remembered
from worker.enrichment.sentences import sentences
from worker.settings import Settings

_STRAIGHT = str.maketrans("‘’“”„", '\'\'"""')


class SentimentEnricher:
    """Sets `sentiment`: for title and body the mean over its sentences, -1 to 1.

    VADER (Hutto & Gilbert 2014) is made for sentences; over a whole article its sum saturates at
    -1 or 1.
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
        values: list[dict[str, Sentiment] | Skipped] = []
        for article in batch:
            body = self._mean(article.text)
            if body is None:
                values.append(Skipped("no text"))
            else:
                sentiment = Sentiment(title=self._mean(article.title or ""), body=body)
                values.append({"sentiment": sentiment})
        return values

    def _mean(self, text: str) -> float | None:
        spans = sentences(text)
        if not spans:
            return None
        total = sum(self._vader.compound(text[start:end]) for start, end in spans)
        return round(total / len(spans), 4)


_GRAMMAR = {"the", "to", "for", "of", "a", "my", "on", "in"}
# Words of idioms, which change the value of a word beside them; and `no`, which negates the next one.
_IDIOM = {part for phrase in SPECIAL_CASES for part in phrase.split()} - _GRAMMAR | {"no"}
# Words that change the value of one of the three words behind them.
_CHANGING = (
    _IDIOM
    | {part for phrase in BOOSTER_DICT for part in phrase.split()} - _GRAMMAR
    | {*NEGATE, "least", "so", "this"}
)


@dataclass(slots=True)
class _Word:
    """A word between two blanks."""

    bare: str
    lower: str
    charged: bool
    """The lexicon has it."""
    changes: bool
    """It may change the value of a word behind it."""
    idiom: bool
    """It may change the value of a word before it, or its own."""
    capital: bool


@dataclass(slots=True)
class _Window:
    """The words around one word, in the shape that VADER's own rules take."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


class Vader(SentimentIntensityAnalyzer):  # type: ignore[misc]  # the library is not typed
    """VADER's compound alone, some five times as quick, the same to the last digit.

    The library goes through every character for emoji and lowers the whole sentence anew at each
    word. Here its rules run on the words of its lexicon only, each with the three words before and
    the two behind it, which is all they look at.
    """

    def __init__(self) -> None:
        super().__init__()
        self._emoji = frozenset(self.emojis)
        self._words = Remembered(self._look_up)

    def compound(self, sentence: str) -> float:
        """Return the compound of `polarity_scores`, -1 to 1; curly quotes count as straight."""
        if not sentence.isascii():
            sentence = sentence.translate(_STRAIGHT)
            if not self._emoji.isdisjoint(sentence):
                return float(self.polarity_scores(sentence)["compound"])
        words = [*map(self._words.__getitem__, sentence.split())]
        charged = [place for place, word in enumerate(words) if word.charged]
        if not charged:
            return 0.0
        valences = [0.0] * len(words)
        for place in charged:
            valences[place] = self._valence(words, place)
        if "but" in sentence.lower():
            valences = self._but_check([word.bare for word in words], valences)
        total = sum(valences)
        if total:
            emphasis = self._punctuation_emphasis(sentence)
            total += emphasis if total > 0 else -emphasis
        return round(float(normalize(total)), 4)

    def _valence(self, words: list[_Word], place: int) -> float:
        word = words[place]
        of = place + 1 < len(words) and words[place + 1].lower == "of"
        if word.lower in BOOSTER_DICT or (of and word.lower == "kind"):
            return 0.0
        first, last = max(0, place - 3), place + 3
        changed = True in [one.changes for one in words[first:place]]
        if not changed and True not in [one.idiom for one in words[place:last]]:
            value = float(self.lexicon[word.lower])
            if word.capital and _differ(words):
                value += C_INCR if value > 0 else -C_INCR
            return value
        window = _Window([one.bare for one in words[first:last]], _differ(words))
        valences: list[float] = []
        self.sentiment_valence(0, window, word.bare, place - first, valences)
        return valences[0]

    def _look_up(self, written: str) -> _Word:
        bare = _bare(written)
        lower = bare.lower()
        changes = lower in _CHANGING or "n't" in lower
        return _Word(
            bare, lower, lower in self.lexicon, changes, lower in _IDIOM, capital=bare.isupper()
        )


def _differ(words: list[_Word]) -> bool:
    """Whether some words stand in capitals, and some do not."""
    return 0 < sum([word.capital for word in words]) < len(words)


def _bare(word: str) -> str:
    """Return a word without the marks around it, unless it may be an emoticon: `:)`."""
    bare = word.strip(punctuation)
    return bare if len(bare) > 2 else word
