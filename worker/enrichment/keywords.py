"""Key phrases by term frequency, rarity, place and shape, in any language."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from operator import itemgetter

from worker.articles import Article, Keyword
from worker.enrichment.base import Skipped
from worker.enrichment.remembered import Remembered
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

LONG = 12
"""Letters from which all words are alike."""

# A word with its inner apostrophe, hyphen, stop or ampersand: `e-mail`, `U.S`, `AT&T`, `O'Dell`;
# or a mark, also a possessive's, as in `Lask's harbour`. No token reaches across white space.
_TOKEN = re.compile(r"[^\W_]++(?:[-'’.&](?!s\b)[^\W_]++)*+|[^\w\s]")
_GAP = re.compile(r"\n[^\S\n]*+\n")  # an empty line: no phrase reaches across it, either


@dataclass(slots=True)  # not frozen: that takes three times as long to make, and there are many
class _Token:
    """A word or a mark as a text writes it."""

    surface: str
    stem: str | None = None
    """None if it cannot tell what the text is about: marks, numbers, stop words and words of one or
    two letters that are no abbreviation (`EU`)."""
    rarity: float = 0.0
    letters: int = 0
    """Up to `LONG`."""
    small: bool = False
    """It begins with a small letter."""
    capital: bool = False


_EMPTY_LINE = _Token("\n\n")

_Stem = tuple[float, str, int]
"""What a text says of one stem: its weight, how it is written, how often it stands."""

_Phrase = tuple[str, ...]


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
    tokens = _tokens(text, words)
    short = 1 / (1 + (len(tokens) / SHORT) ** 4)  # near 1 for a brief, near 0 for a long read
    stems = _stems(tokens, short)
    scored = [(weight, surface) for weight, surface, _ in stems.values()]
    apart, discount = 1 - 0.5 * short, 0.6 + 0.4 * short
    for phrase, places in _phrases(tokens, least=2 if short < 0.5 else 1).items():
        weights, _, counts = zip(*map(stems.__getitem__, phrase), strict=True)
        size, begin = len(phrase), places[0]
        together = len(places) / max(counts)
        score = math.prod(weights) ** (1 / size)
        score *= size**short * together**apart * discount
        surfaces = [token.surface for token in tokens[begin : begin + size]]
        scored.append((score, " ".join(surfaces)))
    best = sorted(scored, key=itemgetter(0), reverse=True)[:most]
    return [Keyword(text=name, score=round(score / best[0][0], 4)) for score, name in best]


def _tokens(text: str, words: Vocabulary) -> list[_Token]:
    """Return the words and marks of a text in order."""
    remembered = _remembered(words)
    tokens: list[_Token] = []
    for paragraph in _GAP.split(text):
        tokens.extend(chain.from_iterable(map(remembered.__getitem__, paragraph.split())))
        tokens.append(_EMPTY_LINE)
    tokens.pop()
    return tokens


@lru_cache(maxsize=8)
def _remembered(words: Vocabulary) -> Remembered[tuple[_Token, ...]]:
    """Return the tokens of whatever stands between two blanks: `“Harbour,”` has four."""

    def token(surface: str) -> _Token:
        if not surface[0].isalpha() or (len(surface) < 3 and not surface.isupper()):
            return _Token(surface)
        word = words.word(surface.lower())
        if word.stop:
            return _Token(surface)
        rarity = COMMON - max(word.zipf, RAREST)
        first, letters = surface[0], min(len(surface), LONG)
        return _Token(surface, word.stem, rarity, letters, first.islower(), first.isupper())

    known = Remembered(token).__getitem__
    return Remembered(lambda written: tuple(map(known, _TOKEN.findall(written))))


def _stems(tokens: list[_Token], short: float) -> dict[str, _Stem]:
    """Return what the text says of each stem, in the order of their first places."""
    # Long words say more, names less: a report names many people, and is about few of them.
    telling = [math.pow(length, 2.2 * (1 - short)) for length in range(LONG + 1)]
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    small: dict[str, _Token] = {}
    for place, token in enumerate(tokens):
        stem = token.stem
        if stem is None:
            continue
        if stem in first:
            counts[stem] = counts.get(stem, 1) + 1
            if token.small:
                small.setdefault(stem, token)
        else:
            first[stem] = place
    found: dict[str, _Stem] = {}
    for stem, place in first.items():
        token, count = tokens[place], counts.get(stem, 1)
        weight = math.pow(count, 1.5) * token.rarity
        weight *= 1 + math.exp(-place / 150)  # early
        if token.capital:
            # in small letters further on: no name after all, it began a sentence or stood in the title
            token = small.get(stem, token)
        weight *= telling[token.letters]
        found[stem] = (weight * 0.8 if token.capital else weight, token.surface, count)
    return found


def _phrases(tokens: list[_Token], *, least: int) -> dict[_Phrase, list[int]]:
    """Return the phrases of two words and more, by their stems, and where each stands.

    Those that stand fewer than `least` times are left out: nearly all, in a long text. A phrase
    stands no more often than its parts, so that longer ones are looked for among those left.
    """
    stems = [token.stem for token in tokens]
    begins = [place for place, stem in enumerate(stems) if stem is not None]
    phrases: dict[_Phrase, list[int]] = {}
    for size in range(2, LONGEST + 1):
        found: dict[_Phrase, list[int]] = {}
        for place, following in pairwise(begins):
            if following == place + 1:
                found.setdefault(tuple(stems[place : place + size]), []).append(place)  # type: ignore[arg-type]
        found = {phrase: places for phrase, places in found.items() if len(places) >= least}
        begins = sorted(chain.from_iterable(found.values()))
        phrases |= found
    return phrases
