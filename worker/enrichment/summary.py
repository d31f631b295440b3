"""Two or three sentences of the article itself that tell what happened."""

import math
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from worker.articles import Article
from worker.enrichment.base import Skipped
from worker.enrichment.remembered import Remembered
from worker.enrichment.sentences import sentences
from worker.enrichment.words import Vocabulary, vocabulary
from worker.settings import Settings

SENTENCES = 3
WORDS = 75
"""A third sentence is taken only while the summary stays within so many words."""

CONSIDERED = 20
"""Sentences looked at, from the top: what comes later seldom wins, and long reads stay cheap."""

FEWEST_WORDS = 6
"""A shorter sentence tells too little by itself: "He was right."."""

_WORD = re.compile(r"[^\W_]++(?:[-'’.][^\W_]++)*+")

# `KYIV, Feb 21 (AFP) — `, `LONDON (Reuters) - `, `Paris, 3 March — `: what stands before the dash
# of a first sentence is no part of it.
_DATELINE = re.compile(
    r"""^(?:[A-ZÀ-Þ][\w.'’-]*,?\ ){1,4}
    (?:[A-Z][a-z]{2,8}\.?\ \d{1,2},?\ |\d{1,2}\ [A-Z]\w+,?\ )?
    (?:\([^()\n]{2,40}\)\ *)?
    [-–—]{1,2}\ +(?=\S)""",
    re.VERBOSE,
)

