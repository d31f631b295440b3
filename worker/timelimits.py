"""Time limits of a batch, of an article and of a delivery, kept by an interval timer of the process itself.

What they raise are no `Exception`s: a stage that survives every fault of an article must not survive these.
They reach code that runs Python, or C code that returns to it. For code that never does, Celery's hard limit
kills the process.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType

INTERRUPT = signal.SIGUSR2
"""The main process of a worker sends it to its children when the grace period of a shutdown is over."""


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
        self._installed = False

    def install(self) -> None:
        """Handle the timer's signal and the shutdown's."""
        signal.signal(signal.SIGALRM, self._ring)
        signal.signal(INTERRUPT, self._interrupt)
        self._installed = True

    @contextmanager
    def batch(self, seconds: float) -> Iterator[None]:
        """Limit the block; only inside it a shutdown interrupts.

        Raises:
            OutOfTimeError: with the scope `batch`.
            InterruptedBatchError: the worker is stopping.
        """
        with self._limit(Scope.BATCH, seconds):
            yield

    @contextmanager
    def article(self, seconds: float) -> Iterator[None]:
        """Limit the work on one article, within the limit of its batch.

        Raises:
            OutOfTimeError: with the scope of the limit that was reached first.
        """
        with self._limit(Scope.ARTICLE, seconds):
            yield

    @contextmanager
    def delivery(self, seconds: float) -> Iterator[None]:
        """Limit one call of the sinks, within the limit of its batch.

        Raises:
            OutOfTimeError: with the scope of the limit that was reached first.
        """
        with self._limit(Scope.DELIVERY, seconds):
            yield

    @contextmanager
    def _limit(self, scope: Scope, seconds: float) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        if not self._installed:
            self.install()
        depth = len(self._deadlines)
        try:  # a signal may strike between any two of these
            self._deadlines.append((time.monotonic() + seconds, scope, seconds))
            self._wind()
            yield
        finally:
            # Taken first: a signal that comes late finds a limit that is not reached, and is passed over.
            del self._deadlines[depth:]
            self._wind()

    def _wind(self) -> None:
        if not self._deadlines:
            signal.setitimer(signal.ITIMER_REAL, 0)
            return
        nearest = min(deadline for deadline, _, _ in self._deadlines)
        # It rings again until somebody listens: one that is swallowed is not the last. What is over rings at
        # once: many quick articles, each of which winds it, do not put the end of their batch off.
        signal.setitimer(signal.ITIMER_REAL, max(1e-6, nearest - time.monotonic()), 1.0)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        for deadline, scope, seconds in self._deadlines:  # the batch comes first
            if now >= deadline:
                raise OutOfTimeError(scope, seconds)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._deadlines:
            raise InterruptedBatchError
