"""Key phrases by term frequency, rarity, place and shape, in any language."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter

from worker.articles import Article, Keyword
from worker.enrichment.base import Skipped
from worker.enrichment.words import Vocabulary, vocabulary
from worker.settings import Settings

UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages whose words no space divides."""

MOST = 10
LONGEST = 3
"""Words in a phrase, at most."""

COMMON = 10.0
"""Zipf frequency at which a word would be worth nothing: `the` has 7.7."""

RAREST = 4.0
"""Below this frequency all words are alike: typing errors and names stand beside rare terms."""

SHORT = 200
"""Tokens up to which a text is short: an abstract or a brief names its things once and in full."""

# A word with its inner apostrophe, hyphen, stop or ampersand: `e-mail`, `U.S`, `AT&T`, `O'Dell`;
# or a mark that no phrase reaches across: also a possessive's, as in `Lask's harbour`.
_TOKEN = re.compile(r"[^\W_]++(?:[-'’.&](?!s\b)[^\W_]++)*+|[^\w\s]|\n[^\S\n]*+\n")


@dataclass(slots=True)
class _Stem:
    """What a text says of one stem."""

    surface: str
    first: int
    zipf: float
    count: int = 1


_Run = tuple[list[str], list[str]]
"""Words between stop words and marks: surfaces, stems."""


class KeywordEnricher:
    """Sets `keywords`: at most ten, best first, as the text writes them.

    A word's weight is its count (all forms of its stem) times its rarity in the language (TF-IDF,
    Spärck Jones 1972), raised where it stands early. A phrase is a run of up to three words without
    a stop word or mark; it weighs the geometric mean of its words, less where they mostly stand
    apart, and more in short texts.
    """

    name = "keywords"
    version = "1"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("keywords",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[Keyword]] | Skipped]:
        """Return the key phrases of each article."""
        values: list[dict[str, list[Keyword]] | Skipped] = []
        for article in batch:
            code = article.language.code if article.language else None
            if code in UNSPACED:
                values.append(Skipped(f"no word boundaries in language {code!r}"))
                continue
            text = f"{article.title}\n\n{article.text}" if article.title else article.text
            values.append({"keywords": keywords(text, vocabulary(code))})
        return values


def keywords(text: str, words: Vocabulary, *, most: int = MOST) -> list[Keyword]:
    """Return the key phrases of a text, best first; scores are shares of the best one's.

    >>> text = "The dam burst. Engineers had warned that the dam leaked."
    >>> [keyword.text for keyword in keywords(text, vocabulary("en"), most=1)]
    ['dam']
    """
    runs, stems, length = _runs(text, words)
    short = 1 / (1 + (length / SHORT) ** 4)  # near 1 for a brief, near 0 for a long read
    weights = _weights(stems, short)
    scored = [(weight, stems[stem].surface) for stem, weight in weights.items()]
    apart, discount = 1 - 0.5 * short, 0.6 + 0.4 * short
    for phrase, (count, run, begin) in _phrases(runs).items():
        if count == 1 and short < 0.5:
            continue
        together = count / max(stems[stem].count for stem in phrase)
        size = len(phrase)
        score = math.prod([weights[stem] for stem in phrase]) ** (1 / size)
        score *= size**short * together**apart * discount
        scored.append((score, " ".join(run[begin : begin + size])))
    best = nlargest(most, scored, key=itemgetter(0))
    return [Keyword(text=name, score=round(score / best[0][0], 4)) for score, name in best]


def _weights(stems: dict[str, _Stem], short: float) -> dict[str, float]:
    # Long words say more, names less: a report names many people, and is about few of them.
    telling = [math.pow(length, 2.2 * (1 - short)) for length in range(13)]
    weights: dict[str, float] = {}
    for stem, found in stems.items():
        surface = found.surface
        weight = math.pow(found.count, 1.5) * (COMMON - max(found.zipf, RAREST))
        weight *= 1 + math.exp(-found.first / 150)  # early
        weight *= telling[min(len(surface), 12)]
        weights[stem] = weight * 0.8 if surface[0].isupper() else weight
    return weights


def _runs(text: str, words: Vocabulary) -> tuple[list[_Run], dict[str, _Stem], int]:
    """Return the runs, what is known of each stem, and the count of tokens."""
    runs: list[_Run] = []
    surfaces: list[str] = []
    own: list[str] = []
    stems: dict[str, _Stem] = {}
    tokens = _TOKEN.findall(text)
    for place, word in enumerate(words.telling(tokens)):
        if word is None:
            if own:
                runs.append((surfaces, own))
                surfaces, own = [], []
            continue
        token, stem = tokens[place], word.stem
        found = stems.get(stem)
        if found is None:
            stems[stem] = _Stem(token, place, word.zipf)
        else:
            found.count += 1
            if found.surface[0].isupper() and token[0].islower():
                # no name after all: it began a sentence, or stood in the title
                found.surface = token
        surfaces.append(token)
        own.append(stem)
    if own:
        runs.append((surfaces, own))
    return runs, stems, len(tokens)


def _phrases(runs: list[_Run]) -> dict[tuple[str, ...], tuple[int, list[str], int]]:
    """Return the phrases of two words and more by their stems: the count, and where they first are.

    That is a run's surfaces and the place in it.
    """
    phrases: dict[tuple[str, ...], tuple[int, list[str], int]] = {}
    for surfaces, stems in runs:
        if len(stems) == 1:
            continue
        for size in range(2, LONGEST + 1):
            shifted = [stems[shift:] for shift in range(size)]
            for begin, key in enumerate(zip(*shifted, strict=False)):
                if key in phrases:
                    count, run, first = phrases[key]
                    phrases[key] = (count + 1, run, first)
                else:
                    phrases[key] = (1, surfaces, begin)
    return phrases
