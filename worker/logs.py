"""Logs: one event per line, on stderr; readable on a terminal, JSON elsewhere."""

import logging
import sys

import structlog

from worker.settings import Settings

_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
"""Variables of a frame may hold a password, or an article of five megabytes: they are left out."""


def set_up(settings: Settings) -> None:
    """Configure structlog and the standard library's logging alike."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    readable = settings.log_format == "console" or (
        settings.log_format == "auto" and sys.stderr.isatty()
    )
    renderer: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [_TRACEBACKS, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # What Celery logs at INFO, our own line per batch says better.
    logging.getLogger("celery.worker.strategy").setLevel(max(level, logging.WARNING))
    logging.getLogger("celery.app.trace").setLevel(max(level, logging.WARNING))
    logging.getLogger("celery.worker.request").addFilter(_acks_guard_nothing)


def _acks_guard_nothing(record: logging.LogRecord) -> bool:
    """Make a warning of a message that Celery could not acknowledge, which is critical to it.

    Here it costs nothing: a message that comes again finds its articles settled.
    """
    if str(record.msg).startswith("Couldn't ack"):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = None
    return True
