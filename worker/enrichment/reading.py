"""How long a text takes to read, and how hard it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.articles import Article, Readability
from worker.enrichment.columns import Column
from worker.enrichment.pieces import of_articles
from worker.enrichment.syllables import syllables
from worker.enrichment.words import by_language, words_of
from worker.settings import Settings

WORDS_A_MINUTE = {
    "ar": 138, "de": 179, "en": 238, "es": 218, "fi": 161, "fr": 195, "he": 187, "it": 188,
    "nl": 202, "pl": 166, "pt": 181, "ru": 184, "sl": 180, "sv": 199, "tr": 166,
}  # fmt: skip
"""Silent reading: English by Brysbaert (2019), others by Trauzettel-Klosinski & Dietz (2012)."""

OTHER_WORDS_A_MINUTE = 184
"""The mean of Trauzettel-Klosinski & Dietz for alphabetic languages."""

CHARACTERS_A_MINUTE = {"zh": 255, "ja": 357, "th": 357}
"""For languages without spaces; Thai has the value of Japanese, for want of a measurement."""

FEWEST_WORDS = 30
"""The formulae are made for passages of 100 words; below this limit a single word tips them."""

# `can't`, `well-known`, `2,000`; digits count as words of one syllable.
WORD = re.compile(r"[^\W_]++(?:[-'’.,][^\W_]++)*+")


@dataclass(frozen=True, slots=True)
class Ease:
    """A Flesch formula: base less the words in a sentence and the syllables in a word, weighted."""

    base: float
    sentence: float
    syllable: float


FLESCH = {
    "en": Ease(206.835, 1.015, 84.6),  # Flesch (1948)
    "de": Ease(180.0, 1.0, 58.5),  # Amstad (1978)
    "es": Ease(206.84, 1.02, 60.0),  # Fernández Huerta (1959)
    "fr": Ease(207.0, 1.015, 73.6),  # Kandel & Moles (1958)
    "it": Ease(206.0, 1.0, 65.0),  # Franchina & Vacca (1986)
    "nl": Ease(206.835, 0.93, 77.0),  # Douma (1960)
    "pt": Ease(248.835, 1.015, 84.6),  # Martins et al. (1996)
    "ru": Ease(206.835, 1.3, 60.1),  # Oborneva (2006)
}


class ReadingEnricher:
    """Sets `reading_seconds` and `readability`; without a formula the latter is null, with the reason."""

    name = "reading"
    version = "1"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("reading_seconds", "readability")

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, int | Readability]]:
        """Return both values of each article."""
        return by_language(batch, self._values)

    def _values(
        self, articles: Sequence[Article], code: str | None
    ) -> list[dict[str, int | Readability]]:
        texts, size = of_articles(articles), len(articles)
        bare = texts.bare["word"]
        words = texts.by_text(texts.about_bare(_words)[bare])[:size].tolist()
        spoken = words
        if code in FLESCH:
            spoken = texts.by_text(texts.about_bare(_syllables, code)[bare])[:size].tolist()
        sentences = np.diff(texts.texts)[:size].tolist()
        return [
            {
                "reading_seconds": reading_seconds(article.text, count, code),
                "readability": readability(count, aloud, said, code),
            }
            for article, count, aloud, said in zip(articles, words, spoken, sentences, strict=True)
        ]


def reading_seconds(text: str, words: int, code: str | None) -> int:
    """Return how long a practised reader takes, in seconds.

    >>> reading_seconds("", 476, "en")
    120
    """
    if code in CHARACTERS_A_MINUTE:
        characters = sum(map(str.isalnum, text))
        return round(characters * 60 / CHARACTERS_A_MINUTE[code])
    return round(words * 60 / WORDS_A_MINUTE.get(code or "", OTHER_WORDS_A_MINUTE))


def readability(words: int, spoken: int, sentences: int, code: str | None) -> Readability:
    """Return Flesch's reading ease, and for English the grade of Kincaid et al. (1975).

    `spoken` counts syllables.
    """
    if code is None:
        return Readability(flesch=None, grade=None, reason="the language is not known")
    if code not in FLESCH:
        return Readability(flesch=None, grade=None, reason=f"no formula for language {code!r}")
    if words < FEWEST_WORDS:
        reason = f"{words} words; it takes {FEWEST_WORDS}"
        return Readability(flesch=None, grade=None, reason=reason)
    a_word = spoken / words
    a_sentence = words / sentences
    ease = FLESCH[code]
    flesch = round(ease.base - ease.sentence * a_sentence - ease.syllable * a_word, 1)
    if code != "en":
        return Readability(
            flesch=flesch, grade=None, reason=f"no grade formula for language {code!r}"
        )
    return Readability(flesch=flesch, grade=round(0.39 * a_sentence + 11.8 * a_word - 15.59, 1))


def _words(written: Sequence[str]) -> Column:
    """How many words a bare word is: `3,000` one, `stop…go` two."""
    return Column(written, lambda piece: len(words_of(piece, WORD)), np.int32)


def _syllables(written: Sequence[str], code: str) -> Column:
    def find(bare: str) -> int:
        return sum([syllables(word, code) for word in words_of(bare, WORD)])

    return Column(written, find, np.int32)
