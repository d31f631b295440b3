"""The Celery application: one app, built by one function."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import structlog
from celery import Celery, signals
from kombu.entity import Queue

from worker import broker, services
from worker.addresses import Watched, is_watched
from worker.enrichment.base import Enricher
from worker.errors import ConfigurationError
from worker.lanes import Keys, Lane
from worker.logs import set_up
from worker.mainprocess import MainProcess
from worker.memory import limit_memory
from worker.services import Services
from worker.settings import Settings

log = structlog.get_logger(__name__)

ANSWERS = 5
"""Seconds in which the broker of the queues answers; then its connection is opened anew."""


class Desk(Celery):
    """The Celery application with its settings and, once a process, its services."""

    settings: Settings
    main: MainProcess
    _services: tuple[int, Services] | None = None

    @cached_property
    def enrichers(self) -> Sequence[Enricher]:
        """The enrichers and their models. Loaded before the pool forks, its children share their memory."""
        from worker import enrichment  # noqa: PLC0415 - an intake sends messages and needs no models

        settings = self.settings
        if settings.split_enrichment and "enrich" not in settings.queues:
            return []  # what is new is enriched elsewhere
        return enrichment.build(settings)

    def services(self) -> Services:
        """Return this process' services; a forked child builds its own, connections are not shared."""
        if self._services is None or self._services[0] != os.getpid():
            built = services.build(self.settings, self.enrichers, worker=self.main.name())
            self._services = (os.getpid(), built)
        return self._services[1]

    def close_services(self) -> None:
        """Close what this process has built."""
        if self._services is not None and self._services[0] == os.getpid():
            self._services[1].close()
            self._services = None


def build_app(settings: Settings) -> Desk:
    """Build the application of one desk. Nothing is connected yet."""
    keys = Keys(settings.namespace)
    url = settings.redis_url or broker.find_running(settings.data_dir) or "redis://localhost:6379/0"
    settings.redis_url = url
    watched = Watched.parse(url) if is_watched(url) and not settings.broker_url else None
    address = settings.broker_url or (watched.broker() if watched else url)
    desk = Desk("copydesk", broker=address, include=["worker.tasks"])
    desk.settings = settings
    desk.main = MainProcess(settings)
    desk.conf.update(
        task_queues=[Queue(name, routing_key=name) for name in keys.queues(["process", "enrich"])],
        task_default_queue=keys.queue(Lane.LIVE),
        task_serializer="json",
        accept_content=["json"],
        # The raw stream is the truth: a lost message is issued again, so nothing is gained by results,
        # events or late acknowledgement, and each of them costs round trips.
        task_ignore_result=True,
        task_acks_late=False,
        worker_send_task_events=False,
        task_send_sent_event=False,
        # One message is a whole batch, and a batch that waits in a worker's hands could run elsewhere.
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=not settings.broker_url,
        worker_max_memory_per_child=settings.max_child_memory // 1024 or None,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=settings.grace,
        task_time_limit=settings.hard_time_limit,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a Redis whose disk is full refuses commands until there is room
        broker_transport_options=_transport_options(settings, watched),
    )
    return desk


def _transport_options(settings: Settings, watched: Watched | None) -> dict[str, Any]:
    # Who waits on a connection that has died without a word, or on a server that is silent, would wait until
    # the system gives it up: for a quarter of an hour, or for ever.
    if settings.broker_url and not settings.broker_url.startswith(("redis", "sentinel")):
        rabbit = settings.broker_url.startswith(("amqp", "pyamqp"))
        bounds = {"read_timeout": ANSWERS, "write_timeout": ANSWERS} if rabbit else {}
        return {**bounds, **settings.broker_options}
    return {
        # Live before backlog: queues are asked in the order in which they stand in `-Q`.
        "queue_order_strategy": "priority",
        # Kombu would keep a copy of each message on the server until it is acknowledged. If the server is
        # away at that moment, the message counts as held for ever, and its worker takes no other one.
        "ack_emulation": False,
        "health_check_interval": 10,
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        "socket_timeout": ANSWERS,
        **(watched.broker_options() if watched else {}),
        **settings.broker_options,
    }


app = build_app(Settings())


@signals.worker_init.connect
def _load_models(**_: Any) -> None:
    """Load the models in the parent, before it forks its pool."""
    from worker.sinks import check_names  # noqa: PLC0415 - an intake needs no stages
    from worker.warmup import warm_up  # noqa: PLC0415

    set_up(app.settings)  # Celery sets up logging only later
    try:
        check_names(app.settings)
        warm_up(app.enrichers)
    except ConfigurationError as error:
        raise SystemExit(f"copydesk: The worker cannot start: {error}") from error
    except Exception as error:  # Celery would log it and go on, and every batch would fail for ever
        log.exception("the models cannot be loaded")
        raise SystemExit(f"copydesk: The worker cannot start: {error}") from error
    log.info("models loaded", enrichers=[enricher.name for enricher in app.enrichers])


@signals.worker_ready.connect
def _say_who_lives(**_: Any) -> None:
    app.main.start()


@signals.worker_shutting_down.connect
def _begin_stop(**_: Any) -> None:
    app.main.begin_stop()


@signals.worker_shutdown.connect
def _end_stop(**_: Any) -> None:
    app.main.end_stop()


@signals.worker_process_init.connect
def _open_services(**_: Any) -> None:
    """Connect in the child, so that the first batch finds everything open."""
    limit_memory(app.settings.child_memory_limit)
    app.services().limits.install()


@signals.worker_process_shutdown.connect
def _close_services(**_: Any) -> None:
    app.close_services()


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    set_up(app.settings)
