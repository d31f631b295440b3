"""The Celery tasks. Each is a thin shell over a function that knows nothing of Celery."""

from worker.app import app
from worker.lanes import Lane
from worker.work import process_batch


@app.task(name="copydesk.process")
def process(lane: str, ids: list[str]) -> None:
    """Carry a batch of raw entries through all stages."""
    process_batch(app.services(), Lane(lane), ids)
