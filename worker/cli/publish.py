"""`copydesk publish`."""

from collections import Counter
from typing import Annotated

import typer

from worker.cli import options
from worker.cli.prose import Ticker, counted, say_passed_over


def publish(
    paths: options.Paths,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    lane: options.Lane = "live",
    wait: Annotated[
        bool,
        typer.Option(
            "--wait/--fail", help="Wait or fail while the lane is full (COPYDESK_WAITING_LIMIT)."
        ),
    ] = True,
    json: options.Json = False,
) -> None:
    """Publish files of raw articles for workers that run elsewhere.

    Reads the same files as `ingest`. Exit status: 0 all published; 1 a file could not be read.
    """
    import orjson

    from worker.cli import EXIT_FAILED
    from worker.cli.progress import Waiting
    from worker.files import find_files, read_files
    from worker.lanes import Lane
    from worker.pressure import WhenFull
    from worker.publisher import Publisher

    passed_over: Counter[str] = Counter()
    files = find_files(paths, passed_over=passed_over)
    say_passed_over(passed_over)
    settings = options.reachable(options.settings(redis_url=redis, data_dir=data_dir))
    when_full = WhenFull.WAIT if wait else WhenFull.FAIL
    unreadable: list[str] = []
    with Publisher(settings, when_full=when_full, on_wait=Waiting()) as publisher:
        published = 0
        articles = read_files(files, unreadable=unreadable)
        with Ticker() as tell:
            for published in publisher.publish_many(articles, lane=Lane(lane)):
                tell(f"Published: {published:,}")
        stream = publisher.keys.raw(Lane(lane))
        if json:
            result = {"published": published, "stream": stream, "unreadable": unreadable}
            typer.echo(orjson.dumps(result).decode())
        else:
            typer.echo(f"Published {counted(published, 'article')} to {stream}.")
        if published:
            options.say_if_nobody_works(publisher.client, settings)
    for problem in unreadable:
        typer.echo(f"copydesk: {problem}", err=True)
    if unreadable:
        raise typer.Exit(EXIT_FAILED)
