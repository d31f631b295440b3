"""`copydesk dlq`: the dead letters."""

from typing import Annotated

import typer

from worker.cli import options

app = typer.Typer(help="Look at dead letters.", no_args_is_help=True)


@app.command("list")
def list_letters(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    reason: Annotated[str | None, typer.Option(help="Only those with this reason.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")
    ] = 50,
    json: options.Json = False,
) -> None:
    """List dead letters, newest first."""
    from datetime import UTC, datetime
    from itertools import islice

    from rich.console import Console
    from rich.table import Table

    from worker.deadletters import read_letters
    from worker.lanes import Keys

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        letters = read_letters(client, Keys(settings.namespace))
        wanted = list(
            islice((letter for letter in letters if reason in (None, letter.reason)), limit)
        )
    if json:
        for letter in wanted:
            typer.echo(letter.model_dump_json(exclude={"article"}))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("id", "at", "outcome", "reason", "stage"):
        table.add_column(column, no_wrap=True)
    table.add_column("what is wrong", overflow="fold")
    for letter in wanted:
        at = datetime.fromtimestamp(letter.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(letter.id, at, letter.outcome, letter.reason, letter.stage, letter.error)
    console = Console(highlight=False, markup=False)
    if table.row_count:
        console.print(table)
    else:
        console.print("No dead letters.")


@app.command("show")
def show_letter(
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the dead letter.")],
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
) -> None:
    """Show one dead letter whole, as JSON."""
    from worker.deadletters import read_letters
    from worker.errors import CopydeskError
    from worker.lanes import Keys

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        for letter in read_letters(client, Keys(settings.namespace)):
            if letter.id == letter_id:
                typer.echo(letter.model_dump_json(indent=2))
                return
    raise CopydeskError(
        f"There is no dead letter {letter_id}. `copydesk dlq list` shows their ids."
    )
