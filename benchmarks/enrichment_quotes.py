"""Quotes: precision, recall and speakers on PolNeAR.

    python -m benchmarks.enrichment_quotes

PolNeAR marks attributions: source, cue and content, quoted or not. A quote that we extract is right
if more than half of its characters lie in contents. A gold quotation is a content that is one
stretch in double marks from end to end; it is found if a quote covers 80 % of it. A speaker is
scored where the content's source is given and is no pronoun: it is right if its name holds the
source or the reverse, or its last word stands in the source; a null counts as wrong. The
baseline takes the person mentioned nearest before or behind the quotation.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from benchmarks.evaluation import english, enriched, rows
from benchmarks.harness import machine
from worker.articles import Article, Quote
from worker.enrichment import build
from worker.settings import Settings

PRONOUNS = {"he", "she", "they", "it", "we", "i", "who", "that", "which", "his", "her", "you"}
WORDS = re.compile(r"[\w’'-]+")


@dataclass(frozen=True, slots=True)
class Attribution:
    """A gold attribution: the stretches of its content, and the words of its source."""

    content: list[tuple[int, int]]
    source: str


def gold_of(row: dict[str, Any]) -> list[Attribution]:
    """Return the attributions of a row."""
    found = []
    for line in row["relations"]:
        parts: dict[str, list[Any]] = defaultdict(list)
        for part in line.partition("\t")[2].split():
            kind, _, span = part.partition(":")
            if span in row["spans"]:
                parts[kind.rstrip("0123456789")].append(row["spans"][span])
        content = [tuple(pair) for span in parts["Content"] for pair in span[1]]
        source = " ".join(span[2] for span in parts["Source"])
        if content:
            found.append(Attribution(content, source))
    return found


def is_quotation(text: str) -> bool:
    """Whether a content is one stretch in double marks from end to end."""
    text = text.strip().rstrip(".,")
    inner = text[1:-1]
    marked = text[:1] in {"“", '"'} and text[-1:] in {"”", '"'}
    return marked and "”" not in inner and '"' not in inner


def measure(most: int | None = None) -> dict[str, float]:
    """Return the figures."""
    data = rows("quotes_polnear_raw_dev", most)
    enrichers = build(Settings(enrichers=["entities", "quotes"]))
    articles = enriched(enrichers, english([row["text"] for row in data]))
    count: Counter[str] = Counter()
    for row, article in zip(data, articles, strict=True):
        _count(count, gold_of(row), article)
    return {
        "precision": count["right"] / count["extracted"],
        "recall": count["found"] / count["gold"],
        "speaker": count["speaker"] / count["sources"],
        "speaker, where one is given": count["speaker"] / count["answered"],
        "speaker, nearest person": count["nearest"] / count["sources"],
        "quotes": count["extracted"],
    }


def _count(count: Counter[str], gold: list[Attribution], article: Article) -> None:
    inside = bytearray(len(article.text))
    for one in gold:
        for start, end in one.content:
            inside[start:end] = b"\x01" * (end - start)
    for quote in article.quotes or []:
        count["extracted"] += 1
        count["right"] += sum(inside[quote.start : quote.end]) * 2 > quote.end - quote.start
        _count_speaker(count, gold, article, quote)
    spans = [(quote.start, quote.end) for quote in article.quotes or []]
    for one in gold:
        start, end = one.content[0]
        if len(one.content) == 1 and is_quotation(article.text[start:end]):
            count["gold"] += 1
            count["found"] += any(
                min(end, high) - max(start, low) > 0.8 * (end - start) for low, high in spans
            )


def _count_speaker(
    count: Counter[str], gold: list[Attribution], article: Article, quote: Quote
) -> None:
    around = [
        one
        for one in gold
        if any(
            min(end, quote.end) - max(start, quote.start) > 0.8 * (quote.end - quote.start)
            for start, end in one.content
        )
    ]
    if not around:
        return
    innermost = min(around, key=lambda one: sum(end - start for start, end in one.content))
    source = innermost.source.strip().casefold()
    if not source or source in PRONOUNS:
        return
    count["sources"] += 1
    count["answered"] += quote.speaker is not None
    count["speaker"] += quote.speaker is not None and is_same(quote.speaker, source)
    people = [one for one in article.entities or [] if one.label == "person"]
    nearest = min(
        people,
        key=lambda one: max(quote.start - one.end, one.start - quote.end),
        default=None,
    )
    count["nearest"] += nearest is not None and is_same(nearest.text, source)


def is_same(speaker: str, source: str) -> bool:
    """Whether a speaker's name and the source's words mean the same."""
    name = speaker.casefold()
    words = [word for word in WORDS.findall(name) if len(word) > 1]
    return name in source or source in name or (bool(words) and words[-1] in WORDS.findall(source))


def main() -> None:
    """Print the figures."""
    for name, value in measure().items():
        print(
            f"quotes    {name:<28} {value:,.3f}"
            if value < 2
            else f"quotes    {name:<28} {value:,.0f}"
        )


if __name__ == "__main__":
    print(machine())
    main()
