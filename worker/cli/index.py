"""`copydesk index`: the deduplication index."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from worker.cli import options
from worker.cli.prose import Ticker, counted, resumable

if TYPE_CHECKING:
    from worker.dedup.index import RedisIndex
    from worker.settings import Settings

app = typer.Typer(help="Inspect and repair the deduplication index.", no_args_is_help=True)


@app.command("stats")
def show_stats(
    redis: options.Redis = None, data_dir: options.DataDir = None, json: options.Json = False
) -> None:
    """Show documents, memory, window, and the share of articles that were already known."""
    from worker.dedup.stats import stats

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.opened_index(settings) as index:
        found = stats(index)
    if json:
        typer.echo(orjson.dumps(asdict(found)).decode())
        return
    verdicts = ", ".join(f"{count:,} {name}" for name, count in found.verdicts.items())
    typer.echo(f"documents     {found.documents:,} in {counted(found.buckets, 'bucket')}")
    typer.echo(
        f"memory        {found.bytes / 1e6:,.1f} MB, {found.bytes_per_document:,.0f} B per document"
    )
    typer.echo(f"window        {found.window_days:g} days")
    typer.echo(f"verdicts      {verdicts or 'none yet'}")
    typer.echo(f"already known {found.hit_rate:.1%}")
    typer.echo(f"open claims   {found.claims:,}")
    if found.crowded:
        typer.echo(
            "The index holds many more documents than it was sized for, so lookups are slow until the "
            f"next bucket begins. Raise COPYDESK_INDEX_DOCUMENTS ({settings.index_documents:,})."
        )


@app.command("forget")
def forget(
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, or its URL.")],
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
) -> None:
    """Remove an article: its next scrape is new, and nothing counts as a copy of it."""
    from worker.dedup.identity import id_of_url
    from worker.errors import NotFoundError

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.opened_index(settings) as index:
        found = index.forget(id_of_url(article) or article)
    if not found:
        raise NotFoundError(f"{article} is not in the index.")
    typer.echo(f"{article} was removed from the index.")


@app.command("rebuild")
def rebuild_index(
    redis: options.Redis = None,
    store: options.Store = None,
    data_dir: options.DataDir = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Start over instead of continuing an interrupted run.")
    ] = False,
) -> None:
    """Rebuild the index from the store. Stop the workers first. An interrupted rebuild can be resumed."""
    from worker.dedup.rebuild import rebuild
    from worker.sinks.store import Store as Articles

    settings = options.settings(redis_url=redis, store=store, data_dir=data_dir)
    done = 0
    with (
        options.opened_index(settings) as index,
        Articles.of(settings) as articles,
        resumable(lambda: done),
        Ticker() as tell,
    ):
        if not settings.index_url:
            _refuse_beside_workers(index, settings)
        for done in rebuild(index, articles, fresh=restart):
            tell(f"Indexed: {done:,}")
    typer.echo(f"{counted(done, 'article')} indexed.")


def _refuse_beside_workers(index: "RedisIndex", settings: "Settings") -> None:
    """Say that workers live: they would take copies for new articles while the index is empty."""
    from worker.errors import ConfigurationError
    from worker.status import ALIVE, read_status

    workers = read_status(index.client, settings.namespace).workers
    if workers:
        where = ", ".join(f"{count} on {host}" for host, count in workers.items())
        raise ConfigurationError(
            f"Worker processes are running, or were within the last {ALIVE:.0f} s ({where}). Stop them and "
            "try again: while the index is incomplete, they would treat copies as new articles."
        )
