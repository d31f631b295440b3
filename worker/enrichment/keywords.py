"""Key phrases by frequency, rarity, position and form, in any language."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from worker.articles import Article, Keyword
from worker.enrichment.base import Skipped
from worker.enrichment.columns import Numbers, grouped, leading
from worker.enrichment.telling import LONG, Telling, telling
from worker.enrichment.words import Vocabulary, by_language, vocabulary
from worker.settings import Settings

UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages that put no spaces between words."""

MOST = 10
LONGEST = 3
"""The most words in a phrase."""

SHORT = 200
"""Tokens up to which a text is short. An abstract or a brief names each thing once and in full."""

BOUND = 0.7
"""If at least this share of a word's mentions are part of a name, the name replaces the word."""

# The factor for a word that first stands at a place: up to 2 at the beginning, 1 from the last place on.
_EARLY = np.array([1 + math.exp(-place / 150) for place in range(5_600)])


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Possible keywords: n words, or n phrases of the same number of words each."""

    words: int
    text: Numbers
    """(n,) the text it is in."""
    first: Numbers
    """(n,) its first place, among the telling words of all texts."""
    shown: Numbers
    """(n,) the place where it is written as the keyword should be."""
    count: Numbers
    """(n,) how often it occurs."""
    score: NDArray[np.float64]


class KeywordEnricher:
    """Sets `keywords`: at most ten, best first, as the text writes them.

    A word's weight is its count (all forms of its stem) times its rarity in the language (TF-IDF,
    Spärck Jones 1972), and more if it occurs early. A phrase is a run of up to three words without a stop
    word or punctuation. It weighs the geometric mean of its words, less if they mostly occur separately,
    and more in short texts.
    """

    name = "keywords"
    version = "2"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("keywords",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[Keyword]] | Skipped]:
        """Return the key phrases of each article."""
        return by_language(batch, self._values)

    def _values(
        self, articles: Sequence[Article], code: str | None
    ) -> Sequence[dict[str, list[Keyword]] | Skipped]:
        if code in UNSPACED:
            return [Skipped(f"no word boundaries in language {code!r}")] * len(articles)
        texts = [(article.title or "", article.text) for article in articles]
        return [{"keywords": found} for found in keywords(texts, vocabulary(code))]


def keywords(
    texts: Sequence[tuple[str, str]], words: Vocabulary, *, most: int = MOST
) -> list[list[Keyword]]:
    """Return the key phrases of each title and body, best first; a score is a share of the best one's.

    >>> body = "The dam burst. Engineers had warned that the dam leaked."
    >>> [[best]] = keywords([("", body)], vocabulary("en"), most=1)
    >>> best.text
    'dam'
    """
    told = telling(texts, words)
    # near 1 for a brief, near 0 for a long read
    short = [1 / (1 + (size / SHORT) ** 4) for size in told.sizes.tolist()]
    single, word = _single(told, short)
    candidates = [single, *_phrases(told, single, word, short)]
    for phrases in candidates[:0:-1]:
        _name(told, single, word, phrases)
    found: list[list[dict[str, str | float]]] = [[] for _ in texts]
    highest = [0.0] * len(texts)
    tokens = told.facts["token"].tolist()
    for text, score, begin, size in _best(candidates, len(texts), most):
        if score and len(found[text]) < most:
            highest[text] = highest[text] or score
            name = " ".join([told.written[token] for token in tokens[begin : begin + size]])
            found[text].append({"text": name, "score": round(score / highest[text], 4)})
    return _keywords.validate_python(found)


_keywords = TypeAdapter(list[list[Keyword]])  # makes those of a batch in one call


def _single(told: Telling, short: Sequence[float]) -> tuple[_Candidates, Numbers]:
    """Return the distinct stems of each text, and (telling words,) the number of each word's stem."""
    facts = told.facts
    stems = int(facts["stem"].max(initial=0)) + 1
    places, bounds = grouped(told.text * stems + facts["stem"])
    count, first = np.diff(bounds), places[bounds[:-1]]
    word = np.empty_like(places)
    word[places] = np.repeat(np.arange(len(count)), count)
    # If the word is also written with a small letter, it is no name: it began a sentence or was in the title.
    small = np.full(len(count), len(places))
    in_small = np.flatnonzero(facts["small"])[::-1]
    small[word[in_small]] = in_small
    shown = np.where(facts["capital"][first] & (small < len(places)), small, first)
    # "investigation" rather than "investigating", if the text has both
    firm = np.full(len(count), len(places))
    in_firm = np.flatnonzero(facts["small"] & ~facts["loose"])[::-1]
    firm[word[in_firm]] = in_firm
    shown = np.where(facts["loose"][shown] & (firm < len(places)), firm, shown)
    text = told.text[first]
    often = np.array([math.pow(times, 1.5) for times in range(int(count.max(initial=0)) + 1)])
    # Long words say more.
    long = np.array(
        [[math.pow(size, 1.9 * (1 - one)) for size in range(LONG + 1)] for one in short]
    ).reshape(len(short), LONG + 1)
    score = often[count] * facts["rarity"][first]
    score *= _EARLY[np.minimum(told.place[first], len(_EARLY) - 1)]
    score *= long[text, facts["letters"][shown]]
    score[facts["loose"][shown]] *= told.loose
    return _Candidates(1, text, first, shown, count, score), word


