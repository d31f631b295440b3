"""`copydesk replay`."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from worker.cli import options
from worker.cli.prose import Ticker, counted, resumable, say_passed_over, spoken
from worker.cli.times import point

if TYPE_CHECKING:
    import redis as redis_client

    from worker.replay import Items, Progress
    from worker.settings import Settings

STAMP = "ID|TIME"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options that say which articles are replayed."""

    archive: Annotated[
        str | None, typer.Option(metavar="URL", help="Replay an archive of raw articles.")
    ] = None
    stream: Annotated[
        Literal["live", "backlog"] | None,
        typer.Option(help="Replay what is still in the raw stream of a lane."),
    ] = None
    stored: Annotated[
        str | None,
        typer.Option(
            metavar="ENRICHERS",
            help="Run these enrichers over the stored articles, without new revisions.",
        ),
    ] = None
    since: Annotated[
        str | None, typer.Option(metavar=STAMP, help="Start at this day, time or stream id.")
    ] = None
    until: Annotated[
        str | None, typer.Option(metavar=STAMP, help="Stop at this day, time or stream id.")
    ] = None
    source: Annotated[str | None, typer.Option(help="Only articles from this source or host.")] = (
        None
    )


@dataclass(frozen=True, slots=True)
class Course:
    """The options that say how the replay runs."""

    rate: Annotated[
        float, typer.Option(min=0.0, help="Articles per second at most; 0: as fast as they settle.")
    ] = 0.0
    name: Annotated[
        str | None, typer.Option(help="Name of the checkpoint. Default: derived from what is read.")
    ] = None
    restart: Annotated[
        bool, typer.Option("--restart", help="Start over instead of continuing an interrupted run.")
    ] = False


@options.expanded
def replay(
    wanted: Wanted,
    course: Course,
    paths: Annotated[
        list[str] | None, typer.Argument(help="Files or folders.", metavar="PATH")
    ] = None,
    redis: options.Redis = None,
    store: options.Store = None,
    data_dir: options.DataDir = None,
    json: options.Json = False,
) -> None:
    """Publish a backlog into the backlog lane: resumable, rate-limited, behind live articles.

    Run an interrupted replay again and it continues where it stopped. Running it twice is safe.
    """
    import orjson

    from worker.files import find_files

    stored = wanted.stored
    if sum(map(bool, (paths, wanted.archive, wanted.stream, stored))) != 1:
        raise typer.BadParameter("Give exactly one of: files, --archive, --stream, --stored.")
    if paths and (wanted.since or wanted.until):
        raise typer.BadParameter("Files have no times: leave out --since and --until.")
    passed_over: Counter[str] = Counter()
    files = find_files(paths or [], passed_over=passed_over)
    say_passed_over(passed_over)
    settings = options.settings(redis_url=redis, store=store, data_dir=data_dir)
    with options.connected(settings) as client:
        if stored:
            last = _shown(_restage(client, settings, stored, wanted, course))
        else:
            last = _shown(_publish(client, settings, files, wanted, course))
        if json:
            typer.echo(orjson.dumps(last.as_dict()).decode())
        elif stored:
            typer.echo(f"{counted(last.published, 'stored article')} went through {stored} again.")
        else:
            typer.echo(f"Published {counted(last.published, 'article')} into the backlog lane.")
        if last.published and not stored:
            options.say_if_nobody_works(client, settings)


def _publish(
    client: "redis_client.Redis",
    settings: "Settings",
    files: list[str],
    wanted: Wanted,
    course: Course,
) -> "Iterator[Progress]":
    from worker.replay import Replay, name_of

    name = course.name or name_of(
        files, wanted.archive, wanted.stream, wanted.since, wanted.until, wanted.source
    )
    running = Replay(client, settings, name, say=_warn)
    if course.restart:
        running.forget()
    progress = running.progress()
    if files:
        items = _from_files(files, wanted, progress)
    elif wanted.archive:
        items = _from_archive(wanted.archive, wanted, progress)
    else:
        items = _from_stream(client, settings, wanted, progress)
    if progress.published:
        typer.echo(f"Continuing after {counted(progress.published, 'article')}.", err=True)
    return running.run(items, progress, rate=course.rate)


def _from_files(files: list[str], wanted: Wanted, progress: "Progress") -> "Items":
    from worker.replay_sources import from_files, of_source

    if "-" not in files:  # standard input can be read only once
        progress.total = _counted(of_source(from_files(files), wanted.source))
    return of_source(from_files(files, progress.position), wanted.source)


def _from_archive(url: str, wanted: Wanted, progress: "Progress") -> "Items":
    from functools import partial

    from worker.replay_sources import from_archive, of_source

    since, until = (point(day).date() if day else None for day in (wanted.since, wanted.until))
    read = partial(from_archive, url, since=since, until=until)
    progress.total = _counted(of_source(read(), wanted.source))
    return of_source(read(after=progress.position, say=_warn), wanted.source)


def _from_stream(
    client: "redis_client.Redis", settings: "Settings", wanted: Wanted, progress: "Progress"
) -> "Items":
    from worker.lanes import Keys, Lane
    from worker.replay_sources import end_of_stream, from_stream

    lane, keys = Lane(wanted.stream or Lane.LIVE), Keys(settings.namespace)
    first, last = _stream_id(wanted.since, "-"), _stream_id(wanted.until, "+")
    progress.end = progress.end or end_of_stream(client, keys, lane, last)

    def what_is_left() -> "Items":
        return from_stream(
            client, keys, lane, since=first, until=progress.end,
            source=wanted.source, after=progress.position,
        )  # fmt: skip

    progress.total = progress.published + _counted(what_is_left())
    return what_is_left()


def _restage(
    client: "redis_client.Redis",
    settings: "Settings",
    names: str,
    wanted: Wanted,
    course: Course,
) -> "Iterator[Progress]":
    from worker import enrichment
    from worker.replay import name_of
    from worker.restage import restage
    from worker.sinks.store import Query

    settings.enrichers = [part.strip() for part in names.split(",") if part.strip()]
    enrichers = enrichment.build(settings)
    since, until = (point(day) if day else None for day in (wanted.since, wanted.until))
    query = Query(source=wanted.source, since=since, until=until)
    name = course.name or name_of(names, wanted.since, wanted.until, wanted.source)
    return restage(
        client, settings, enrichers, name, query, rate=course.rate, restart=course.restart
    )


def _stream_id(text: str | None, default: str) -> str:
    from worker.replay_sources import stream_id

    try:
        return stream_id(text) if text else default
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _warn(text: str) -> None:
    Ticker().clear()
    typer.echo(text, err=True)


def _counted(items: "Iterable[object]") -> int:
    """Count what there is to do; of an archive that takes a while."""
    count = 0
    with Ticker() as tell:
        for count, _ in enumerate(items, start=1):
            tell(f"Counting: {count:,}")
    return count


def _shown(steps: "Iterable[Progress]") -> "Progress":
    """Show the progress on a terminal; return the last."""
    last: Progress | None = None
    with resumable(lambda: last.published if last else 0), Ticker() as tell:
        for last in steps:
            total = f" of {last.total:,}" if last.total is not None else ""
            eta = f", {spoken(last.eta)} to go" if last.eta is not None else ""
            tell(f"{last.published:,}{total}, {last.rate:,.0f}/s{eta}")
    if last is None:  # pragma: no cover - a replay ends with a step
        raise RuntimeError("a replay without an end")
    return last
