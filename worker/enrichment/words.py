"""Facts about words: their frequency, their stem, and whether they are stop words."""

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

import Stemmer
import stopwordsiso
import wordfreq

from worker.articles import Article
from worker.enrichment.remembered import Remembered

Result = TypeVar("Result")

UNSEEN = 2.0
"""Zipf frequency of a word that is in no table: a name, a rare term, a typing error."""

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish",
}  # fmt: skip
"""ISO 639-1 code to Snowball algorithm."""

RELATED = {"no": "nb", "nn": "nb", "hr": "sh", "sr": "sh", "bs": "sh", "tl": "fil"}
"""Codes whose frequencies are listed under another code."""

ELIDING = frozenset({"ca", "fr", "it", "oc"})
"""Languages that join articles and other small words to the word behind them."""

# `l'Europe`, `qu’elle`, `dell'Assemblea`
ELISION = re.compile(
    r"\b(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu|(?:da|de|ne|a|su|co)ll|gl|un|quest|quell)['’](?=[^\W_])",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """One word of a language."""

    stem: str
    zipf: float
    """Decimal logarithm of its frequency per billion words: `the` 7.7, `pangolin` 2.5."""
    stop: bool
    """Whether it says nothing about the subject of a text."""


class Vocabulary:
    """Frequencies, stems and stop words of one language.

    Frequencies are those of wordfreq (Speer 2022), stop words those of stopwords-iso, stems
    Snowball's. A language without a table has neither: its words are all unseen, and stop words
    are those of three letters at most.
    """

    def __init__(self, code: str | None) -> None:
        self.code = code = code or ""
        table = RELATED.get(code, code)
        known = table in wordfreq.available_languages("small")
        self._frequencies = wordfreq.get_frequency_dict(table, "small") if known else {}
        self._stops = (
            frozenset(stopwordsiso.stopwords(code)) if stopwordsiso.has_lang(code) else frozenset()
        )
        algorithm = STEMMERS.get(code)
        # Words are remembered here; the stemmer's own memory costs three times what stemming does.
        self._stemmer = Stemmer.Stemmer(algorithm, 0) if algorithm else None
        self._blind = not known and not self._stops
        self._words = Remembered(self._look_up)

    def word(self, lower: str) -> Word:
        """Return the facts about a word in lower case."""
        return self._words[lower]

    def _look_up(self, lower: str) -> Word:
        if self.code in ELIDING:
            lower = ELISION.sub("", lower)
        frequency = self._frequencies.get(lower)
        zipf = math.log10(frequency) + 9 if frequency else UNSEEN
        stem = self._stemmer.stemWord(lower) if self._stemmer else lower
        # The lists hold rare words, too ("ability"); a stop word of ours is a frequent one.
        listed = lower in self._stops and (zipf >= 4.5 or not self._frequencies)
        stop = listed or zipf >= 6.2 or (self._blind and len(lower) <= 3)
        return Word(stem, zipf, stop)


def words_of(piece: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the words that a pattern finds in a piece; a piece of letters and digits is always one word."""
    return [piece] if piece.isalnum() else pattern.findall(piece)


@lru_cache(maxsize=8)
def vocabulary(code: str | None) -> Vocabulary:
    """Return the vocabulary of an ISO 639-1 code; the eight most recently used stay loaded."""
    return Vocabulary(code)


def by_language(
    batch: Sequence[Article], find: Callable[[list[Article], str | None], Sequence[Result]]
) -> list[Result]:
    """Call `find` with the articles of each language; return all results in the order of the batch."""
    places: dict[str | None, list[int]] = {}
    for place, article in enumerate(batch):
        code = article.language.code if article.language else None
        places.setdefault(code, []).append(place)
    found: dict[int, Result] = {}
    for code, own in places.items():
        found |= zip(own, find([batch[place] for place in own], code), strict=True)
    return [found[place] for place in range(len(batch))]