def _phrases(
    told: Telling, single: _Candidates, word: Numbers, short: Sequence[float]
) -> Iterator[_Candidates]:
    """Yield the phrases of two words, then those of three; of a long text only those that occur twice.

    A phrase occurs no more often than its parts, so longer ones are sought only among those that are left.
    """
    least = np.array([2 if one < 0.5 else 1 for one in short])
    # whether the next telling word of the same text follows directly
    follows = (np.diff(told.place, append=-1) == 1) & (np.diff(told.text, append=-1) == 0)
    part, left = word, np.ones(len(word), bool)
    for words in range(2, LONGEST + 1):
        at = np.flatnonzero(left & np.append(left[1:], False) & follows)
        places, bounds = grouped(part[at] * len(word) + word[at + words - 1])
        count, at = np.diff(bounds), at[places]
        kept = count >= least[told.text[at[bounds[:-1]]]]
        part, left = np.zeros_like(word), np.zeros_like(left)
        part[at] = np.repeat(np.arange(len(count)), count)
        left[at] = np.repeat(kept, count)
        first, count = at[bounds[:-1]][kept], count[kept]
        text = told.text[first]
        parts = word[first[:, None] + np.arange(words)]
        together = count / single.count[parts].max(axis=1)
        product = np.multiply.reduce(single.score[parts], axis=1)
        score = [
            weight ** (1 / words) * (words**one * share ** (1 - 0.5 * one) * (0.6 + 0.4 * one))
            for weight, share, one in zip(
                product.tolist(),
                together.tolist(),
                map(short.__getitem__, text.tolist()),
                strict=True,
            )
        ]
        yield _Candidates(words, text, first, first, count, np.array(score))


def _name(told: Telling, single: _Candidates, word: Numbers, phrases: _Candidates) -> None:
    """Let names of several words replace those of their words that hardly occur elsewhere.

    "Taylor Swift" says more than "Swift". But if "Swift" also occurs often by itself, both are kept.
    """
    places = phrases.first[:, None] + np.arange(phrases.words)
    named = (phrases.count > 1) & told.facts["capital"][places].all(axis=1)
    parts = word[places[named]]
    bound = phrases.count[named][:, None] >= BOUND * single.count[parts]
    own = np.where(bound, single.score[parts], 0.0).max(axis=1, initial=0.0)
    phrases.score[named] = np.maximum(phrases.score[named], own)
    single.score[parts[bound]] = 0.0


def _best(
    candidates: Sequence[_Candidates], texts: int, most: int
) -> Iterator[tuple[int, float, int, int]]:
    """Return the best candidates of each text, best first: text, score, first telling word, number of words.

    There are `most` of them, and any that are as good as the last. If several are equally good, the shorter
    ones come first, and among these the one that occurs first.
    """
    text = np.concatenate([one.text for one in candidates])
    score = np.concatenate([one.score for one in candidates])
    kept = leading(text, score, texts, most)
    words = np.concatenate([np.full(len(one.first), one.words) for one in candidates])[kept]
    first = np.concatenate([one.first for one in candidates])[kept]
    shown = np.concatenate([one.shown for one in candidates])[kept]
    text, score = text[kept], score[kept]
    order = np.lexsort((first, words, -score, text))
    columns = [one[order].tolist() for one in (text, score, shown, words)]
    return zip(*columns, strict=True)
