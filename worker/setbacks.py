"""What happens to an article that fails: another try or a dead letter; and its claim is released."""

import orjson

from worker.deadletters import write_letter
from worker.drafts import Draft, Result
from worker.entries import Return, Settlement
from worker.failures import Again, Bury, Failure, Kind, classify, decide, of_death
from worker.outcomes import Outcome, Stage
from worker.services import Services


def set_aside(
    services: Services, drafts: list[Draft], error: BaseException, result: Result
) -> None:
    """Settle failed drafts as dead letters, or return them for another try.

    Raises:
        redis.RedisError: a claim could not be released. Nothing is decided then: the entries come again, find
            their own claims, and fail again.
    """
    failures = [classify(error, draft.stage) for draft in drafts]
    # First: a claim left behind by a dead letter would hold up copies until it expires.
    _give_up_claims(services, drafts, failures)
    for draft, failure in zip(drafts, failures, strict=True):
        earlier = sum(event.get("kind") == failure.kind for event in draft.entry.history)
        decision = _decide(services, failure, earlier)
        if isinstance(decision, Again):
            event = orjson.dumps(failure.event(services.clock())) if decision.counts else b""
            result.returns.append(Return(draft.entry, decision.delay, event))
        else:
            outcome = Outcome.REJECTED if failure.kind is Kind.PERMANENT else Outcome.FAILED
            letter = write_letter(draft.entry, outcome, failure, decision.reason)
            result.settlements.append(Settlement(draft.entry, outcome, letter))
        if failure.kind is Kind.TRANSIENT:
            result.away = failure.message
        elif failure.kind is not Kind.PERMANENT or failure.stage is not Stage.READ:
            # Only what cannot be read is surely the scraper's fault; everything else may be ours.
            result.add_fault(failure.message)


def _give_up_claims(services: Services, drafts: list[Draft], failures: list[Failure]) -> None:
    # The claim outlives a service that is away: perhaps one sink has the article already.
    released = [
        draft
        for draft, failure in zip(drafts, failures, strict=True)
        if draft.judgement is not None and failure.kind is not Kind.TRANSIENT
    ]
    if released:
        services.index.release([draft.candidate for draft in released if draft.candidate])
    # Claims of an earlier try, if this one did not get that far.
    left = [
        draft.entry.holder
        for draft, failure in zip(drafts, failures, strict=True)
        if draft.judgement is None and draft.entry.tries and failure.kind is not Kind.TRANSIENT
    ]
    if left:
        services.index.abandon(left)
    told = [draft.article for draft in released if draft.article and draft.article.story_id]
    if services.stories is not None and told:
        services.stories.release(told)


def bury_killers(services: Services, drafts: list[Draft], result: Result) -> list[Draft]:
    """Bury entries that have killed too many workers before they are touched again; return the others."""
    safe = []
    for draft in drafts:
        entry = draft.entry
        failure = of_death(entry.deaths, entry.stage)
        decision = _decide(services, failure, entry.deaths - 1) if entry.deaths else None
        if not isinstance(decision, Bury):
            safe.append(draft)
            continue
        services.index.abandon([entry.holder])
        letter = write_letter(entry, Outcome.FAILED, failure, decision.reason)
        result.settlements.append(Settlement(entry, Outcome.FAILED, letter))
        result.add_fault(failure.message)
    return safe


def _decide(services: Services, failure: Failure, earlier: int) -> Again | Bury:
    return decide(
        failure,
        earlier,
        max_attempts=services.settings.max_attempts,
        max_deaths=services.settings.max_deaths,
    )
