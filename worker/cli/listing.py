"""`copydesk list`: what was stored last, for the eye."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from worker.cli import options

if TYPE_CHECKING:
    from worker.sinks.store import Listed

PIPE = 1000
"""Columns where the output is no terminal: no headline is cut short there."""
WIDE = 110
"""Columns from which on there is room to say where an article is from."""


@options.expanded
def list_articles(
    selection: options.Selection,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of articles.")
    ] = 20,
    store: options.Store = None,
    data_dir: options.DataDir = None,
) -> None:
    """List the articles stored last, newest first. `show` and `explain` say more about one."""
    from rich.console import Console
    from rich.text import Text

    from worker.sinks.store import Store

    with Store.of(options.settings(store=store, data_dir=data_dir)) as opened:
        found = opened.newest(selection.query(), limit=limit)
    if not found:
        typer.echo("No stored article matches.", err=True)
        return
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else PIPE)
    rows = [_HEADS, *((one.id, _day(one), _status(one), _source(one)) for one in found)]
    columns = list(zip(*rows, strict=True))[: 4 if console.width >= WIDE else 3]
    padded = [_padded(column) for column in columns]
    titles = ["title", *(one.title or "(untitled)" for one in found)]
    for number, (cells, title) in enumerate(zip(zip(*padded, strict=True), titles, strict=True)):
        line = Text("  ".join((*cells, title)), style="" if number else "bold")
        console.print(line, no_wrap=True, overflow="ellipsis")


_HEADS = ("id", "published", "status", "source")


def _padded(column: Sequence[str]) -> list[str]:
    from rich.cells import cell_len, set_cell_size

    width = max(map(cell_len, column))
    return [set_cell_size(cell, width) for cell in column]


def _day(article: "Listed") -> str:
    return f"{article.published_at:%Y-%m-%d %H:%M}" if article.published_at else ""


def _status(article: "Listed") -> str:
    return article.status + (f" {article.revision}" if article.revision > 1 else "")


def _source(article: "Listed") -> str:
    return article.source or urlsplit(article.url or "").hostname or ""
