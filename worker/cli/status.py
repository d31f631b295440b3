"""`copydesk status` and `copydesk health`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from worker.cli import options
from worker.cli.prose import counted, spoken

if TYPE_CHECKING:
    from rich.console import Console

    from worker.dedup.stats import IndexStats
    from worker.status import Status


def status(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    watch: Annotated[
        float | None,
        typer.Option("--watch", "-w", min=0.1, metavar="SECONDS", help="Repeat at this interval."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Show what each lane is doing: depth, lag, age of the oldest article, rates and outcomes.

    The rate covers the last second, or the time since the previous look with --watch. The latency is the
    mean time from publishing to settling over the five minutes or so before the last article settled.
    """
    from dataclasses import asdict

    import orjson
    from rich.console import Console

    from worker.dedup.connect import index_of
    from worker.dedup.stats import stats
    from worker.status import watch_status

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    console = Console(highlight=False)
    with options.connected(settings) as client:
        index = index_of(settings, client)
        for state in watch_status(client, settings.namespace, watch or 1.0):
            held = stats(index)
            if json:
                typer.echo(orjson.dumps({**state.as_dict(), "index": asdict(held)}).decode())
            else:
                if watch and console.is_terminal:
                    console.clear()
                _print(console, state, held)
            if not watch:
                return


def _print(console: "Console", state: "Status", index: "IndexStats") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for lane in state.lanes:
        table.add_column(lane.lane, justify="right")
    rows = {
        "unread": [f"{lane.unread:,}" for lane in state.lanes],
        "in progress": [f"{lane.pending:,}" for lane in state.lanes],
        "to be retried": [f"{lane.later:,}" for lane in state.lanes],
        "oldest waiting": [
            spoken(lane.oldest_seconds) if lane.waiting else "-" for lane in state.lanes
        ],
        "settled per second": [f"{lane.per_second or 0:,.0f}" for lane in state.lanes],
        "last settled": [
            f"{spoken(lane.idle_seconds)} ago" if lane.idle_seconds is not None else "never"
            for lane in state.lanes
        ],
        "recent latency": [
            spoken(lane.recent_latency_ms / 1000) if lane.recent_latency_ms is not None else "-"
            for lane in state.lanes
        ],
    }
    for outcome in state.lanes[0].outcomes:
        rows[outcome] = [f"{lane.outcomes[outcome]:,}" for lane in state.lanes]
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console.print(table)
    for breaker in state.breakers:
        console.print(f"[red]stopped[/] by breaker {breaker.name}: {escape(breaker.why)}")
    console.print(
        f"intakes {sum(state.intakes.values())}   worker processes {sum(state.workers.values())}   "
        f"dead letters {state.dead_letters:,}   output stream {state.output_length:,}   "
        f"Redis memory {state.memory_bytes / 1e6:,.1f} MB",
        soft_wrap=True,
    )
    console.print(
        f"index {counted(index.documents, 'document')}   {index.bytes_per_document:,.0f} B each   "
        f"window {index.window_days:g} days   already known {index.hit_rate:.1%}",
        soft_wrap=True,
    )


def health(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    patience: Annotated[
        float,
        typer.Option(help="Seconds that articles may wait without any of them settling."),
    ] = 60.0,
    role: Annotated[
        Literal["intake", "worker"] | None,
        typer.Option(help="Check only this role on this machine, not the whole system."),
    ] = None,
) -> None:
    """Check that articles are being consumed. Exit status: 0 healthy; 1 not.

    An intake and a worker must be alive, even when there is no work. With --role, only that role on this
    machine is checked, as a container's health check needs.
    """
    import socket

    from worker.cli import EXIT_FAILED
    from worker.health import problems, role_problems
    from worker.status import read_status

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        state = read_status(client, settings.namespace)
    if role:
        found = role_problems(state, role, socket.gethostname(), patience=patience)
    else:
        found = problems(state, patience=patience)
    for problem in found:
        typer.echo(f"unhealthy: {problem}", err=True)
    if found:
        raise typer.Exit(EXIT_FAILED)
    typer.echo("healthy")
