"""`copydesk dlq`: the dead letters."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import options
from worker.cli.prose import print_indented
from worker.cli.times import age
from worker.outcomes import Reason as Why
from worker.outcomes import Stage as Where

if TYPE_CHECKING:
    from worker.deadletters import DeadLetter, Selection

app = typer.Typer(
    help="Look at dead letters, publish them again, or delete them.", no_args_is_help=True
)

BEGINNING = 70
"""Characters of a raw article that are shown where nothing else names it."""

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids of dead letters.")]
Reason = Annotated[Why | None, typer.Option(help="Only those with this reason.")]
Stage = Annotated[Where | None, typer.Option(help="Only those that failed at this stage.")]
Source = Annotated[str | None, typer.Option(help="Only those of this source.")]
Older = Annotated[
    float | None,
    typer.Option(parser=age, metavar="AGE", help="Only those at least so old: 90s, 15m, 6h, 2d."),
]
Newer = Annotated[
    float | None, typer.Option(parser=age, metavar="AGE", help="Only those at most so old.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, without any selection.")]


@app.command("list")
def list_letters(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    reason: Reason = None,
    stage: Stage = None,
    source: Source = None,
    older: Older = None,
    newer: Newer = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")
    ] = 50,
    json: options.Json = False,
) -> None:
    """List dead letters, newest first."""
    from itertools import islice

    from worker.deadletters import select
    from worker.lanes import Keys

    selection = _selection([], reason, stage, source, older, newer)
    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        letters = select(client, Keys(settings.namespace), selection, newest_first=True)
        wanted = list(islice(letters, limit))
    if json:
        for letter in wanted:
            typer.echo(letter.model_dump_json(exclude={"article"}))
    else:
        _print_letters(wanted)


@app.command("show")
def show_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter.")],
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
) -> None:
    """Show one dead letter whole, as JSON."""
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
    typer.echo(letter.model_dump_json(indent=2))


@app.command("requeue")
def requeue_letters(
    ids: Ids = None,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    reason: Reason = None,
    stage: Stage = None,
    source: Source = None,
    older: Older = None,
    newer: Newer = None,
    everything: Everything = False,
    rate: Annotated[
        float, typer.Option(min=0.0, help="Letters a second, at most; 0: as fast as it goes.")
    ] = 0.0,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Publish dead letters again, each once, to the lane it came from.

    One that fails again becomes a new dead letter. Safe to repeat, also after an interruption.
    """
    from worker.deadletters import requeue, select
    from worker.lanes import Keys

    selection = _selection(ids, reason, stage, source, older, newer)
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


@app.command("purge")
def purge_letters(
    ids: Ids = None,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    reason: Reason = None,
    stage: Stage = None,
    source: Source = None,
    older: Older = None,
    newer: Newer = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    json: options.Json = False,
) -> None:
    """Delete dead letters for good."""
    from worker.deadletters import purge, select
    from worker.lanes import Keys

    selection = _selection(ids, reason, stage, source, older, newer)
    _check_meant(selection, everything, "purge")
    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        keys = Keys(settings.namespace)
        meant = select(client, keys, selection)
        done = sum(1 for _ in meant) if dry_run else purge(client, keys, meant)
    _report(done, "purged", dry_run=dry_run, json=json)


def _selection(
    ids: list[str] | None,
    reason: Why | None,
    stage: Where | None,
    source: str | None,
    older: float | None,
    newer: float | None,
) -> "Selection":
    from worker.deadletters import Selection

    return Selection(
        reason=reason,
        stage=stage,
        source=source,
        older=older,
        newer=newer,
        ids=frozenset(ids or []),
    )


def _check_meant(selection: "Selection", everything: bool, verb: str) -> None:
    if not selection and not everything:
        raise typer.BadParameter(
            f"Say which dead letters to {verb}: ids, --reason, --stage, --source, --older, --newer, or --all."
        )


def _report(done: int, verb: str, *, dry_run: bool, json: bool, unable: int = 0) -> None:
    if json:
        import orjson

        result = {verb: done, "dry_run": dry_run, "without_article": unable}
        typer.echo(orjson.dumps(result).decode())
        return
    noun = "dead letter" if done == 1 else "dead letters"
    typer.echo(f"{done:,} {noun} {'would be ' if dry_run else ''}{verb}.")
    if unable:
        hold, stay = ("holds", "stays") if unable == 1 else ("hold", "stay")
        typer.echo(
            f"{unable:,} {hold} no article and {stay} in the list; see `copydesk dlq show ID`."
        )


def _beginning(article: str) -> str:
    """Return the first characters of a raw article that names neither URL nor source, to know it by."""
    shown = "".join(char if char.isprintable() else "�" for char in article[:BEGINNING])
    return shown + ("…" if len(article) > BEGINNING else "")


def _print_letters(letters: "Iterable[DeadLetter]") -> None:
    """Print letters for a person: what and when in one line, what is wrong below it."""
    from datetime import UTC, datetime

    from rich.console import Console

    console = Console(highlight=False, markup=False)
    none = True
    for letter in letters:
        none = False
        at = datetime.fromtimestamp(letter.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        where = f"{letter.outcome} at {letter.stage}: {letter.reason}"
        console.print(f"{letter.id}  {at}  {where}", style="bold", soft_wrap=True)
        print_indented(console, letter.error)
        print_indented(console, letter.url or letter.source or _beginning(letter.article or ""))
    if none:
        console.print("No dead letters.")
