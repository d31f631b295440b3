"""taskiq, one message an article, over its Redis list."""

import os
from typing import Any

from taskiq_redis import ListQueueBroker

from benchmarks.rivals import done

broker = ListQueueBroker(os.environ["BENCH_REDIS_URL"])


@broker.task
async def process(_article: dict[str, Any]) -> None:
    """Do nothing."""
    done()
