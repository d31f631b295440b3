"""How many articles go into a batch: as many as a worker processes in a given time.

A live article waits for the batch that is in work. With quick enrichers that is hardly noticed; with slow
ones, or on a busy machine, a full batch of a backlog would delay it by seconds.
"""

import math
from typing import Any

import redis

from worker.lanes import Keys, Lane
from worker.outcomes import Outcome, Stage

LEAST = 4
"""Articles in a batch, at least: the cost of a batch is not worth fewer."""
FIRST = 64
"""Articles in a batch before it is known how long they take."""
ENOUGH = 20
"""Articles, at least, from which the time of one is estimated."""

SMALLEST = 1 / 8
"""Share of the given time below which a batch is not worth its own cost."""


class BatchSize:
    """Sizes batches by the time that the last articles took, over all workers."""

    articles: int
    """Articles in a whole batch."""
    least: int
    """Articles that are worth a batch of their own: a few slow ones, or a whole batch of quick ones."""

    def __init__(self, most: int, seconds: float, usual: float = 0.0) -> None:
        """`seconds` is the given time; `usual`, a longer one, decides what is worth a batch."""
        self.articles = min(FIRST, most)
        self.least = math.ceil(self.articles * SMALLEST)
        self._most = most
        self._seconds = seconds
        self._usual = max(seconds, usual)
        self._seen = (0.0, 0)

    def look(self, client: redis.Redis, keys: Keys) -> None:
        """Read how many articles were settled since the last estimate, and how long they took."""
        spent, settled = 0.0, 0
        for lane in Lane:
            counts: Any = client.hgetall(keys.counts(lane))
            spent += sum(int(counts.get(f"{stage}_us".encode(), 0)) for stage in Stage) / 1e6
            settled += sum(int(counts.get(outcome.value.encode(), 0)) for outcome in Outcome)
        self.learn(spent, settled)

    def learn(self, spent: float, settled: int) -> None:
        """Take in the seconds spent and the articles settled so far.

        Batches shrink at once but grow to twice their size at most: a run of copies says little about the
        articles that follow.

        >>> size = BatchSize(64, seconds=0.5)
        >>> size.learn(spent=2.0, settled=100)
        >>> size.articles
        25
        """
        articles = settled - self._seen[1]
        if articles < 0:  # the counts were deleted
            self._seen = (spent, settled)
        elif articles >= ENOUGH:
            each = max(1e-6, (spent - self._seen[0]) / articles)
            self._seen = (spent, settled)
            fits = int(self._seconds / each)
            self.articles = max(min(LEAST, self._most), min(self._most, fits, 2 * self.articles))
            self.least = min(self.articles, max(1, int(self._usual / each * SMALLEST)))
