"""Time limits for a batch, an article and a delivery, kept by an interval timer of the process itself.

They raise a `BaseException`, because a stage that survives every fault of an article must not survive these.
They interrupt Python code, and C code once it returns to Python. Code that never does is ended by Celery's
hard limit, which kills the process.
"""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from types import FrameType

INTERRUPT = signal.SIGUSR2
"""Sent by the main process of a worker to its children when the grace period of a shutdown is over."""

AGAIN = 1.0
"""Seconds after which the timer rings once more."""


class Scope(StrEnum):
    """What a limit applies to."""

    BATCH = "batch"
    ARTICLE = "article"
    DELIVERY = "delivery"


class OutOfTimeError(BaseException):
    """The time for a batch, an article or a delivery is over."""

    def __init__(self, scope: Scope, seconds: float) -> None:
        super().__init__(f"It took longer than the {seconds:g} s that one {scope} may take.")
        self.scope = scope


class InterruptedBatchError(BaseException):
    """The worker is stopping, and the grace period is over: leave everything as it is."""


class TimeLimits:
    """Nested time limits. Only the main thread can be interrupted; elsewhere nothing is limited.

    `install` it once in each worker process, so that a shutdown can interrupt it as well.
    """

    def __init__(self) -> None:
        self._deadlines: list[tuple[float, Scope, float]] = []
        self._rings = math.inf
        """When the timer rings next. If nothing is due by then, it is wound up again."""
        self._installed = False

    def install(self) -> None:
        """Handle the timer's signal and the shutdown's."""
        signal.signal(signal.SIGALRM, self._ring)
        signal.signal(INTERRUPT, self._interrupt)
        self._installed = True

    def batch(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the block. A shutdown interrupts only inside it.

        Raises:
            OutOfTimeError: with the scope `batch`.
            InterruptedBatchError: the worker is stopping.
        """
        return self._limit(Scope.BATCH, seconds)

    def article(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the work on one article, within the limit of its batch.

        Raises:
            OutOfTimeError: with the scope of the limit that was reached first.
        """
        return self._limit(Scope.ARTICLE, seconds)

    def delivery(self, seconds: float) -> AbstractContextManager[None]:
        """Limit one call of the sinks, within the limit of its batch.

        Raises:
            OutOfTimeError: with the scope of the limit that was reached first.
        """
        return self._limit(Scope.DELIVERY, seconds)

    @contextmanager
    def _limit(self, scope: Scope, seconds: float) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        if not self._installed:
            self.install()
        depth = len(self._deadlines)
        try:  # a signal may strike between any two of these
            deadline = time.monotonic() + seconds
            self._deadlines.append((deadline, scope, seconds))
            if deadline < self._rings:  # hardly ever: the limits of articles follow one another
                self._wind()
            yield
        finally:
            # Removed first: a signal that comes late finds no limit that is reached, and does nothing.
            del self._deadlines[depth:]
            if not self._deadlines:
                self._wind()

    def _wind(self) -> None:
        """Set the timer to the nearest deadline; one that is over rings at once."""
        self._rings = min((deadline for deadline, _, _ in self._deadlines), default=math.inf)
        if self._deadlines:
            # It rings again and again: an exception that somebody swallowed must not be the last.
            seconds = max(1e-6, self._rings - time.monotonic())
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        else:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        for deadline, scope, seconds in self._deadlines:  # the batch comes first
            if now >= deadline:
                self._rings = now + AGAIN
                raise OutOfTimeError(scope, seconds)
        self._wind()

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._deadlines:
            raise InterruptedBatchError
