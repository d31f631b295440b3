"""`copydesk clean`: cleaning as a filter, JSON Lines in and out."""

from collections.abc import Iterable, Iterator
from typing import Any

from worker.articles import RawArticle
from worker.cli import options
from worker.cli.filters import error_row, write_lines
from worker.errors import RejectedError
from worker.files import STDIN, read_lines
from worker.reading import parsed, with_body
from worker.settings import Settings


def clean_lines(lines: Iterable[bytes], settings: Settings) -> Iterator[dict[str, Any]]:
    """Clean raw articles, one JSON object a line; yield one result a line, in the same order.

    A result keeps the `id` of its line. A line that is rejected yields
    `{"id": …, "error": {"reason": …, "message": …}}`.
    """
    for line in lines:
        identifier: Any = None
        try:
            row = parsed(line)
            identifier = row.get("id")
            yield {"id": identifier, **_cleaned(with_body(row), settings)}
        except RejectedError as error:
            yield error_row(identifier, error)


def _cleaned(raw: RawArticle, settings: Settings) -> dict[str, Any]:
    from worker.cleaning import clean

    cleaned = clean(raw, **settings.bounds)
    return {
        "url": cleaned.url,
        "outlet": cleaned.outlet,
        "title": cleaned.title,
        "authors": cleaned.authors,
        "published_at": cleaned.published_at,
        "modified_at": cleaned.modified_at,
        "section": cleaned.section,
        "tags": cleaned.tags,
        "language": cleaned.language,
        "paywalled": cleaned.paywalled,
        "text": cleaned.text,
        "paragraphs": cleaned.paragraphs,
        "blocks": [block.model_dump(exclude_none=True) for block in cleaned.blocks],
        "html": cleaned.html,
        "credits": cleaned.credits,
        "links": [link.model_dump() for link in cleaned.links],
        "images": [image.model_dump(exclude_none=True) for image in cleaned.images],
        "removed": [removed.model_dump() for removed in cleaned.removed],
        "extra": raw.extra,
        "provenance": {"extractor": cleaned.extractor, "fields": cleaned.sources},
    }


def clean(path: options.Lines = STDIN) -> None:
    """Clean raw articles: JSON Lines in, JSON Lines out, in the same order.

    A line that cannot be processed comes out with an `error` instead.

    Exit status: 0 no errors; 3 some lines have errors; 1 the file could not be read to the end.
    """
    write_lines(clean_lines(read_lines(path), options.settings()))
