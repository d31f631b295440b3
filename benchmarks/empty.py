"""The engine alone: the real Celery application with stages that do nothing.

`celery -A benchmarks.empty worker` takes batches of entries and settles them, and that is all.
"""

from collections.abc import Sequence

from worker import work
from worker.app import app
from worker.entries import Entry, Settlement
from worker.outcomes import Outcome
from worker.pipeline import Pipeline, Result


class Empty(Pipeline):
    """Finds every article new."""

    def process(self, entries: Sequence[Entry], result: Result) -> None:
        """Settle all entries."""
        result.settlements += [Settlement(entry, Outcome.NEW) for entry in entries]


work.Pipeline = Empty  # type: ignore[misc]

__all__ = ["app"]
