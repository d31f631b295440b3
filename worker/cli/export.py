"""`copydesk export`: the store as files that others read."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from worker.cli import options
from worker.cli.prose import counted, fills_a_file, ticking


@options.expanded
def export(
    selection: options.Selection,
    format_: Annotated[
        Literal["jsonl", "ninjs", "jsonld", "parquet"],
        typer.Option("--format", "-f", help="Format of the output."),
    ] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")
    ] = None,
    store: options.Store = None,
    data_dir: options.DataDir = None,
) -> None:
    """Export stored articles, one per line, in the order they were stored."""
    from worker.errors import ConfigurationError
    from worker.formats import Format, write
    from worker.sinks.store import Store

    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise typer.BadParameter("Parquet is binary: give a file with --output.")
    settings = options.settings(store=store, data_dir=data_dir)
    with Store.of(settings) as opened:
        articles = opened.articles(selection.query())
        if output or fills_a_file():
            articles = ticking(articles, "Exported")
        if output is None:
            write(articles, sys.stdout.buffer, Format(format_))
            sys.stdout.buffer.flush()
            return
        try:
            with _replaced(output) as file:
                count = write(articles, file, Format(format_))
        except OSError as error:
            raise ConfigurationError(f"Cannot write {output}: {error.strerror}.") from error
    typer.echo(f"{counted(count, 'article')} written to {output}", err=True)


@contextmanager
def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` once it is whole; what stood there stays until then."""
    if path.exists() and not path.is_file():  # a pipe or a device
        with path.open("wb") as file:
            yield file
        return
    target = path.resolve()  # a link stays a link
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
