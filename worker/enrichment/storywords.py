"""The words by which reports of the same event are recognised, and their weights."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from worker.articles import Article
from worker.enrichment.choice import WORD, spoken_words
from worker.enrichment.columns import (
    Lists,
    Numbered,
    Numbers,
    begins,
    grouped,
    leading,
    ranges,
    sums,
)
from worker.enrichment.pieces import of_articles
from worker.enrichment.sentences import sentences
from worker.enrichment.words import Vocabulary, by_language, vocabulary, words_of

FEATURES = 24
"""The most words of an article that are compared."""

WORDS = 250
"""Words to look at, from the top of the body: it tells the event, and background follows."""

CHARACTERS = WORDS * 8
"""Characters to look at: a word in a text without spaces may be very long."""

TITLE = 2
"""How many times a word of the title counts."""

Told = tuple[float, int, int, bool]
_TOLD = [
    ("rarity", np.float64),
    ("stem", np.int32),  # its number
    ("place", np.int32),  # among all words of its bare word
    ("small", np.bool_),  # it begins with no capital
]


def features(articles: Sequence[Article]) -> list[list[tuple[str, float]]]:
    """Return each article's telling words and their weights, heaviest first, as a vector of length 1.

    A word's weight is the square root of its count (twice in the title) times the rarity of its last form.
    A word that is always capitalised, so a name, weighs 1.5 times as much, one in a subject's name twice.
    """
    return by_language(articles, lambda own, code: _features(own, vocabulary(code)))


class _Telling:
    """The telling words among bare words: no stop words, no single letters."""

    def __init__(self, written: Sequence[str], words: Vocabulary) -> None:
        self._words = words
        self.stems = Numbered()
        self.of = Lists(written, lambda piece: self.told(words_of(piece, WORD)), _TOLD)

    def told(self, tokens: Sequence[str]) -> list[Told]:
        """Return those of the tokens that are telling, in order."""
        found = []
        for place, token in enumerate(tokens):
            stem, zipf, stop = self._words.word(token.lower().removesuffix("'s").removesuffix("’s"))
            if not stop and len(stem) > 1:
                found.append(
                    (max(0.1, 7.5 - zipf), self.stems[stem], place, not token[0].isupper())
                )
        return found

    def named(self, article: Article) -> list[int]:
        """Return the stems in the names of an article's subjects."""
        names = chain.from_iterable(WORD.findall(one.name) for one in article.subjects or [])
        return [self.stems[self._words.word(token.lower()).stem] for token in names]


def _features(articles: Sequence[Article], words: Vocabulary) -> list[list[tuple[str, float]]]:
    telling, owner, told, times = _looked_at(articles, words)
    named = [telling.named(one) for one in articles]
    most = max(len(telling.stems), 1)
    places, bounds = grouped(owner * most + told["stem"])
    last = places[bounds[1:] - 1]
    owner, stem, rarity = owner[last], told["stem"][last], told["rarity"][last]
    factor = np.where(sums(told["small"][places], bounds) > 0, 1.0, 1.5)
    if any(named):
        keys = [one * most + number for one, stems in enumerate(named) for number in stems]
        factor[np.isin(owner * most + stem, keys)] = 2.0
    weight = np.sqrt(sums(times[places], bounds)) * rarity * factor
    kept = leading(owner, weight, len(articles), FEATURES)
    found: list[list[tuple[float, str]]] = [[] for _ in articles]
    columns = (owner[kept].tolist(), weight[kept].tolist(), stem[kept].tolist())
    for one, heavy, number in zip(*columns, strict=True):
        found[one].append((-heavy, telling.stems.written[number]))
    return [*map(_heaviest, found)]


def _heaviest(found: list[tuple[float, str]]) -> list[tuple[str, float]]:
    found = sorted(found)[:FEATURES]
    length = math.sqrt(sum([weight * weight for weight, _ in found])) or 1.0
    return [(stem, -weight / length) for weight, stem in found]


def _looked_at(
    articles: Sequence[Article], words: Vocabulary
) -> tuple[_Telling, Numbers, NDArray[np.void], Numbers]:
    """Return the telling words of the articles' titles and of the tops of their bodies, n in all.

    Returns what is known of the bare words; (n,) the article of each word; (n,) its facts as in `_TOLD`; (n,)
    how many times it counts.
    """
    size = len(articles)
    texts = [article.text for article in articles]
    divided = of_articles(articles)
    ends, cut = _heads(texts, divided.texts.tolist())
    bounds = divided.bounds
    first = np.concatenate([bounds[size:-1], bounds[:size]])  # titles, then bodies
    counts = np.concatenate([np.diff(bounds[size:]), divided.sentences[ends] - bounds[:size]])
    bare = divided.bare["word"][ranges(first, counts)]
    before = begins(divided.about_bare(spoken_words)[bare])
    of_text = before[begins(counts)]
    telling = divided.about_bare(_Telling, words)
    piece, told = telling.of[bare]
    text = np.repeat(np.arange(2 * size), counts)[piece]
    in_title = text < size
    kept = in_title | (before[piece] - of_text[text] + told["place"] < WORDS)
    owner, told, times = (text % size)[kept], told[kept], np.where(in_title[kept], TITLE, 1)
    rest = {
        one: telling.told(WORD.findall(part)[:room])
        for one, part, room in zip(
            range(size), cut, (WORDS - np.diff(of_text)[size:]).tolist(), strict=True
        )
        if part and room > 0
    }
    tail = np.array([*chain.from_iterable(rest.values())], _TOLD)
    owners = np.repeat([*rest], [*map(len, rest.values())]).astype(np.intp)
    return (
        telling,
        np.append(owner, owners),
        np.append(told, tail),
        np.append(times, np.ones_like(owners)),
    )


def _heads(texts: Sequence[str], firsts: Sequence[int]) -> tuple[list[int], list[str]]:
    """Return for each text the number of the sentence that exceeds its head, and the part within it."""
    ends, cut = [], []
    for text, first, end in zip(texts, firsts, firsts[1:], strict=False):
        if len(text) <= CHARACTERS:
            ends.append(end)
            cut.append("")
            continue
        spans = sentences(text)
        whole = bisect_right(spans, CHARACTERS, key=lambda span: span[1])
        ends.append(first + whole)
        cut.append(text[spans[whole][0] : CHARACTERS] if whole < len(spans) else "")
    return ends, cut
