"""`copydesk publish`."""

from typing import Annotated

import typer

from worker.cli import options


def publish(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files or folders; - reads JSONL from stdin.", metavar="PATH…"),
    ],
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    lane: options.Lane = "live",
    wait: Annotated[
        bool,
        typer.Option(
            "--wait/--fail", help="What to do while the lane is full (COPYDESK_WAITING_LIMIT)."
        ),
    ] = True,
    json: options.Json = False,
) -> None:
    """Publish files of raw articles for workers that run elsewhere."""
    import orjson

    from worker.files import find_files, read_files
    from worker.lanes import Lane
    from worker.pressure import WhenFull
    from worker.publisher import Publisher

    settings = options.reachable(options.settings(redis_url=redis, data_dir=data_dir))
    files = find_files(paths)
    with Publisher(settings, when_full=WhenFull.WAIT if wait else WhenFull.FAIL) as publisher:
        steps = publisher.publish_many(read_files(files), lane=Lane(lane))
        published = max(steps, default=0)
        stream = publisher.keys.raw(Lane(lane))
    if json:
        typer.echo(orjson.dumps({"published": published, "stream": stream}).decode())
    else:
        typer.echo(f"Published {published:,} articles to {stream}.")
