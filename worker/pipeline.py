"""The stages of a batch: read, clean, deduplicate, enrich, deliver. Each article has its own outcome."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from worker import enrichment
from worker.cleaning.base import Known
from worker.cleaning.memory import Article as Remembered
from worker.dedup import identity
from worker.dedup.base import Candidate, Verdict, version_at
from worker.drafts import Draft, Reading, Result, assemble
from worker.entries import Entry, Return, Settlement
from worker.errors import TransientError
from worker.isolation import Isolation
from worker.outcomes import Outcome, Stage
from worker.reading import read_raw
from worker.services import Services
from worker.setbacks import bury_killers
from worker.sinks.base import Delivery
from worker.throttle import Throttle
from worker.timelimits import OutOfTimeError, Scope

OPEN_DELAY = 0.5
"""Seconds, at most, until a copy of a claim that is still open is looked up again. It waits as long as its
own batch took: the batch of the claim takes about as long."""

StillHeld = Callable[[], set[str]]
Part = TypeVar("Part")


class Pipeline:
    """Runs batches of raw entries through all stages. It neither takes nor settles them.

    `still_held` returns the ids that this worker still holds. It is asked before articles are claimed and
    before they are delivered, because the entries of a worker that was frozen may be with another by then.
    With `enriches=False` new articles stop before the enrichment and are named in `Result.handed`.
    """

    def __init__(
        self, services: Services, still_held: StillHeld | None = None, *, enriches: bool = True
    ) -> None:
        self.services = services
        self.settings = services.settings
        self.throttle = Throttle(services.client, services.settings)
        self._isolation = Isolation(services)
        self._still_held = still_held
        self.drafts: list[Draft] = []
        """The articles of the batch, for a caller that has to tell where it was interrupted."""
        self._enriches = enriches

    def process(self, entries: Sequence[Entry], result: Result) -> None:
        """Process one batch; each entry ends up in `result` as a settlement or a return.

        `result` is filled on the way, so that a caller that interrupts the batch sees what is done.

        Raises:
            redis.RedisError: the index is away; entries that `result` does not name are untouched.
            OutOfTimeError, InterruptedBatchError: the same.
        """
        seconds, began = self.settings.article_time_limit, time.monotonic()
        self.drafts = drafts = bury_killers(self.services, list(map(Draft, entries)), result)
        with result.stopwatch(Stage.CLEAN):
            drafts = [
                draft
                for draft in drafts
                if self._isolation.attempt(self._clean, [draft], result, seconds=seconds)
            ]
            self._drop_recurring(drafts)
            failed = self._isolation.each(self._assemble, drafts, result, seconds=seconds)
            drafts = [draft for draft in drafts if draft not in failed]
        drafts = self._throttled(drafts, result)
        while drafts := self._held(drafts):
            with result.stopwatch(Stage.DEDUPLICATE):
                waiting = self._judge(drafts)
            judged = [draft for draft in drafts if draft not in waiting]
            if not judged:  # nothing has moved since the last look: others hold these claims
                delay = min(OPEN_DELAY, time.monotonic() - began)
                result.returns += [Return(draft.entry, delay) for draft in waiting]
                return
            self._finish(judged, result)
            drafts = waiting

    def _throttled(self, drafts: list[Draft], result: Result) -> list[Draft]:
        """Return the articles of sources that exceed their rate to the queue; keep the others."""
        delays = self.throttle.delays(
            [(_made(draft.article).source, draft.entry.holder) for draft in drafts]
        )
        for draft, delay in zip(drafts, delays, strict=True):
            if delay:
                result.returns.append(Return(draft.entry, delay))
        return [draft for draft, delay in zip(drafts, delays, strict=True) if not delay]

    def _held(self, drafts: list[Draft]) -> list[Draft]:
        """Drop the articles that another worker holds by now: it finishes them."""
        if self._still_held is None or not drafts:
            return drafts
        held = self._still_held()
        return [draft for draft in drafts if draft.entry.id in held]

    def _mark(self, draft: Draft, stage: Stage) -> None:
        """Set the stage; that of an isolated entry that killed a worker is stored on the server as well."""
        draft.stage = stage
        if draft.entry.alone and draft.entry.deaths:
            self.services.streams.mark(draft.entry, stage)

    def _clean(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self._mark(draft, Stage.READ)
            raw = read_raw(draft.entry.data, max_bytes=self.settings.max_article_bytes)
            self._mark(draft, Stage.CLEAN)
            cleaned = self.services.memo.clean(raw, **self.settings.bounds)
            draft.reading = Reading(raw, cleaned, identity.identify(raw, cleaned))

    def _drop_recurring(self, drafts: list[Draft]) -> None:
        """Remove the lines that an outlet repeats in many articles; one round trip for the batch."""
        if self.services.memory is None:
            return
        readings = [_made(draft.reading) for draft in drafts]
        asked = [Remembered(one.outlet, one.id, one.cleaned.paragraphs) for one in readings]
        for draft, one, lines in zip(
            drafts, readings, self.services.memory.boilerplate(asked), strict=True
        ):
            if lines:
                draft.reading = one.without(lines)

    def _assemble(self, drafts: list[Draft]) -> None:
        """Fingerprint all texts at once; make each article and its candidate for the index."""
        readings = [_made(draft.reading) for draft in drafts]
        signed = self.services.memo.sign([reading.cleaned for reading in readings])
        for draft, reading, (print_, known) in zip(drafts, readings, signed, strict=True):
            article = draft.article = assemble(reading, print_)
            draft.candidate = Candidate(
                id=article.id,
                holder=draft.entry.holder,
                fingerprint=print_,
                version_at=version_at(article),
                language=reading.cleaned.language,
                outlet=article.source or article.outlet,
                url=article.url,
                known=known,
            )

    def _judge(self, drafts: list[Draft]) -> list[Draft]:
        """Ask the index about all drafts; return those that depend on a claim that is still open."""
        for draft in drafts:
            self._mark(draft, Stage.DEDUPLICATE)
        judgements = self.services.index.reserve([_made(draft.candidate) for draft in drafts])
        waiting = []
        for draft, judgement in zip(drafts, judgements, strict=True):
            draft.judgement = judgement
            if judgement.verdict is Verdict.OPEN:
                waiting.append(draft)
            else:
                article = _made(draft.article)
                article.status = OUTCOMES[judgement.verdict]
                article.revision = judgement.revision
                article.duplicate_of = judgement.duplicate_of
                article.similarity = judgement.similarity
                article.evidence = judgement.evidence
        return waiting

    def _finish(self, drafts: list[Draft], result: Result) -> None:
        """Enrich and deliver the articles that the index has judged, and commit their claims."""
        unchanged = [draft for draft in drafts if _made(draft.article).status is Outcome.UNCHANGED]
        result.settlements += [Settlement(draft.entry, Outcome.UNCHANGED) for draft in unchanged]
        kept = [draft for draft in drafts if _made(draft.article).status is not Outcome.UNCHANGED]
        fresh = [draft for draft in kept if _made(draft.article).status.delivered]
        if not self._enriches:  # their claims stay open, for who takes these entries next
            result.handed += [draft.entry for draft in fresh]
            kept, fresh = [draft for draft in kept if draft not in fresh], []
        with result.stopwatch(Stage.ENRICH):
            failed = self._isolation.each(
                self._enrich, fresh, result, seconds=self.settings.article_time_limit
            )
        kept = self._held([draft for draft in kept if draft not in failed])
        with result.stopwatch(Stage.DELIVER):
            failed = self._isolation.each(self._deliver, kept, result)
        done = [draft for draft in kept if draft not in failed]
        with result.stopwatch(Stage.DEDUPLICATE):
            self._note(done)
            self.services.index.commit([_made(draft.candidate) for draft in done])
        result.settlements += [
            Settlement(draft.entry, _made(draft.article).status) for draft in done
        ]

    def _note(self, drafts: list[Draft]) -> None:
        """Record the outcomes before the claims are committed: a second run would call them `unchanged`."""
        for lane in {draft.entry.lane for draft in drafts}:
            mine = [draft for draft in drafts if draft.entry.lane is lane]
            outcomes = {draft.entry.id: _made(draft.article).status for draft in mine}
            self.services.streams.note_delivered(lane, outcomes)

    def _enrich(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            self._mark(draft, Stage.ENRICH)
        for articles in enrichment.together([_made(draft.article) for draft in drafts]):
            enrichment.enrich(self.services.enrichers, articles)
            if self.services.stories is not None:
                stories = self.services.stories.assign(articles)
                for article, story in zip(articles, stories, strict=True):
                    article.story_id = story

    def _deliver(self, drafts: list[Draft]) -> None:
        now = dt.datetime.fromtimestamp(self.services.clock(), dt.UTC)
        for draft in drafts:
            self._mark(draft, Stage.DELIVER)
            _made(draft.article).processed_at = now
        deliveries: Sequence[Delivery]
        deliveries = [Delivery.of(_made(draft.article), _known(draft)) for draft in drafts]
        try:
            with self.services.limits.delivery(2 * self.settings.store_timeout):
                for sink in self.services.sinks:
                    deliveries = sink.deliver(deliveries) or deliveries
        except OutOfTimeError as error:
            if error.scope is Scope.DELIVERY:
                self._ping_sinks()
            raise
        self.services.archive.add([draft.entry for draft in drafts])

    def _ping_sinks(self) -> None:
        """Find out whether a sink is the reason that a delivery did not end.

        Raises:
            TransientError: a sink does not answer now either. If all do, an article may be the reason.
        """
        seconds = self.settings.store_timeout
        for sink in self.services.sinks:
            try:
                with self.services.limits.delivery(seconds):
                    sink.ping()
            except OutOfTimeError as error:
                if error.scope is not Scope.DELIVERY:
                    raise
                message = f"The sink {sink.name} does not answer within {seconds:g} s"
                raise TransientError(message) from error


OUTCOMES = {
    Verdict.NEW: Outcome.NEW,
    Verdict.UPDATE: Outcome.UPDATE,
    Verdict.DUPLICATE: Outcome.DUPLICATE,
    Verdict.UNCHANGED: Outcome.UNCHANGED,
}


def _made(part: Part | None) -> Part:
    """Return a part of a draft that an earlier step has made."""
    if part is None:  # pragma: no cover - the steps come in order
        raise RuntimeError("a part of a draft that is not made yet")
    return part


def _known(draft: Draft) -> Known | None:
    """Return what is known about its body; None if an enricher may have changed the article."""
    enriched = _made(draft.article).status.delivered
    return None if enriched else _made(draft.reading).cleaned.known
