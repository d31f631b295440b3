"""Two or three sentences of the article itself that tell what happened."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from worker.articles import Article
from worker.enrichment.base import Skipped
from worker.enrichment.choice import CONSIDERED, Sentence, choose, spoken_words
from worker.enrichment.credits import is_credit, opens_credit
from worker.enrichment.pieces import Pieces, of_articles
from worker.enrichment.remembered import Remembered
from worker.enrichment.sentences import sentences
from worker.enrichment.words import Vocabulary, by_language, vocabulary
from worker.settings import Settings

FEWEST_WORDS = 6
"""A shorter sentence tells too little by itself: "He was right."."""

_ENDS = frozenset(".!?…。！？।\"'”’»)」』")
# `KYIV, Feb 21 (AFP) — `, `LONDON (Reuters) - `, `Madrid, 19 nov (EFE).- `: what stands before the dash
# of a first sentence is no part of it.
_DATELINE = re.compile(
    r"""(?:[A-ZÀ-Þ][\w.'’-]*,?\ ){1,4}
    (?:[A-Z][a-z]{2,8}\.?\ \d{1,2},?\ |\d{1,2}\.?\ (?:de\ )?[^\W\d_]{3,10}\.?,?\ (?:\d{4},?\ )?)?
    (?:\([^()\n]{2,40}\)\.?\ *)?
    [-–—]{1,2}\ +(?=\S)""",
    re.VERBOSE,
)
# `He`, `But`, `That` at the beginning lean on the sentence before.
_LEANING = {
    "en": "he|she|it|they|this|that|these|those|his|her|their|its|but|and|or|so|however|instead|also|there"
    "|such|meanwhile|then|another|both|others|still|yet|nor|additionally|moreover|furthermore",
    "de": "er|sie|es|dies|diese|dieser|dieses|aber|und|oder|doch|denn|auch|jedoch|allerdings|dennoch|trotzdem"
    "|außerdem|zudem|dabei|damit|dafür|dagegen|danach|dann|daher|deshalb|darum|dazu|dort",
    "es": "él|ella|ello|ellos|ellas|esto|eso|pero|y|o|también|además|entonces|así|sino|aunque",
    "fr": "il|elle|ils|elles|cela|ceci|ça|mais|et|ou|donc|or|aussi|ainsi|pourtant|cependant|ensuite|puis",
    "it": "lui|lei|loro|esso|essa|questo|questa|ciò|ma|e|o|però|inoltre|anche|così|quindi|invece|infatti",
    "nl": "hij|zij|ze|dit|dat|deze|maar|en|of|ook|toch|echter|bovendien|daarom|daarna|dus|toen",
    "pt": "ele|ela|eles|elas|isso|isto|mas|e|ou|também|além|porém|então|assim|contudo",
}
"""Words, by language; where a language has none, the English ones are looked for."""


class _Opening(NamedTuple):
    """What the first piece of a sentence says of it."""

    leans: bool
    """It leans on the sentence before."""
    may_credit: bool
    folded: str
    """The piece as the title would have it."""


class SummaryEnricher:
    """Sets `summary`: the lede, and the one or two sentences that add most to it, in their order.

    A sentence's score is the share of the article's vocabulary it carries (SumBasic, Nenkova &
    Vanderwende 2005), raised near the top, where news puts what matters, and by words of the title;
    it loses what the sentences taken already say (maximal marginal relevance, Carbonell & Goldstein
    1998). Credits, bylines, datelines and invitations to read on are never taken.
    """

    name = "summary"
    version = "3"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("summary",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, str] | Skipped]:
        """Return the summary of each article."""
        return by_language(batch, self._values)

    def _values(
        self, articles: Sequence[Article], code: str | None
    ) -> list[dict[str, str] | Skipped]:
        return [
            {"summary": summary} if summary else Skipped("no whole sentence")
            for summary in summaries(articles, vocabulary(code))
        ]


def summaries(articles: Sequence[Article], words: Vocabulary) -> list[str]:
    """Return two or three whole sentences of each article's text, or nothing where it has none."""
    divided = of_articles(articles)
    found = [*_candidates(articles, divided, _openings(words.code))]
    taken: list[list[str]] = [[] for _ in articles]
    if found:
        for sentence, chosen in zip(found, choose(found, divided, words), strict=True):
            if chosen:
                taken[sentence.article].append(sentence.text)
    return [*map(" ".join, taken)]


def _candidates(
    articles: Sequence[Article], divided: Pieces, openings: Remembered[_Opening]
) -> Iterator[Sentence]:
    """Yield the first whole sentences of each article, without credits, captions and its title."""
    numbers, written = divided.numbers, divided.lexicon.written
    spoken = divided.about_bare(spoken_words)[divided.bare["word"]]
    counts = divided.by_sentence(spoken).tolist()
    begins = divided.sentences.tolist()
    opening = numbers[divided.sentences[:-1]].tolist()
    for own, article in enumerate(articles):
        place, number = 0, int(divided.texts[own]) - 1
        headline = (article.title or "").strip().rstrip(".").casefold()
        tabbed = "\t" in article.text
        captions = [block.text for block in article.blocks if block.kind == "caption"]
        for start, end in sentences(article.text):
            number += 1
            raw, begin, count = article.text[start:end], begins[number], counts[number]
            first = opening[number]
            if not place and (dateline := _DATELINE.match(raw)):
                raw, behind = raw[dateline.end() :], begin + len(dateline[0].split())
                count -= int(spoken[begin:behind].sum())
                begin, first = behind, int(numbers[behind])
            if not _is_whole(raw, count) or (tabbed and _is_in_table(article.text, start, end)):
                continue
            leans, may_credit, folded = openings[written[first]]
            if (may_credit or "(" in raw or "/" in raw) and is_credit(raw):
                continue
            # The title begins with the same piece; few sentences do.
            if headline.startswith(folded) and raw.rstrip(".").casefold() == headline:
                continue
            if captions and any(raw in one for one in captions):
                continue
            yield Sentence(own, place, raw, begin, begins[number + 1], count, leans)
            place += 1
            if place == CONSIDERED:
                break


def _is_whole(sentence: str, words: int) -> bool:
    """Tell whether it ends as a sentence does, says enough, and has no half of a quotation."""
    last = sentence[-1]
    return (
        last in _ENDS
        and (words >= FEWEST_WORDS or (len(sentence) >= 15 and last in "。！？"))
        and sentence.count('"') % 2 == 0
        and (sentence.isascii() or _are_paired(sentence))
    )


def _is_in_table(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence stands in a row of a table, whose cells a tab parts."""
    line_end = text.find("\n", end)
    return "\t" in text[text.rfind("\n", 0, start) + 1 : line_end if line_end >= 0 else len(text)]


def _are_paired(sentence: str) -> bool:
    """Tell whether marks of quotation come in pairs: “so”, „so“ in German, ”so” in Swedish, «so», »so«."""
    curly = sentence.count("“") + sentence.count("”") + sentence.count("„")
    return curly % 2 == 0 and sentence.count("«") == sentence.count("»")


@cache
def _openings(code: str) -> Remembered[_Opening]:
    """Return what is known of first pieces in a language."""
    leaning = re.compile(rf"[\"'“‘„«]?(?:{_LEANING.get(code, _LEANING['en'])})\b", re.IGNORECASE)

    def opening(piece: str) -> _Opening:
        return _Opening(
            leaning.match(piece) is not None, opens_credit(piece), piece.rstrip(".").casefold()
        )

    return Remembered(opening)
