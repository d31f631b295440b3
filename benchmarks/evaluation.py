"""Where the evaluation data is. Its texts belong to their publishers and are no part of this project."""

import gzip
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from worker.articles import Article, Language
from worker.enrichment import Enricher, enrich

BATCH = 64


def folder() -> Path:
    """Return `COPYDESK_EVAL`, else `../shared/eval` beside the checkout.

    Raises:
        SystemExit: it is not there.
    """
    path = _folder()
    if not path.is_dir():
        raise SystemExit(f"No evaluation data in {path}. Name its folder in COPYDESK_EVAL.")
    return path


def is_here() -> bool:
    """Whether the data is on this machine."""
    return _folder().is_dir()


def _folder() -> Path:
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "eval"
    return Path(os.environ.get("COPYDESK_EVAL", beside))


def rows(name: str, most: int | None = None) -> list[dict[str, Any]]:
    """Return the rows of a set, such as `quotes_polnear_raw_dev`; `most` of them, spread evenly."""
    with gzip.open(folder() / "enrichment" / f"{name}.jsonl.gz") as source:
        found = [orjson.loads(line) for line in source]
    return found[:: max(1, len(found) // most)] if most else found


def english(texts: Sequence[str]) -> list[Article]:
    """Return articles whose language is known to be English."""
    known = Language(code="en", confidence=1.0)
    return [Article(id=str(n), text=text, language=known) for n, text in enumerate(texts)]


def enriched(enrichers: Sequence[Enricher], articles: list[Article]) -> list[Article]:
    """Run enrichers over articles, a batch at a time, and return the articles."""
    for batch in batches(articles):
        enrich(enrichers, batch)
    return articles


def batches(articles: list[Any]) -> Iterator[list[Any]]:
    """Cut a list into batches as the pipeline does."""
    for begin in range(0, len(articles), BATCH):
        yield articles[begin : begin + BATCH]


def f1(right: int, found: int, gold: int) -> tuple[float, float, float]:
    """Return precision, recall and their harmonic mean."""
    precision, recall = right / max(found, 1), right / max(gold, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)
