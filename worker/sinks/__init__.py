"""Sinks: where articles go."""

from collections.abc import Callable
from importlib.metadata import entry_points

import redis

from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings
from worker.sinks.archive import build_archive
from worker.sinks.base import Sink

GROUP = "copydesk.sinks"
"""Entry point group of third parties: name = "module:callable", called with settings and a Redis client."""

Builder = Callable[[Settings, "redis.Redis"], Sink]


def build(settings: Settings, redis_client: "redis.Redis") -> list[Sink]:
    """Return the sinks that the settings name, first the store, which assigns revisions.

    Call it in the process that uses them.

    Raises:
        ConfigurationError: there is no sink of that name, or it cannot be loaded or opened.
    """
    names = sorted(dict.fromkeys(settings.sinks), key=lambda name: name != "sql")
    return [_builder(name)(settings, redis_client) for name in names]


def check(settings: Settings, redis_client: "redis.Redis") -> None:
    """Make sure, before the work begins, that every sink and the archive can be written.

    Raises:
        ConfigurationError: one cannot, or does not answer; the text says what to do.
    """
    check_names(settings)
    build_archive(settings.archive).check()
    for sink in build(settings, redis_client):
        try:
            if check_more := getattr(sink, "check", None):  # the store looks at its table
                check_more()
            sink.ping()
        except TransientError as error:
            advice = " Fix that, or choose another with --store." if sink.name == "sql" else ""
            raise ConfigurationError(f"{error}.{advice}") from error
        finally:
            sink.close()


def check_names(settings: Settings) -> None:
    """Make sure that the sinks named in the settings exist, and the package that the archive needs.

    Nothing is opened: a service that is away will be waited for, but a wrong name would be wrong for ever.

    Raises:
        ConfigurationError: there is no sink of that name, or the archive's kind needs a package.
    """
    for name in settings.sinks:
        _builder(name)
    build_archive(settings.archive)


def _builder(name: str) -> Builder:
    if name in _BUILDERS:
        return _BUILDERS[name]
    plugins = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in plugins:
        known = ", ".join(sorted([*_BUILDERS, *plugins]))
        raise ConfigurationError(f"There is no sink {name!r}. COPYDESK_SINKS can name: {known}.")
    try:
        builder: Builder = plugins[name].load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The sink {name!r} ({plugins[name].value}) cannot be loaded: {error}"
        ) from error
    return builder


def _sql(settings: Settings, _client: "redis.Redis") -> Sink:
    from worker.sinks.sql import SqlSink  # noqa: PLC0415 - SQLAlchemy: commands need none

    daily = settings.store_partitions == "day"
    return SqlSink(settings.store_url(), timeout=settings.store_timeout, daily=daily)


def _stream(settings: Settings, client: "redis.Redis") -> Sink:
    from worker.sinks.stream import StreamSink  # noqa: PLC0415

    return StreamSink(
        client,
        namespace=settings.namespace,
        window=settings.window_days * 86_400,
        max_length=settings.output_max_length,
        statuses=settings.output_statuses,
    )


_BUILDERS: dict[str, Builder] = {"sql": _sql, "stream": _stream}
