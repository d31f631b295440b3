"""Celery, one task an article, without results and events."""

import os
from typing import Any

from celery import Celery

from benchmarks.rivals import done

app = Celery("rival", broker=os.environ["BENCH_REDIS_URL"])
app.conf.update(
    task_ignore_result=True, worker_send_task_events=False, worker_prefetch_multiplier=64
)


@app.task
def process(_article: dict[str, Any]) -> None:
    """Do nothing."""
    done()
