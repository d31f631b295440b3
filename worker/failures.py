"""What follows a failure: the decisions as data, separate from the code that carries them out."""

import random
import traceback
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import redis

from worker.errors import RejectedError, TransientError
from worker.outcomes import Reason, Stage
from worker.timelimits import OutOfTimeError


class Kind(StrEnum):
    """The kind of a failure, which decides what follows."""

    PERMANENT = "permanent"
    """The input itself is at fault: it becomes a dead letter at once."""
    TRANSIENT = "transient"
    """A service is away: it is retried until the service is back, however long that takes."""
    ERROR = "error"
    """Something broke on this article: it is retried a few times, then it becomes a dead letter."""
    TIMEOUT = "timeout"
    """It took too long."""
    DEATH = "death"
    """It killed its worker."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of one article."""

    kind: Kind
    stage: Stage
    reason: Reason
    message: str

    def event(self, now: float) -> dict[str, Any]:
        """Return the failure as an event of the entry's history."""
        return {
            "at": round(now, 3),
            "kind": self.kind.value,
            "stage": self.stage.value,
            "error": self.message,
        }


@dataclass(frozen=True, slots=True)
class Again:
    """Try again in `delay` seconds; `counts` if only so many such tries are allowed."""

    delay: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Bury:
    """Make it a dead letter."""

    reason: Reason


def classify(error: BaseException, stage: Stage) -> Failure:
    """Return the failure that an exception stands for."""
    match error:
        case RejectedError():
            return Failure(Kind.PERMANENT, error.stage, error.reason, str(error))
        case TransientError() | redis.RedisError():
            return Failure(Kind.TRANSIENT, stage, Reason.SINK_ERROR, str(error))
        case OutOfTimeError():
            return Failure(Kind.TIMEOUT, stage, Reason.TIMEOUT, str(error))
        case _:
            return Failure(Kind.ERROR, stage, Reason.STAGE_ERROR, _one_line(error))


def decide(
    failure: Failure,
    earlier: int,
    *,
    max_attempts: int,
    max_deaths: int,
    jitter: float | None = None,
) -> Again | Bury:
    """Decide what follows `failure` if the entry's history holds `earlier` failures of its kind.

    Delays double from one second up to thirty, with full jitter (Brooker, "Exponential Backoff and
    Jitter", AWS Architecture Blog, 2015). `jitter` from 0 to 1 replaces chance, for tests.
    """
    chance = random.random() if jitter is None else jitter  # noqa: S311 - spreads load, hides nothing
    delay = min(30.0, 2.0**earlier) * (0.5 + chance / 2)
    match failure.kind:
        case Kind.PERMANENT:
            return Bury(failure.reason)
        case Kind.TRANSIENT:
            return Again(delay, counts=False)
        case Kind.DEATH:
            return (
                Bury(Reason.WORKER_DIED) if earlier + 1 >= max_deaths else Again(delay, counts=True)
            )
        case Kind.TIMEOUT:
            return Bury(Reason.TIMEOUT) if earlier + 1 >= max_deaths else Again(delay, counts=True)
        case Kind.ERROR:
            return (
                Bury(failure.reason) if earlier + 1 >= max_attempts else Again(delay, counts=True)
            )


def of_death(deaths: int, stage: str) -> Failure:
    """Return the failure of an article that killed workers, at a stage; empty: the stage is unknown."""
    workers = "its worker" if deaths == 1 else f"{deaths} workers"
    known = f"last in stage {stage}" if stage else "in an unknown stage"
    message = f"It killed {workers}, {known}."
    return Failure(Kind.DEATH, Stage(stage) if stage else Stage.READ, Reason.WORKER_DIED, message)


def _one_line(error: BaseException) -> str:
    """Return the exception and the place it came from, e.g. `KeyError: 'x' (worker/a.py:12)`."""
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f" ({'/'.join(frames[-1].filename.split('/')[-2:])}:{frames[-1].lineno})" if frames else ""
    )
    return f"{type(error).__name__}: {error}"[:1000] + place
