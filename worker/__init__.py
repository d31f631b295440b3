"""Copydesk: a streaming ingestion worker for news.

The Celery application is built when it is first asked for (`celery -A worker worker` finds it here), so
that importing a pure part of the package stays cheap.
"""

import os
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from celery import Celery

    celery: Celery


def __getattr__(name: str) -> Any:
    if name == "celery":
        # Processes are our parallelism: a pool of BLAS threads in each would only fight over the cores.
        for library in ("OPENBLAS", "OMP", "MKL"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        from worker.app import app  # noqa: PLC0415 - built on first use

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
