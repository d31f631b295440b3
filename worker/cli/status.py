"""`copydesk status` and `copydesk health`."""

from typing import Annotated, Literal

import typer

from worker.cli import options


def status(
    redis: options.Redis = None, data_dir: options.DataDir = None, json: options.Json = False
) -> None:
    """Show what the desk is doing: depth, lag, oldest age and outcomes of each lane."""
    from dataclasses import asdict

    import orjson

    from worker.dedup.connect import index_client
    from worker.dedup.index import RedisIndex
    from worker.dedup.stats import stats
    from worker.status import read_status

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        state = read_status(client, settings.namespace)
        holder = index_client(settings.index_url) if settings.index_url else client
        index = stats(RedisIndex(holder, settings))
    if json:
        typer.echo(orjson.dumps({**state.as_dict(), "index": asdict(index)}).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for lane in state.lanes:
        table.add_column(lane.lane, justify="right")
    rows = {
        "unread": [f"{lane.unread:,}" for lane in state.lanes],
        "in work": [f"{lane.pending:,}" for lane in state.lanes],
        "to be tried again": [f"{lane.later:,}" for lane in state.lanes],
        "oldest waiting": [
            f"{lane.oldest_seconds:,.1f} s" if lane.waiting else "-" for lane in state.lanes
        ],
        "last settled": [
            f"{lane.idle_seconds:,.0f} s ago" if lane.idle_seconds is not None else "never"
            for lane in state.lanes
        ],
        "mean latency": [
            f"{lane.mean_latency_ms:,.0f} ms" if lane.mean_latency_ms else "-"
            for lane in state.lanes
        ],
    }
    for outcome in state.lanes[0].outcomes:
        rows[outcome] = [f"{lane.outcomes[outcome]:,}" for lane in state.lanes]
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console = Console(highlight=False)
    console.print(table)
    for breaker in state.breakers:
        console.print(f"[red]stopped[/] by the breaker {breaker.name}: {breaker.why}")
    console.print(
        f"intakes {sum(state.intakes.values())}   worker processes {sum(state.workers.values())}   "
        f"dead letters {state.dead_letters:,}   output stream {state.output_length:,}   "
        f"Redis memory {state.memory_bytes / 1e6:,.1f} MB"
    )
    console.print(
        f"index {index.documents:,} documents   {index.bytes_per_document:g} B each   "
        f"window {index.window_days:g} days   known before {index.hit_rate:.1%}"
    )


def health(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    patience: Annotated[
        float,
        typer.Option(
            help="Seconds without an outcome, while articles wait, that are still healthy."
        ),
    ] = 60.0,
    role: Annotated[
        Literal["intake", "worker"] | None,
        typer.Option(help="Only this role on this machine, not the whole desk."),
    ] = None,
) -> None:
    """Say whether articles are being consumed. Exit status 0: healthy; 1: not.

    Without work as well: an intake and a worker must live. With --role only that process of this machine
    counts, for the health check of a container.
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