# `Photo: Ann Roe/Agency`, `(Reporting by Jo Vane; editing by Al Birk)`, `By Jo Vane`, `© 2026 …`,
# `Click here for more`, `Last updated: 5 May`, `This article first appeared in …`, `Also read: …`
_CREDIT = re.compile(
    r"""^\W{0,3}(?:
        (?:photo|photograph|picture|image|video|graphic|illustration|file|foto|bild)s?\b
            [^.:/|©]{0,20}[:/|©]
        | (?:credit|crédit)s?\s?[:/|©]
        | (?:additional\ |further\ )?
            (?:reporting|report|writing|editing|compiled|produced|translated|edited|written)
            \ (?:by|for|in)\ (?-i:[A-Z])
        | by\ (?-i:[A-Z])[\w.'’-]+(?:\ (?-i:[A-Z])[\w.'’-]+){1,3}\W*$
        | ©|\(c\)\ |copyright\b|all\ rights\ reserved
        | (?:click|tap|sign\ up|subscribe|follow\ us|watch\ now|listen\ now)\b
        | read\ (?:more|also)\b[^.]*(?:here|:)
        | (?:updated|published|posted|last\ (?:updated|modified))\b[^.]{0,12}[:\d]
        | this\ (?:story|article|report|version)\ (?:has\ been|was|is|first|originally)\b
        | (?:related|see\ also|also\ read|recommended)\b[^.]{0,15}:
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# A picture's credit at a sentence's end: `(Photo: Ann Roe)`, `(AP Photo/Jo Vane)`, `/ Coast Images`
_CREDIT_WITHIN = re.compile(
    r"""(?:\((?:[A-Z]{2,5}\ )?(?:photo|image|picture|file|foto)\b[^()]{0,60}\)
        |/\s?[A-Z][\w ]{2,30}\ (?:images|pictures|photos?))\W{0,3}$""",
    re.VERBOSE | re.IGNORECASE,
)
# `He`, `But`, `That` at the beginning lean on the sentence before.
_LEANING = re.compile(
    r"^[\"'“‘]?(?:he|she|it|they|this|that|these|those|his|her|their|its|but|and|or|so|however|instead|also|there|such"
    r"|meanwhile|then|another|both|others|still|yet|nor|meanwhile|additionally|moreover|furthermore)\b",
    re.IGNORECASE,
)
# `(Photo`, `By`, `Click`: what a credit may begin with, or marks alone with such a word behind them. The
# few sentences that do are searched for one, and those with a bracket or a slash.
_OPENS_CREDIT = re.compile(
    r"""\W{0,3}(?:(?:photo(?:graph)?|picture|image|video|graphic|illustration|file|foto|bild|cr[eé]dit)s?
    |additional|further|report(?:ing)?|writing|editing|compiled|produced|translated|edited|written|by
    |c|copyright|all|click|tap|sign|subscribe|follow|watch|listen|read|updated|published|posted|last
    |this|related|see|also|recommended)\b|\W+$|\W*©""",
    re.VERBOSE | re.IGNORECASE,
)


_Written = tuple[int, tuple[str, ...]]
"""How many words stand between two blanks, and the stems of those that are no stop words."""


@dataclass(slots=True, eq=False)
class _Sentence:
    place: int
    text: str
    stems: frozenset[str]
    words: int
    leans: bool
    score: float = 0.0
    said: float = 0.0
    """Share of its stems that stand in one of the sentences taken."""


class SummaryEnricher:
    """Sets `summary`: the lede, and the one or two sentences that add most to it, in their order.

    A sentence's score is the share of the article's vocabulary it carries (SumBasic, Nenkova &
    Vanderwende 2005), raised near the top, where news puts what matters, and by words of the title;
    it loses what the sentences taken already say (maximal marginal relevance, Carbonell & Goldstein
    1998). Credits, bylines, datelines and invitations to read on are never taken.
    """

    name = "summary"
    version = "1"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("summary",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, str] | Skipped]:
        """Return the summary of each article."""
        values: list[dict[str, str] | Skipped] = []
        for article in batch:
            code = article.language.code if article.language else None
            captions = {block.text for block in article.blocks if block.kind == "caption"}
            text = summarise(article.text, article.title, vocabulary(code), captions=captions)
            values.append({"summary": text} if text else Skipped("no whole sentence"))
        return values


def summarise(
    text: str, title: str | None, words: Vocabulary, *, captions: Set[str] = frozenset()
) -> str:
    """Return two or three whole sentences of the text, or none where it has none."""
    found = _candidates(text, title, words, captions)
    if len(found) <= 2:
        return " ".join(sentence.text for sentence in found)
    lede = found[0]
    headline = map(_remembered(words).__getitem__, (title or "").split())
    _score(found, frozenset(chain.from_iterable(stems for _, stems in headline)))
    taken = [lede]
    while len(taken) < SENTENCES:
        best = _next(found, taken)
        if best is None:
            break
        if len(taken) >= 2 and sum(sentence.words for sentence in taken) + best.words > WORDS:
            break
        taken.append(best)
    return " ".join(
        sentence.text for sentence in sorted(taken, key=lambda sentence: sentence.place)
    )


def _candidates(
    text: str, title: str | None, words: Vocabulary, captions: Set[str]
) -> list[_Sentence]:
    found: list[_Sentence] = []
    remembered = _remembered(words)
    headline = (title or "").strip().rstrip(".").casefold()
    for start, end in sentences(text):
        if len(found) == CONSIDERED:
            break
        raw = text[start:end]
        if not found:
            raw = _DATELINE.sub("", raw)
        written = raw.split()
        leans, may_credit = _openings[written[0]]
        if (may_credit or "(" in raw or "/" in raw) and is_credit(raw):
            continue
        if raw.rstrip(".").casefold() == headline:
            continue
        if captions and any(raw in caption for caption in captions):
            continue
        counts, stems = zip(*map(remembered.__getitem__, written), strict=True)
        spoken = sum(counts)
        spaced = spoken >= FEWEST_WORDS or (len(raw) >= 15 and raw[-1] in "。！？")
        if not spaced or raw[-1] not in ".!?…。！？।\"'”’»)」』":
            continue
        if raw.count('"') % 2 or raw.count("“") != raw.count("”"):
            continue  # half a quotation
        told = frozenset(chain.from_iterable(stems))
        found.append(_Sentence(len(found), raw, told, spoken, leans))
    return found


def _opening(written: str) -> tuple[bool, bool]:
    """Return whether a sentence that begins so leans on the one before it, and may be a credit."""
    return _LEANING.match(written) is not None, _OPENS_CREDIT.match(written) is not None


_openings = Remembered(_opening)


@lru_cache(maxsize=8)
def _remembered(words: Vocabulary) -> Remembered[_Written]:
    """Return what summaries need to know of whatever stands between two blanks."""

    def find(written: str) -> _Written:
        spoken = _WORD.findall(written)
        return len(spoken), tuple([word.stem for word in words.known(spoken) if not word.stop])

    return Remembered(find)


def is_credit(sentence: str) -> bool:
    """Tell whether a sentence only says who made or owns something, or sends the reader elsewhere.

    >>> is_credit("Photo: Ann Roe/Harbour Press")
    True
    >>> is_credit("Reporting by night is dangerous work.")
    False
    """
    if _CREDIT.match(sentence):
        return True
    marked = "(" in sentence or "/" in sentence  # few are, and the search is slow
    return marked and _CREDIT_WITHIN.search(sentence) is not None


def _score(found: list[_Sentence], title: frozenset[str]) -> None:
    counts = Counter(chain.from_iterable(sentence.stems for sentence in found))
    for sentence in found:
        told = sum(map(counts.__getitem__, sentence.stems)) - len(sentence.stems)
        central = told / (len(sentence.stems) + 3) / len(found)
        early = math.exp(-sentence.place / 4)
        shared = len(sentence.stems & title) / len(title) if title else 0.0
        sentence.score = 2.0 * central + 0.6 * early + 0.4 * shared
        if sentence.leans:
            sentence.score *= 0.6
        if sentence.text[0] in "\"“'‘«":
            sentence.score *= 0.7
        if sentence.words > 45:
            sentence.score *= 0.7


def _next(found: list[_Sentence], taken: list[_Sentence]) -> _Sentence | None:
    """Return the sentence that adds most to those taken, or None when all repeat them."""
    best, best_score, last = None, 0.0, taken[-1]
    for sentence in found:
        if sentence in taken or not sentence.stems:
            continue
        share = len(sentence.stems & last.stems) / len(sentence.stems)
        said = sentence.said = max(sentence.said, share)
        score = sentence.score * (1 - said)
        if said < 0.7 and score > best_score:
            best, best_score = sentence, score
    return best
