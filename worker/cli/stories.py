"""`copydesk stories`."""

import datetime as dt
from typing import Annotated

import typer

from worker.cli import options


def stories(
    day: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of publication, UTC. Default: the newest."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of stories.")
    ] = 10,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    json: options.Json = False,
) -> None:
    """List the biggest stories of a day."""
    import orjson

    from worker.enrichment.stories import Stories

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        desk = Stories(client, settings)
        chosen = day.date() if day else desk.newest_day()
        found = desk.biggest(chosen, limit=limit) if chosen else []
    if json:
        typer.echo(orjson.dumps({"day": chosen, "stories": found}).decode())
        return
    if not found:
        typer.echo(f"No stories on {chosen}." if chosen else "No stories yet.", err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=f"{chosen}")
    table.add_column("articles", justify="right")
    table.add_column("total", justify="right")
    table.add_column("since")
    table.add_column("story", no_wrap=True)
    table.add_column("first headline", ratio=1)
    for story in found:
        counts = (f"{story.articles:,}", f"{story.total:,}")
        table.add_row(*counts, f"{story.first:%d %b %H:%M}", story.id, story.title)
    Console(highlight=False, markup=False).print(table)
