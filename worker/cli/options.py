"""Options that several commands share. An option that is not given leaves the setting as it is."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from worker.settings import Settings

if TYPE_CHECKING:
    import redis

Redis = Annotated[
    str | None,
    typer.Option(
        "--redis",
        help="Redis or Valkey URL; else the embedded server. (COPYDESK_REDIS_URL)",
        metavar="URL",
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="Store: an SQLite file or an SQLAlchemy URL. (COPYDESK_STORE)",
        metavar="PATH|URL",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Folder of the embedded server and the default store. (COPYDESK_DATA_DIR)",
    ),
]
Profile = Annotated[
    Literal["light", "full"] | None,
    typer.Option("--profile", help="Which enrichers run. (COPYDESK_PROFILE)"),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        "-c",
        min=1,
        help="Worker processes; else one a core. (COPYDESK_CONCURRENCY)",
    ),
]
Direct = Annotated[
    bool | None,
    typer.Option(
        "--direct",
        help="Without Celery: the workers take from the stream themselves. [env: COPYDESK_DIRECT]",
        show_default=False,
    ),
]
LowLatency = Annotated[
    bool | None,
    typer.Option(
        "--low-latency",
        help="Do not wait for batches to fill even while workers are busy. [env: COPYDESK_LOW_LATENCY]",
        show_default=False,
    ),
]
Lines = Annotated[
    str,
    typer.Argument(
        help="A file of JSON Lines, also .gz or .zst; - reads standard input.", metavar="[PATH]"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]
Lane = Annotated[Literal["live", "backlog"], typer.Option("--lane", help="Which lane.")]


def settings(**given: Any) -> Settings:
    """Return the settings: what was given on the command line stands above the environment."""
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
