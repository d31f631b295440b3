"""`copydesk export`: the store as files that others read."""

import datetime as dt
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

import typer

from worker.cli import options
from worker.cli.prose import counted
from worker.cli.times import moment


def export(
    store: options.Store = None,
    data_dir: options.DataDir = None,
    status: Annotated[
        Literal["new", "update", "duplicate", "all"] | None,
        typer.Option(help="Only articles that ended so; else what was delivered: new and update."),
    ] = None,
    format_: Annotated[
        Literal["jsonl", "ninjs", "jsonld", "parquet"],
        typer.Option("--format", "-f", help="Format of the output."),
    ] = "jsonl",
    source: Annotated[str | None, typer.Option(help="Only this outlet or feed.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Only this language, an ISO 639-1 code.", metavar="CODE")
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(parser=moment, help="Published at or after: a date, or an age such as 24h."),
    ] = None,
    until: Annotated[
        dt.datetime | None, typer.Option(parser=moment, help="Published before.")
    ] = None,
    all_revisions: Annotated[
        bool, typer.Option("--all-revisions", help="Every revision, not the latest alone.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")
    ] = None,
) -> None:
    """Print the stored articles, one a line, in the order in which they were stored."""
    from worker.errors import ConfigurationError
    from worker.formats import Format, write
    from worker.outcomes import Outcome
    from worker.sinks.store import DELIVERED, Query, Store

    if status is None:
        statuses: tuple[Outcome, ...] = DELIVERED
    elif status == "all":
        statuses = (*DELIVERED, Outcome.DUPLICATE)
    else:
        statuses = (Outcome(status),)
    query = Query(
        statuses=statuses,
        source=source,
        language=language,
        since=since,
        until=until,
        all_revisions=all_revisions,
    )
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise typer.BadParameter("Parquet is not for the eye: name a file with --output.")
    settings = options.settings(store=store, data_dir=data_dir)
    with Store.of(settings) as opened:
        articles = opened.articles(query)
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
