"""`copydesk enrich`: enrichment as a filter, JSON Lines in and out."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError

from worker.articles import Article
from worker.cli.lines import STDIN, read_lines
from worker.enrichment import Enricher, build
from worker.enrichment import enrich as run
from worker.settings import Settings

BATCH = 64
ROW_ERROR = "error"


def enrich_lines(
    lines: Iterable[bytes | str], enrichers: Sequence[Enricher], batch: int = BATCH
) -> Iterator[dict[str, Any]]:
    """Enrich articles, one JSON object a line; yield one result a line, in the same order.

    A line needs `text`; `id`, `title` and the other fields of an article are used where given. The
    result is the line's own object with the enrichers' fields and `provenance` added. A line that
    cannot be read yields its `id` and an `error`.
    """
    pending = iter(lines)
    while chunk := list(islice(pending, batch)):
        rows = [_row(line) for line in chunk]
        articles = [_article(row) for row in rows]
        run(enrichers, [article for article in articles if article is not None])
        for row, article in zip(rows, articles, strict=True):
            yield row if article is None else row | _values(enrichers, article)


def _row(line: bytes | str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return {"id": None, ROW_ERROR: f"the line is not JSON: {error}"}
    if not isinstance(row, dict):
        return {"id": None, ROW_ERROR: f"the line is a JSON {type(row).__name__}, not an object"}
    return row


def _article(row: dict[str, Any]) -> Article | None:
    """Read the row; a row that is no article gets an `error` and nothing else."""
    if ROW_ERROR in row:
        return None
    known = {name: value for name, value in row.items() if name in INPUT_FIELDS}
    known.setdefault("text", None)  # an article may do without, a line may not
    try:
        return Article.model_validate({**known, "id": str(row.get("id", ""))})
    except ValidationError as error:
        problem = error.errors()[0]
        message = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    identifier = row.get("id")
    row.clear()
    row.update({"id": identifier, ROW_ERROR: message})
    return None


INPUT_FIELDS = frozenset(
    {"text", "title", "url", "source", "authors", "published_at", "section", "tags", "outlet"}
)
"""What enrichers may read of an article that no stage has seen before."""


def _values(enrichers: Sequence[Enricher], article: Article) -> dict[str, Any]:
    fields = {field for enricher in enrichers for field in enricher.fields}
    values = article.model_dump(mode="json", include={*fields, "provenance"})
    values["provenance"] = values["provenance"]["enrichers"]
    return values | {field: article.extra[field] for field in fields & article.extra.keys()}


def enrich(
    path: Annotated[
        str, typer.Argument(help="A .jsonl, .jsonl.gz or .jsonl.zst file; - reads standard input.")
    ] = STDIN,
    profile: Annotated[
        str | None, typer.Option(help="light or full; full when nothing is set.")
    ] = None,
    enrichers: Annotated[
        str | None, typer.Option(help="Names of the enrichers to run, with commas between.")
    ] = None,
) -> None:
    """Enrich articles: one JSON object with `text` a line in, one a line out, in the same order."""
    chosen: dict[str, Any] = {}
    if profile is not None:
        chosen["profile"] = profile
    if enrichers is not None:
        chosen["enrichers"] = enrichers
    for result in enrich_lines(read_lines(path), build(Settings(**chosen))):
        sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
