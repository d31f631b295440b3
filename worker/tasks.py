"""The Celery tasks. Each is a thin shell over a function that knows nothing of Celery."""

import redis
import structlog
from kombu.exceptions import OperationalError

from worker.app import app
from worker.lanes import Keys, Lane
from worker.work import HandOn, process_batch

log = structlog.get_logger(__name__)


@app.task(name="copydesk.process")
def process(lane: str, ids: list[str], *, probe: bool = False) -> None:
    """Carry a batch of raw entries through all stages; with `split_enrichment` up to the enrichment."""
    _run(lane, ids, probe=probe, hand_on=_send_on if app.settings.split_enrichment else None)


@app.task(name="copydesk.enrich")
def enrich(lane: str, ids: list[str], *, probe: bool = False) -> None:
    """Carry entries that were handed on through all stages: their claims in the index are theirs already."""
    _run(lane, ids, probe=probe)


def _send_on(lane: Lane, ids: list[str], now: int, probe: bool) -> None:
    queue = Keys(app.settings.namespace).enrich_queue(lane)
    options = {"probe": True} if probe else {}
    try:
        enrich.apply_async(
            (lane.value, ids), options, queue=queue, headers={"issued": now}, retry=False
        )
    except OperationalError as error:
        log.warning("the broker is away, the batch will be issued again", error=str(error))


def _run(lane: str, ids: list[str], *, probe: bool = False, hand_on: HandOn | None = None) -> None:
    try:
        process_batch(app.services(), Lane(lane), ids, probe=probe, hand_on=hand_on)
    except redis.RedisError as error:
        log.warning("the server is away, the batch will be issued again", error=str(error))
