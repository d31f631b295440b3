"""Sinks: where articles go."""

from collections.abc import Callable

import redis

from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings
from worker.sinks.base import Sink


def build(settings: Settings, redis_client: "redis.Redis") -> list[Sink]:
    """Return the sinks that the settings name; call it in the process that uses them.

    Raises:
        ConfigurationError: a name is not one of a sink, or the store cannot be opened.
    """
    unknown = sorted(set(settings.sinks) - set(_BUILDERS))
    if unknown:
        known = ", ".join(sorted(_BUILDERS))
        raise ConfigurationError(
            f"There is no sink {unknown[0]!r}; COPYDESK_SINKS names some of: {known}."
        )
    return [_BUILDERS[name](settings, redis_client) for name in dict.fromkeys(settings.sinks)]


def check(settings: Settings, redis_client: "redis.Redis") -> None:
    """Make sure that every sink can be written, so that a wrong store is told before the work begins.

    Raises:
        ConfigurationError: a sink is not as it must be, or does not answer; the text says what to do.
    """
    for sink in build(settings, redis_client):
        try:
            sink.ping()
        except TransientError as error:
            advice = " Put that right, or name another with --store." if sink.name == "sql" else ""
            raise ConfigurationError(f"{error}.{advice}") from error
        finally:
            sink.close()


def _sql(settings: Settings, _client: "redis.Redis") -> Sink:
    from worker.sinks.sql import SqlSink  # noqa: PLC0415 - SQLAlchemy: commands need none

    return SqlSink(settings.store_url(), timeout=settings.store_timeout)


def _stream(settings: Settings, client: "redis.Redis") -> Sink:
    from worker.sinks.stream import StreamSink  # noqa: PLC0415

    return StreamSink(
        client,
        namespace=settings.namespace,
        window=settings.window_days * 86_400,
        max_length=settings.output_max_length,
        statuses=settings.output_statuses,
    )


_BUILDERS: dict[str, Callable[[Settings, "redis.Redis"], Sink]] = {"sql": _sql, "stream": _stream}
