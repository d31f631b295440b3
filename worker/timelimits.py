"""Time limits of a batch, of an article and of a delivery, kept by an interval timer of the process itself.

What they raise are no `Exception`s: a stage that survives every fault of an article must not survive these.
They reach code that runs Python, or C code that returns to it. For code that never does, Celery's hard limit
kills the process.
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
"""The main process of a worker sends it to its children when the grace period of a shutdown is over."""

AGAIN = 1.0
"""Seconds after which the timer rings once more."""


class Scope(StrEnum):
    """What a limit is set on."""

    BATCH = "batch"
    ARTICLE = "article"
    DELIVERY = "delivery"


class OutOfTimeError(BaseException):
    """The time for a batch or for an article is over."""

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
        """When the timer rings next; it may find that nothing is due, and is wound up again then."""
        self._installed = False

    def install(self) -> None:
        """Handle the timer's signal and the shutdown's."""
        signal.signal(signal.SIGALRM, self._ring)
        signal.signal(INTERRUPT, self._interrupt)
        self._installed = True

    def batch(self, seconds: float) -> AbstractContextManager[None]:
        """Limit the block; only inside it a shutdown interrupts.

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
            # Taken first: a signal that comes late finds a limit that is not reached, and is passed over.
            del self._deadlines[depth:]
            if not self._deadlines:
                self._wind()

    def _wind(self) -> None:
        """Set the timer to the nearest deadline; one that is over rings at once."""
        self._rings = min((deadline for deadline, _, _ in self._deadlines), default=math.inf)
        if self._deadlines:
            # It rings again until somebody listens: one that is swallowed is not the last.
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
