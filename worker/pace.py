"""The pace of long jobs: so many articles a second, and no more."""

import time


class Pace:
    """Holds work back to `rate` articles a second; 0: it goes as fast as it can.

    >>> Pace(0.0).batch(200), Pace(50.0).batch(200), Pace(0.5).batch(200)
    (200, 50, 1)
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._started = time.monotonic()

    def batch(self, most: int) -> int:
        """Return how many articles to take at once: those of a second, `most` at most."""
        return max(1, min(most, int(self._rate))) if self._rate else most

    def early(self, done: int) -> float:
        """Return the seconds to wait now that so many articles are done."""
        if not self._rate:
            return 0.0
        return max(0.0, self._started + done / self._rate - time.monotonic())

    def measured(self, done: int) -> float:
        """Return the articles a second so far."""
        return done / max(1e-6, time.monotonic() - self._started)
