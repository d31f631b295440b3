"""Options that several commands share. An option that is not given leaves the setting as it is."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from worker.cli.times import moment
from worker.settings import Settings

if TYPE_CHECKING:
    import redis

    from worker.dedup.index import RedisIndex
    from worker.sinks.store import Query

Redis = Annotated[
    str | None,
    typer.Option(
        "--redis",
        help="URL of a Redis or Valkey server. Default: the embedded server. (COPYDESK_REDIS_URL)",
        metavar="URL",
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Where results are stored: an SQLite file or an SQLAlchemy URL. (COPYDESK_STORE)",
        metavar="PATH|URL",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder for the embedded server and the default store. (COPYDESK_DATA_DIR)",
    ),
]
Profile = Annotated[
    Literal["light", "full"] | None,
    typer.Option("--profile", help="Which set of enrichers to run. (COPYDESK_PROFILE)"),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        "-c",
        min=1,
        help="Number of worker processes. Default: one per core. (COPYDESK_CONCURRENCY)",
    ),
]
Direct = Annotated[
    bool | None,
    typer.Option(
        "--direct",
        help="Run without Celery: each worker reads the stream itself. (COPYDESK_DIRECT)",
        show_default=False,
    ),
]
LowLatency = Annotated[
    bool | None,
    typer.Option(
        "--low-latency",
        help="Use shorter batches: live articles wait less, throughput is lower. (COPYDESK_LOW_LATENCY)",
        show_default=False,
    ),
]
Paths = Annotated[
    list[str],
    typer.Argument(help="Files or folders, or - for JSON Lines on standard input.", metavar="PATH"),
]
Lines = Annotated[
    str,
    typer.Argument(
        help="A JSON Lines file or another kind that `ingest` reads, or - for standard input (JSON Lines).",
        metavar="PATH",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON to stdout, for programs.")]
Lane = Annotated[Literal["live", "backlog"], typer.Option("--lane", help="Lane to publish to.")]


@dataclass(frozen=True, slots=True)
class Desk:
    """The options of a command that runs workers."""

    redis: Redis = None
    store: Store = None
    data_dir: DataDir = None
    profile: Profile = None
    concurrency: Concurrency = None
    direct: Direct = None
    low_latency: LowLatency = None

    def settings(self, **more: Any) -> Settings:
        """Return the settings: what was given on the command line stands above the environment."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return settings(redis_url=given.pop("redis"), **given, **more)


@dataclass(frozen=True, slots=True)
class Selection:
    """The options that say which articles of the store are meant."""

    status: Annotated[
        Literal["new", "update", "duplicate", "all"] | None,
        typer.Option(help="Only articles that ended so; else what was delivered: new and update."),
    ] = None
    source: Annotated[str | None, typer.Option(help="Only this outlet or feed.")] = None
    language: Annotated[
        str | None, typer.Option(help="Only this language, an ISO 639-1 code.", metavar="CODE")
    ] = None
    since: Annotated[
        dt.datetime | None,
        typer.Option(parser=moment, help="Published at or after: a date, or an age such as 24h."),
    ] = None
    until: Annotated[dt.datetime | None, typer.Option(parser=moment, help="Published before.")] = (
        None
    )
    all_revisions: Annotated[
        bool, typer.Option("--all-revisions", help="Every revision, not the latest alone.")
    ] = False

    def query(self) -> "Query":
        """Return what is meant, as the store is asked for it."""
        from worker.outcomes import Outcome
        from worker.sinks.store import DELIVERED, Query

        chosen = {None: DELIVERED, "all": (*DELIVERED, Outcome.DUPLICATE)}
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        status = given.pop("status")
        return Query(statuses=chosen.get(status) or (Outcome(status),), **given)


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function: of a parameter that is a dataclass, each field is an option."""
    hints: dict[str, Any] = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    parameters = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            parameters += [
                _keyword(one.name, one.default, one.type) for one in fields(groups[name])
            ]
        else:
            parameters.append(_keyword(name, parameter.default, hints[name]))

    def run(**given: Any) -> None:
        for name, kind in groups.items():
            given[name] = kind(**{one.name: given.pop(one.name) for one in fields(kind)})
        command(**given)

    run.__name__, run.__doc__, run.__module__ = (
        command.__name__,
        command.__doc__,
        command.__module__,
    )
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _keyword(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def settings(**given: Any) -> Settings:
    """Return the settings: what was given on the command line stands above the environment.

    Variables that look like misspelt settings are named on stderr.
    """
    from worker.cli import variables

    variables.warn()
    return Settings(**{name: value for name, value in given.items() if value is not None})


def reachable(settings: Settings) -> Settings:
    """Return settings with the URL of a server that answers: the one named, else our own that runs.

    Raises:
        ConfigurationError: none answers; the text says what to do.
    """
    from worker.broker import find_running
    from worker.services import check_server

    if not settings.redis_url:
        settings.redis_url = find_running(settings.data_dir)
    check_server(settings)
    return settings


def say_if_nobody_works(client: "redis.Redis", settings: Settings) -> None:
    """Say on stderr that published articles will wait, if no intake or no worker is running."""
    from worker.status import read_status

    desk = read_status(client, settings.namespace)
    roles = {"intake": desk.intakes, "worker": desk.workers}
    if missing := [role for role, there in roles.items() if not there]:
        typer.echo(
            f"Nothing will be processed yet: no {' and no '.join(missing)} is running. Unless you are just "
            "starting them, run `copydesk serve`, or `copydesk intake` and `copydesk worker`.",
            err=True,
        )


@contextmanager
def connected(settings: Settings) -> Iterator["redis.Redis"]:
    """Connect to the desk's server while inside; what `ingest` left in the data folder is opened for it.

    Raises:
        ConfigurationError: none answers, and there is nothing in the data folder.
    """
    from worker.broker import EmbeddedBroker
    from worker.services import connect

    with ExitStack() as stack:
        if not settings.redis_url and EmbeddedBroker.exists(settings.data_dir):
            settings.redis_url = stack.enter_context(EmbeddedBroker(settings.data_dir)).url
        client = connect(reachable(settings))
        stack.callback(client.close)
        yield client


@contextmanager
def opened_index(settings: Settings, name: str = "dedup") -> Iterator["RedisIndex"]:
    """Open a deduplication index while inside: on a server of its own, or on the desk's.

    Raises:
        ConfigurationError, TransientError: its server does not answer.
    """
    from worker.dedup.connect import index_client
    from worker.dedup.index import RedisIndex

    if settings.index_url:
        yield RedisIndex(index_client(settings.index_url), settings, name)
        return
    with connected(settings) as client:
        yield RedisIndex(client, settings, name)
