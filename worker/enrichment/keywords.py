"""Key phrases by term frequency, rarity, place and shape, in any language."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.articles import Article, Keyword
from worker.enrichment.base import Skipped
from worker.enrichment.words import Vocabulary, vocabulary
from worker.settings import Settings

UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
"""Languages whose words no space divides."""

MOST = 10
LONGEST = 3
"""Words in a phrase, at most."""

COMMON = 8.0
"""Zipf frequency at which a word would be worth nothing."""

# A word with its inner apostrophe, hyphen, stop or ampersand: `Kyiv's`, `e-mail`, `U.S`, `AT&T`;
# or a mark that no phrase reaches across. White space within a line is no mark; an empty line is.
_TOKEN = re.compile(r"[^\W_]++(?:[-'’.&][^\W_]++)*+|[^\w\s]|\n[^\S\n]*+\n")


@dataclass(slots=True)
class _Phrase:
    stems: list[str]
    surface: str
    count: int
    first: int


class KeywordEnricher:
    """Sets `keywords`: at most ten, best first, as the text writes them.

    A word's weight is its frequency in the text times its rarity in the language (TF-IDF, Spärck
    Jones 1972), raised where it stands early. A phrase is a run of up to three words without a
    stop word or mark; it weighs the geometric mean of its words, less where the words mostly stand
    apart.
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
    runs, counts, firsts, length = _runs(text, words)
    weights = {
        stem: count
        * max(0.2, COMMON - firsts[stem][1])
        * (1 + 0.5 * math.exp(-firsts[stem][0] / 60))
        for stem, count in counts.items()
    }
    # Short texts name a thing once; long ones come back to its words, one at a time.
    bonus = min(1.0, 80 / length) if length else 0.0
    scored = []
    for phrase in _phrases(runs):
        size = len(phrase.stems)
        score = math.prod(weights[stem] for stem in phrase.stems) ** (1 / size)
        if size > 1:
            apart = phrase.count / max(counts[stem] for stem in phrase.stems)
            score *= size**bonus * apart**0.5
        scored.append((score, phrase))
    scored.sort(key=lambda pair: (-pair[0], pair[1].first))
    best = scored[0][0] if scored else 1.0
    return [
        Keyword(text=phrase.surface, score=round(score / best, 4))
        for score, phrase in scored[:most]
    ]


_Run = list[tuple[int, str, str]]
"""Words between stop words and marks: place, surface, stem."""


def _runs(
    text: str, words: Vocabulary
) -> tuple[list[_Run], dict[str, int], dict[str, tuple[int, float]], int]:
    """Return the runs, each stem's count, its first place and Zipf, and the count of tokens."""
    runs: list[_Run] = []
    run: _Run = []
    counts: dict[str, int] = {}
    firsts: dict[str, tuple[int, float]] = {}
    tokens = _TOKEN.findall(text)
    word = words.word
    for place, token in enumerate(tokens):
        known = word(token.lower()) if token[0].isalpha() else None
        if known is None or known.stop or (len(token) < 3 and not token.isupper()):
            if run:
                runs.append(run)
                run = []
            continue
        stem = known.stem
        counts[stem] = counts.get(stem, 0) + 1
        if stem not in firsts:
            firsts[stem] = (place, known.zipf)
        run.append((place, token, stem))
    if run:
        runs.append(run)
    return runs, counts, firsts, len(tokens)


def _phrases(runs: list[_Run]) -> list[_Phrase]:
    phrases: dict[str, _Phrase] = {}
    for run in runs:
        for begin in range(len(run)):
            key = ""
            for end in range(begin + 1, min(begin + LONGEST, len(run)) + 1):
                key = f"{key} {run[end - 1][2]}"
                phrase = phrases.get(key)
                if phrase is None:
                    part = run[begin:end]
                    surface = " ".join(token for _, token, _ in part)
                    phrases[key] = _Phrase([stem for _, _, stem in part], surface, 1, part[0][0])
                else:
                    phrase.count += 1
    return list(phrases.values())
