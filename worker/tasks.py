"""The Celery tasks. Each is a thin shell over a function that knows nothing of Celery."""

import redis
import structlog

from worker.app import app
from worker.lanes import Lane
from worker.work import process_batch

log = structlog.get_logger(__name__)


@app.task(name="copydesk.process")
def process(lane: str, ids: list[str], *, probe: bool = False) -> None:
    """Carry a batch of raw entries through all stages."""
    try:
        process_batch(app.services(), Lane(lane), ids, probe=probe)
    except redis.RedisError as error:
        log.warning("the server is away, the batch will be issued again", error=str(error))
