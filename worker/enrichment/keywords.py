"""Key phrases by term frequency, rarity, place and shape, in any language."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter

from worker.articles import Article, Keyword
from worker.enrichment.base import Skipped
from worker.enrichment.words import Vocabulary, Word, vocabulary
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
    count: int
    weight: float


_Phrase = tuple[str | None, ...]


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
    tokens = _TOKEN.findall(text)
    known = [*words.telling(tokens)]
    short = 1 / (1 + (len(tokens) / SHORT) ** 4)  # near 1 for a brief, near 0 for a long read
    stems = _stems(tokens, known, short)
    scored = [(found.weight, found.surface) for found in stems.values()]
    apart, discount = 1 - 0.5 * short, 0.6 + 0.4 * short
    for phrase, (count, begin) in _phrases(known, least=2 if short < 0.5 else 1).items():
        parts = [stems[stem] for stem in phrase if stem is not None]
        size = len(parts)
        together = count / max([part.count for part in parts])
        score = math.prod([part.weight for part in parts]) ** (1 / size)
        score *= size**short * together**apart * discount
        scored.append((score, " ".join(tokens[begin : begin + size])))
    best = nlargest(most, scored, key=itemgetter(0))
    return [Keyword(text=name, score=round(score / best[0][0], 4)) for score, name in best]


def _stems(tokens: list[str], known: list[Word | None], short: float) -> dict[str, _Stem]:
    """Return what the text says of each stem, in the order of their first places."""
    # Long words say more, names less: a report names many people, and is about few of them.
    telling = [math.pow(length, 2.2 * (1 - short)) for length in range(13)]
    small: dict[str, str] = {}
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for place, word in enumerate(known):
        if word is not None:
            stem = word.stem
            if stem in counts:
                counts[stem] += 1
                if stem not in small and tokens[place][0].islower():
                    small[stem] = tokens[place]
            else:
                counts[stem] = 1
                first[stem] = place
    found: dict[str, _Stem] = {}
    for stem, place in first.items():
        surface, count = tokens[place], counts[stem]
        if surface[0].isupper() and stem in small:
            # no name after all: it began a sentence, or stood in the title
            surface = small[stem]
        weight = math.pow(count, 1.5) * (COMMON - max(known[place].zipf, RAREST))  # type: ignore[union-attr]
        weight *= 1 + math.exp(-place / 150)  # early
        weight *= telling[min(len(surface), 12)]
        found[stem] = _Stem(surface, count, weight * 0.8 if surface[0].isupper() else weight)
    return found


def _phrases(known: list[Word | None], *, least: int) -> dict[_Phrase, tuple[int, int]]:
    """Return the phrases of two words and more, by their stems: how often, and where first.

    Those that stand fewer than `least` times are left out: nearly all, in a long text.
    """
    stems = [word.stem if word else None for word in known]
    phrases: dict[_Phrase, tuple[int, int]] = {}
    for size in range(2, LONGEST + 1):
        runs = [*zip(*(stems[shift:] for shift in range(size)), strict=False)]
        begin = 0
        for phrase, count in Counter(runs).items():  # in the order of their first places
            if count >= least and None not in phrase:
                begin = runs.index(phrase, begin)
                phrases[phrase] = (count, begin)
    return phrases
