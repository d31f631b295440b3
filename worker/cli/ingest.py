"""`copydesk ingest`."""

import shlex
from typing import TYPE_CHECKING

import typer

from worker.cli import options

if TYPE_CHECKING:
    from worker.ingest import Summary
    from worker.settings import Settings


@options.expanded
def ingest(
    paths: options.Paths,
    desk: options.Desk,
    lane: options.Lane = "live",
    json: options.Json = False,
) -> None:
    """Process files of raw articles into the store: the whole job on one machine, in one command.

    Reads .jsonl, .json, .html (one page per file) and .txt (one HTML body per line), plain, .gz or .zst.

    Exit status: 0 all articles processed; 3 processed, some as dead letters; 1 a file could not be read.
    """
    import signal

    import orjson

    from worker.addresses import hide_password
    from worker.cli import EXIT_DEAD_LETTERS, EXIT_FAILED
    from worker.cli.progress import Meter, print_summary
    from worker.cli.prose import say_passed_over
    from worker.ingest import ingest as run
    from worker.lanes import Lane
    from worker.logs import set_up

    settings = desk.settings()
    set_up(settings)  # what is started again is told on stderr
    signal.signal(signal.SIGTERM, _exit)
    with Meter() as meter:
        summary = run(paths, settings, lane=Lane(lane), progress=meter)
    if json:
        typer.echo(orjson.dumps(summary.as_dict()).decode())
    else:
        folder = _given("--data-dir", desk.data_dir)
        print_summary(
            summary,
            store=_given("--store", desk.store and hide_password(desk.store)) or folder,
            server=_given("--redis", desk.redis and hide_password(desk.redis)) or folder,
        )
        if not summary.published and not summary.unreadable:
            typer.echo("Those files hold no articles.", err=True)
        if _stands_elsewhere(summary, settings):
            typer.echo(
                "This store is empty, but the index already knows these articles from a run into another "
                "store. Give a new store its own --data-dir or COPYDESK_NAMESPACE."
            )
    say_passed_over(summary.passed_over)
    for problem in summary.unreadable:
        typer.echo(f"copydesk: {problem}", err=True)
    if summary.unreadable:
        raise typer.Exit(EXIT_FAILED)
    if summary.dead:
        raise typer.Exit(EXIT_DEAD_LETTERS)


def _stands_elsewhere(summary: "Summary", settings: "Settings") -> bool:
    """Whether all articles are known already, and the store holds none: it is not that of the index."""
    from worker.outcomes import Outcome
    from worker.sinks.store import Store

    known = summary.outcomes[Outcome.UNCHANGED]
    if not known or known != summary.published or "sql" not in settings.sinks:
        return False
    with Store.of(settings) as store:
        return not store.count()


def _given(option: str, value: object) -> str:
    """Return an option as it is written on the command line, after a blank; empty: it was not given."""
    return f" {option} {shlex.quote(str(value))}" if value else ""


def _exit(number: int, _frame: object) -> None:
    """Stop as Ctrl-C does, with the status of a program that a signal ended."""
    raise SystemExit(128 + number)
