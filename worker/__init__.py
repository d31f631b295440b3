"""Copydesk: a streaming ingestion worker for news.

The Celery application is built when it is first asked for (`celery -A worker worker` finds it here), so
that importing a pure part of the package stays cheap.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from celery import Celery

    celery: Celery


def __getattr__(name: str) -> Any:
    if name == "celery":
        from worker.app import app  # noqa: PLC0415 - built on first use

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
