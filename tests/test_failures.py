"""Decisions about failures, as a table."""

import pytest
import redis

from worker.errors import RejectedError, TransientError
from worker.failures import Again, Bury, Failure, Kind, classify, decide, of_death
from worker.outcomes import Reason, Stage
from worker.timelimits import OutOfTimeError, Scope


def failure(kind: Kind, reason: Reason = Reason.STAGE_ERROR) -> Failure:
    """A failure of a kind."""
    return Failure(kind, Stage.CLEAN, reason, "it broke")


# kind, reason, earlier failures of the kind; what follows when chance says 1 (the longest delay)
TABLE = [
    (Kind.PERMANENT, Reason.NOT_JSON, 0, Bury(Reason.NOT_JSON)),
    (Kind.TRANSIENT, Reason.SINK_ERROR, 0, Again(1.0, counts=False)),
    (Kind.TRANSIENT, Reason.SINK_ERROR, 3, Again(8.0, counts=False)),
    (Kind.TRANSIENT, Reason.SINK_ERROR, 900, Again(30.0, counts=False)),
    (Kind.ERROR, Reason.STAGE_ERROR, 0, Again(1.0, counts=True)),
    (Kind.ERROR, Reason.STAGE_ERROR, 3, Again(8.0, counts=True)),
    (Kind.ERROR, Reason.STAGE_ERROR, 4, Bury(Reason.STAGE_ERROR)),
    (Kind.TIMEOUT, Reason.TIMEOUT, 1, Again(2.0, counts=True)),
    (Kind.TIMEOUT, Reason.TIMEOUT, 2, Bury(Reason.TIMEOUT)),
    (Kind.DEATH, Reason.WORKER_DIED, 1, Again(2.0, counts=True)),
    (Kind.DEATH, Reason.WORKER_DIED, 2, Bury(Reason.WORKER_DIED)),
]


@pytest.mark.parametrize(("kind", "reason", "earlier", "expected"), TABLE)
def test_what_follows(kind: Kind, reason: Reason, earlier: int, expected: Again | Bury) -> None:
    """Given a failure and what went before, then one thing follows (5 attempts, 3 deaths)."""
    decision = decide(failure(kind, reason), earlier, max_attempts=5, max_deaths=3, jitter=1.0)

    assert expected == decision


def test_delays_are_spread() -> None:
    """Given chance at its two ends, then the delay is half of the longest, or the longest."""
    delays = [
        decide(failure(Kind.ERROR), 2, max_attempts=5, max_deaths=3, jitter=jitter)
        for jitter in (0.0, 1.0)
    ]

    assert [Again(2.0, counts=True), Again(4.0, counts=True)] == delays


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (RejectedError(Reason.NO_TEXT, "no text"), Kind.PERMANENT, Reason.NO_TEXT),
        (TransientError("the store is away"), Kind.TRANSIENT, Reason.SINK_ERROR),
        (redis.ConnectionError("gone"), Kind.TRANSIENT, Reason.SINK_ERROR),
        (OutOfTimeError(Scope.ARTICLE, 20.0), Kind.TIMEOUT, Reason.TIMEOUT),
        (MemoryError(), Kind.ERROR, Reason.STAGE_ERROR),
        (KeyError("x"), Kind.ERROR, Reason.STAGE_ERROR),
    ],
)
def test_kinds(error: BaseException, kind: Kind, reason: Reason) -> None:
    """Given an exception, then its kind and reason are known."""
    found = classify(error, Stage.ENRICH)

    assert (kind, reason) == (found.kind, found.reason)


def test_a_death_tells_its_stage() -> None:
    """Given an article that died at a known stage, then its letter says so."""
    found = of_death(3, "enrich")

    assert (Stage.ENRICH, "It killed 3 workers, last in stage enrich.") == (
        found.stage,
        found.message,
    )
