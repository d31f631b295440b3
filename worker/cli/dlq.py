"""`copydesk dlq`: the dead letters."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import options
from worker.cli.letters import print_letter, print_letters
from worker.cli.prose import counted
from worker.cli.times import age
from worker.outcomes import Reason as Why
from worker.outcomes import Stage as Where

if TYPE_CHECKING:
    from worker.deadletters import DeadLetter, Selection


def _all(kind: type[StrEnum]) -> str:
    return ", ".join(kind)


app = typer.Typer(
    help="List dead letters, publish them again, or delete them.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of dead letters.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, without doing it.")
]
Everything = Annotated[bool, typer.Option("--all", help="Every dead letter.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that say which dead letters are meant."""

    reason: Annotated[
        Why | None,
        typer.Option(metavar="REASON", help=f"Only with this reason: {_all(Why)}."),
    ] = None
    stage: Annotated[
        Where | None,
        typer.Option(metavar="STAGE", help=f"Only those that failed in this stage: {_all(Where)}."),
    ] = None
    source: Annotated[str | None, typer.Option(help="Only from this source or host.")] = None
    older: Annotated[
        float | None,
        typer.Option(
            parser=age, metavar="AGE", help="Only those at least this old: 90s, 15m, 6h, 2d."
        ),
    ] = None
    newer: Annotated[
        float | None, typer.Option(parser=age, metavar="AGE", help="Only those at most this old.")
    ] = None

    def selection(self, ids: Sequence[str] | None = None) -> "Selection":
        """Return what is meant."""
        from worker.deadletters import Selection

        return Selection(**asdict(self), ids=frozenset(ids or []))


@app.command("list")
@options.expanded
def list_letters(
    wanted: Wanted,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of letters.")
    ] = 50,
    json: options.Json = False,
) -> None:
    """List dead letters, newest first."""
    from itertools import islice

    from worker.deadletters import select
    from worker.lanes import Keys

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        found = select(client, Keys(settings.namespace), wanted.selection(), newest_first=True)
        letters = list(islice(found, limit))
        more = next(found, None) is not None
    if json:
        for letter in letters:
            typer.echo(letter.model_dump_json(exclude={"article"}))
    else:
        print_letters(letters)
    if more:
        typer.echo(f"Only the newest {limit:,} are shown. See more with --limit.", err=True)


@app.command("show")
def show_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter.")],
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    json: options.Json = False,
) -> None:
    """Show one dead letter: what is wrong, what was tried, and the raw article (whole with --json)."""
    from worker.deadletters import Selection, select
    from worker.errors import CopydeskError
    from worker.lanes import Keys

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        selection = Selection(ids=frozenset([letter_id]))
        letter = next(select(client, Keys(settings.namespace), selection), None)
    if letter is None:
        raise CopydeskError(
            f"There is no dead letter {letter_id}. `copydesk dlq list` shows their ids."
        )
    if json:
        typer.echo(letter.model_dump_json(indent=2))
    else:
        print_letter(letter)


@app.command("requeue")
@options.expanded
def requeue_letters(
    wanted: Wanted,
    ids: Ids = None,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    everything: Everything = False,
    rate: Annotated[
        float, typer.Option(min=0.0, help="Letters per second at most; 0: as fast as possible.")
    ] = 0.0,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Publish dead letters again, each once, to the lane it came from.

    One that fails again becomes a new dead letter. Repeating the command is safe, even after an interruption.
    """
    from worker.deadletters import requeue, select
    from worker.lanes import Keys

    selection = wanted.selection(ids)
    _check_meant(selection, everything, "requeue")
    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        keys = Keys(settings.namespace)
        unable = 0

        def able() -> "Iterator[DeadLetter]":
            nonlocal unable
            for letter in select(client, keys, selection):
                if letter.data() is not None:
                    yield letter
                else:
                    unable += 1

        counts = [sum(1 for _ in able())] if dry_run else requeue(client, keys, able(), rate=rate)
        done = max(counts, default=0)
        _report(done, "requeued", dry_run=dry_run, json=json, unable=unable)
        _name_missing(selection, done + unable)
        if done and not dry_run:
            options.say_if_nobody_works(client, settings)


@app.command("purge")
@options.expanded
def purge_letters(
    wanted: Wanted,
    ids: Ids = None,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Delete dead letters for good."""
    from worker.deadletters import purge, select
    from worker.lanes import Keys

    selection = wanted.selection(ids)
    _check_meant(selection, everything, "purge")
    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        keys = Keys(settings.namespace)
        meant = select(client, keys, selection)
        done = sum(1 for _ in meant) if dry_run else purge(client, keys, meant)
    _report(done, "purged", dry_run=dry_run, json=json)
    _name_missing(selection, done)


def _check_meant(selection: "Selection", everything: bool, verb: str) -> None:
    if not selection and not everything:
        raise typer.BadParameter(
            f"Choose what to {verb}: ids, --reason, --stage, --source, --older, --newer, or --all."
        )


def _name_missing(selection: "Selection", found: int) -> None:
    """Say that ids were given which are no dead letters: mistyped, or gone since somebody looked."""
    if len(selection.ids) > found:
        missing = len(selection.ids) - found
        typer.echo(
            f"{missing:,} of the ids given {'does' if missing == 1 else 'do'} not match a dead letter. "
            "`copydesk dlq list` shows the ids.",
            err=True,
        )


def _report(done: int, verb: str, *, dry_run: bool, json: bool, unable: int = 0) -> None:
    if json:
        import orjson

        result = {verb: done, "dry_run": dry_run, "without_article": unable}
        typer.echo(orjson.dumps(result).decode())
        return
    typer.echo(f"{counted(done, 'dead letter')} {'would be ' if dry_run else ''}{verb}.")
    if unable:
        hold, stay = ("holds", "stays") if unable == 1 else ("hold", "stay")
        typer.echo(
            f"{unable:,} {hold} no article and {stay} in the list; see `copydesk dlq show ID`."
        )
