"""What a sink is."""

from collections.abc import Sequence
from typing import Protocol

from worker.articles import Article


class Sink(Protocol):
    """A place that articles are delivered to, once each `(id, revision)`."""

    name: str

    def deliver(self, batch: Sequence[Article]) -> None:
        """Store the batch; a repeated `(id, revision)` changes nothing.

        The batch holds new articles and updates, and duplicates as records (`status` tells).

        Raises:
            TransientError: the sink is away or busy; the whole batch may be delivered again.
            RejectedError: it refuses one article for good (only when the batch holds one).
        """
        ...

    def ping(self) -> None:
        """Raise TransientError unless the sink answers."""
        ...

    def close(self) -> None:
        """Free connections and flush what is buffered."""
        ...
