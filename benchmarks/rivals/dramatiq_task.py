"""Dramatiq, one message an article."""

import os
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from benchmarks.rivals import done

dramatiq.set_broker(RedisBroker(url=os.environ["BENCH_REDIS_URL"]))


@dramatiq.actor
def process(_article: dict[str, Any]) -> None:
    """Do nothing."""
    done()
