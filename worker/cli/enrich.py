"""`copydesk enrich`: enrichment as a filter, JSON Lines in and out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Annotated, Any

import typer

from worker.articles import Article
from worker.cli import options
from worker.cli.filters import error_row, write_lines
from worker.enrichment import Enricher, build
from worker.enrichment import enrich as run
from worker.errors import RejectedError
from worker.files import STDIN, read_lines
from worker.outcomes import Reason
from worker.reading import parsed, validated

BATCH = 64


def enrich_lines(
    lines: Iterable[bytes], enrichers: Sequence[Enricher], batch: int = BATCH
) -> Iterator[dict[str, Any]]:
    """Enrich articles, one JSON object a line; yield one result a line, in the same order.

    A line needs `text`; `id`, `title` and the other fields of an article are used where given. The
    result is the line's own object with the enrichers' fields and `provenance` added. A line that
    cannot be read yields `{"id": …, "error": {"reason": …, "message": …}}`; so does one that holds such an
    `error` already, because `copydesk clean` could not read it.
    """
    pending = iter(lines)
    while chunk := list(islice(pending, batch)):
        rows = [_row(line) for line in chunk]
        articles = [article for _, article in rows if article is not None]
        run(enrichers, articles)
        for row, article in rows:
            yield row if article is None else row | _values(enrichers, article)


def _row(line: bytes) -> tuple[dict[str, Any], Article | None]:
    """Return what a line holds, and its article; None: it has none, and the row tells why."""
    identifier: Any = None
    try:
        row: dict[str, Any] = parsed(line)
        identifier = row.get("id")
        return row, None if "error" in row else _article(row)
    except RejectedError as error:
        return error_row(identifier, error), None


def _article(row: dict[str, Any]) -> Article:
    if row.get("text") is None:
        raise RejectedError(
            Reason.NO_CONTENT,
            "The line has no 'text'. `copydesk clean` makes it from 'html', and `copydesk dedupe --keep` "
            "keeps it.",
        )
    raw = validated({name: value for name, value in row.items() if name in INPUT_FIELDS})
    known = {name: getattr(raw, name) for name in INPUT_FIELDS}
    outlet = row.get("outlet")
    return Article(
        id=str(row.get("id", "")), outlet=outlet if isinstance(outlet, str) else None, **known
    )


INPUT_FIELDS = frozenset(
    {"text", "title", "url", "source", "authors", "published_at", "section", "tags"}
)
"""What enrichers may read of an article that no stage has seen before."""


def _values(enrichers: Sequence[Enricher], article: Article) -> dict[str, Any]:
    fields = {field for enricher in enrichers for field in enricher.fields}
    values = article.model_dump(mode="json", include={*fields, "provenance"})
    values["provenance"] = values["provenance"]["enrichers"]
    return values | {field: article.extra[field] for field in fields & article.extra.keys()}


def enrich(
    path: options.Lines = STDIN,
    profile: options.Profile = None,
    enrichers: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Enrichers to run, comma-separated. (COPYDESK_ENRICHERS)",
        ),
    ] = None,
) -> None:
    """Enrich articles that have a `text`: JSON Lines in, JSON Lines out, in the same order.

    A line that cannot be processed comes out with an `error` instead.

    Exit status: 0 no errors; 3 some lines have errors; 1 the file could not be read to the end.
    """
    settings = options.settings(profile=profile, enrichers=enrichers)
    write_lines(enrich_lines(read_lines(path), build(settings)))
