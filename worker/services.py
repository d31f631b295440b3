"""Everything at the edges of a process, in one object that is built once."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from worker.addresses import client_at, hide_password
from worker.breaker import Breakers
from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings
from worker.sinks.archive import NoArchive, RawArchive, build_archive
from worker.streams import RawStreams
from worker.timelimits import TimeLimits

if TYPE_CHECKING:  # intakes and most commands connect, and need no stages
    from worker.cleaning.memory import PublisherMemory
    from worker.dedup.base import Index
    from worker.enrichment.base import Enricher
    from worker.enrichment.stories import Stories
    from worker.memo import Memo
    from worker.sinks.base import Sink


def _remember() -> "Memo":
    from worker.memo import Memo  # noqa: PLC0415 - an intake connects as well and cleans nothing

    return Memo()


@dataclass
class Services:
    """The edges of one worker process: Redis, index, sinks, models, clock."""

    settings: Settings
    client: redis.Redis
    streams: RawStreams
    index: "Index"
    enrichers: "Sequence[Enricher]"
    sinks: "Sequence[Sink]"
    archive: RawArchive | NoArchive = field(default_factory=NoArchive)
    clock: Callable[[], float] = time.time
    worker: str = ""
    """The name under which this process holds entries; it begins with `worker:`."""
    limits: TimeLimits = field(default_factory=TimeLimits)
    memo: "Memo" = field(default_factory=_remember)
    memory: "PublisherMemory | None" = None
    """The lines that outlets repeat; None: they are not removed."""
    stories: "Stories | None" = None
    """The stories that articles belong to; None: they are not assigned."""
    breakers: Breakers = field(init=False)

    def __post_init__(self) -> None:
        self.breakers = Breakers(self.client, self.settings)
        self.worker = self.worker or f"worker:{socket.gethostname()}:{os.getpid()}"

    def close(self) -> None:
        """Close the sinks and the connections."""
        for sink in self.sinks:
            sink.close()
        self.client.close()


def build(
    settings: Settings, enrichers: "Sequence[Enricher] | None" = None, *, worker: str = ""
) -> Services:
    """Build the services of this process; `enrichers` are those loaded before the fork."""
    from worker import enrichment, sinks  # noqa: PLC0415 - the intake and the commands need neither
    from worker.cleaning.memory import PublisherMemory  # noqa: PLC0415
    from worker.dedup.connect import index_of  # noqa: PLC0415
    from worker.enrichment.stories import Stories  # noqa: PLC0415

    client = connect(settings)
    return Services(
        settings=settings,
        client=client,
        streams=RawStreams(client, settings),
        index=index_of(settings, client),
        enrichers=enrichment.build(settings) if enrichers is None else enrichers,
        sinks=sinks.build(settings, client),
        archive=build_archive(settings.archive),
        worker=worker,
        memory=PublisherMemory(client, settings.namespace) if settings.publisher_memory else None,
        stories=Stories(client, settings) if settings.stories else None,
    )


def connect(settings: Settings) -> redis.Redis:
    """Return a client of the Redis server. Commands are retried for some seconds if the connection is lost.

    All our scripts and commands are safe to repeat: settling counts an entry once, claims belong to their
    holder, a delivery leaves a mark.

    Raises:
        ConfigurationError: no Redis is named and no embedded server runs.
    """
    if not settings.redis_url:
        raise ConfigurationError(
            f"No Redis is configured, and no embedded server is running in {settings.data_dir}. Start "
            "`copydesk serve`, or name one with --redis or COPYDESK_REDIS_URL."
        )
    try:
        return client_at(
            settings.redis_url,
            socket_timeout=10,
            socket_connect_timeout=5,
            socket_keepalive=True,
            health_check_interval=25,
            retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=6),
        )
    except ValueError as error:
        raise ConfigurationError(
            f"{hide_password(settings.redis_url)} is not a Redis URL: {str(error).rstrip('.')}. Write "
            "redis://[USER:PASSWORD@]HOST[:PORT][/DB]."
        ) from error


def check_server(settings: Settings) -> None:
    """Make sure that the Redis server answers, is recent enough, and evicts nothing.

    Raises:
        ConfigurationError: otherwise; the text names the URL and what to do.
    """
    url = hide_password(settings.redis_url or "")
    client = connect(settings)
    client.set_retry(Retry(ExponentialBackoff(cap=0.5, base=0.05), retries=1))
    try:
        server = client.info("server")
        memory = client.info("memory")
    except redis.AuthenticationError as error:
        raise ConfigurationError(
            f"Redis at {url} refuses the password: {error}. Put it in the URL: redis://:PASSWORD@HOST:PORT/0"
        ) from error
    except redis.ResponseError:
        return  # a managed server may not tell
    except (redis.RedisError, OSError) as error:
        raise ConfigurationError(
            f"No Redis answers at {url} ({error}). Start it, or choose another with --redis or "
            "COPYDESK_REDIS_URL; without either, `copydesk ingest` and `copydesk serve` start their own."
        ) from error
    finally:
        client.close()
    version = str(server.get("valkey_version") or server.get("redis_version") or "0")
    if int(version.split(".", maxsplit=1)[0]) < 7:
        raise ConfigurationError(
            f"Redis at {url} is version {version}; Copydesk needs Redis 7 or Valkey 7 and later."
        )
    _refuse_eviction(f"Redis at {url}", memory, "articles")


def _refuse_eviction(server: str, memory: dict[str, Any], kept: str) -> None:
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise ConfigurationError(
            f"{server} has maxmemory-policy {policy}: it would discard {kept} when it is full. "
            "Set it to noeviction."
        )


def check_others(settings: Settings) -> None:
    """Make sure that Celery's broker and the index answer, if they have servers of their own.

    Raises:
        ConfigurationError: one does not; the text names the URL and what to do.
    """
    if settings.broker_url and not settings.direct:
        _check_broker(settings, settings.broker_url)
    if settings.index_url:
        from worker.dedup.connect import index_client  # noqa: PLC0415 - most desks have it with the streams

        try:
            client = index_client(settings.index_url)
        except TransientError as error:
            raise ConfigurationError(
                f"{str(error).rstrip('.')}. Start it, or choose another with COPYDESK_INDEX_URL."
            ) from error
        memory: Any = {}
        with suppress(redis.ResponseError):  # a managed server may not tell
            memory = client.info("memory")
        client.close()
        server = f"The index at {hide_password(settings.index_url)}"
        _refuse_eviction(server, memory, "what it knows")


def _check_broker(settings: Settings, address: str) -> None:
    from amqp.exceptions import AMQPError  # noqa: PLC0415 - most commands need no broker
    from kombu.connection import Connection  # noqa: PLC0415
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    url = ";".join(map(hide_password, address.split(";")))
    try:
        with Connection(  # type: ignore[no-untyped-call]
            address, transport_options=settings.broker_options, connect_timeout=5
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.5)
    except KeyError as error:
        raise ConfigurationError(
            f"The broker {url} is not of a kind that Celery knows. Set COPYDESK_BROKER_URL to "
            "amqp://… or sentinel://…, or leave it out to use Redis."
        ) from error
    except AMQPError as error:
        raise ConfigurationError(
            f"The broker at {url} refuses the login ({error}). Check user, password and virtual host in "
            "COPYDESK_BROKER_URL."
        ) from error
    except (OperationalError, OSError, ValueError, redis.RedisError) as error:
        raise ConfigurationError(
            f"No broker answers at {url} ({error}). Start it, or choose another with COPYDESK_BROKER_URL."
        ) from error
