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


_Run = list[tuple[str, str]]
"""Words between stop words and marks: surface, stem."""


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
    weights = {stem: _weight(found, short) for stem, found in stems.items()}
    scored = [(weight, stems[stem].surface) for stem, weight in weights.items()]
    for phrase, (surface, count) in _phrases(runs).items():
        if count == 1 and short < 0.5:
            continue
        together = count / max(stems[stem].count for stem in phrase)
        size = len(phrase)
        score = math.prod(weights[stem] for stem in phrase) ** (1 / size)
        score *= size**short * together ** (1 - 0.5 * short) * (0.6 + 0.4 * short)
        scored.append((score, surface))
    scored.sort(key=lambda pair: -pair[0])
    best = scored[0][0] if scored else 1.0
    return [Keyword(text=name, score=round(score / best, 4)) for score, name in scored[:most]]


def _weight(stem: _Stem, short: float) -> float:
    rare = COMMON - max(stem.zipf, RAREST)
    early = 1 + math.exp(-stem.first / 150)
    # Long words say more, names less: a report names many people, and is about few of them.
    telling = math.pow(min(len(stem.surface), 12), 2.2 * (1 - short))
    name = 0.8 if stem.surface[0].isupper() else 1.0
    return math.pow(stem.count, 1.5) * rare * early * telling * name


def _runs(text: str, words: Vocabulary) -> tuple[list[_Run], dict[str, _Stem], int]:
    """Return the runs, what is known of each stem, and the count of tokens."""
    runs: list[_Run] = []
    run: _Run = []
    stems: dict[str, _Stem] = {}
    tokens = _TOKEN.findall(text)
    word = words.word
    for place, token in enumerate(tokens):
        known = word(token.lower()) if token[0].isalpha() else None
        if known is None or known.stop or (len(token) < 3 and not token.isupper()):
            if run:
                runs.append(run)
                run = []
            continue
        found = stems.get(known.stem)
        if found is None:
            stems[known.stem] = _Stem(token, place, known.zipf)
        else:
            found.count += 1
            if found.surface[0].isupper() and token[0].islower():
                found.surface = (
                    token  # no name after all: it began a sentence, or stood in the title
                )
        run.append((token, known.stem))
    if run:
        runs.append(run)
    return runs, stems, len(tokens)


def _phrases(runs: list[_Run]) -> dict[tuple[str, ...], tuple[str, int]]:
    """Return the phrases of two words and more by their stems: the first surface and the count."""
    phrases: dict[tuple[str, ...], tuple[str, int]] = {}
    for run in runs:
        for size in range(2, min(LONGEST, len(run)) + 1):
            for begin in range(len(run) - size + 1):
                part = run[begin : begin + size]
                key = tuple(stem for _, stem in part)
                if key in phrases:
                    surface, count = phrases[key]
                    phrases[key] = (surface, count + 1)
                else:
                    phrases[key] = (" ".join(token for token, _ in part), 1)
    return phrases
