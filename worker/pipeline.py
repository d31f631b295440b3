"""The way of a batch: read, clean, deduplicate, enrich, deliver. Every article has an outcome of its own."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import orjson
import redis

from worker import __version__, cleaning, enrichment
from worker.articles import Article, Provenance, RawArticle
from worker.cleaning.base import Cleaned
from worker.deadletters import write_letter
from worker.dedup import identity
from worker.dedup.base import Candidate, Judgement, Verdict
from worker.dedup.fingerprint import Fingerprint, fingerprint
from worker.errors import TransientError
from worker.failures import Again, Kind, classify, decide
from worker.metrics import Stopwatch
from worker.outcomes import Outcome, Stage
from worker.reading import read_raw
from worker.services import Services
from worker.sinks.base import Delivery
from worker.streams import Entry, Return, Settlement

OPEN_DELAY = 0.5
"""Seconds after which a copy of a claim that is still open is looked up again."""


@dataclass(slots=True)
class Draft:
    """An article on its way through one batch."""

    entry: Entry
    stage: Stage = Stage.READ
    article: Article | None = None
    candidate: Candidate | None = None
    judgement: Judgement | None = None


@dataclass(slots=True)
class Result:
    """What became of a batch."""

    settlements: list[Settlement] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def summary(self) -> dict[str, int]:
        """Return the number of articles by outcome, and of those handed back."""
        counts = Counter(settlement.outcome.value for settlement in self.settlements)
        if self.returns:
            counts["returned"] = len(self.returns)
        return dict(counts)


Step = Callable[[list[Draft]], None]


class Pipeline:
    """Carries batches of raw entries through all stages. It neither takes nor settles them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.settings = services.settings

    def process(self, entries: Sequence[Entry], result: Result) -> None:
        """Process one batch; each entry ends in `result` as a settlement or a return.

        `result` is filled as the batch goes on, so that a caller that interrupts it sees what is done.

        Raises:
            redis.RedisError: the index is away; what `result` does not name is untouched.
        """
        with result.stopwatch(Stage.CLEAN):
            drafts = [
                draft
                for draft in map(Draft, entries)
                if self._attempt(self._clean, [draft], result)
            ]
        while drafts:
            with result.stopwatch(Stage.DEDUPLICATE):
                waiting = self._judge(drafts)
            judged = [draft for draft in drafts if draft not in waiting]
            if not judged:  # nothing has moved since the last look: others hold these claims
                result.returns += [Return(draft.entry, OPEN_DELAY) for draft in waiting]
                return
            self._finish(judged, result)
            drafts = waiting

    def _clean(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            draft.stage = Stage.READ
            raw = read_raw(draft.entry.data, max_bytes=self.settings.max_article_bytes)
            draft.stage = Stage.CLEAN
            cleaned = cleaning.clean(raw, max_depth=self.settings.max_depth)
            print_ = fingerprint(cleaned.text, cleaned.title, cleaned.language)
            article = assemble(raw, cleaned, identity.identify(raw, cleaned), print_)
            draft.article = article
            draft.candidate = Candidate(
                id=article.id,
                holder=draft.entry.holder,
                fingerprint=print_,
                version_at=_version_at(article),
                language=cleaned.language,
                outlet=article.source or article.outlet,
                url=article.url,
            )

    def _judge(self, drafts: list[Draft]) -> list[Draft]:
        """Ask the index about all; return those that hang on an open claim."""
        for draft in drafts:
            draft.stage = Stage.DEDUPLICATE
        judgements = self.services.index.reserve([_candidate(draft) for draft in drafts])
        waiting = []
        for draft, judgement in zip(drafts, judgements, strict=True):
            draft.judgement = judgement
            if judgement.verdict is Verdict.OPEN:
                waiting.append(draft)
            elif draft.article is not None:
                article = draft.article
                article.status = OUTCOMES[judgement.verdict]
                article.revision = judgement.revision
                article.duplicate_of = judgement.duplicate_of
                article.similarity = judgement.similarity
                article.evidence = judgement.evidence
        return waiting

    def _finish(self, drafts: list[Draft], result: Result) -> None:
        """Enrich and deliver what the index has judged, commit the claims."""
        unchanged = [draft for draft in drafts if _article(draft).status is Outcome.UNCHANGED]
        result.settlements += [Settlement(draft.entry, Outcome.UNCHANGED) for draft in unchanged]
        kept = [draft for draft in drafts if _article(draft).status is not Outcome.UNCHANGED]
        fresh = [draft for draft in kept if _article(draft).status.delivered]
        with result.stopwatch(Stage.ENRICH):
            failed = self._each(self._enrich, fresh, result)
        kept = [draft for draft in kept if draft not in failed]
        with result.stopwatch(Stage.DELIVER):
            failed = self._each(self._deliver, kept, result)
        done = [draft for draft in kept if draft not in failed]
        with result.stopwatch(Stage.DEDUPLICATE):
            self._note(done)
            self.services.index.commit([_candidate(draft) for draft in done])
        result.settlements += [Settlement(draft.entry, _article(draft).status) for draft in done]

    def _note(self, drafts: list[Draft]) -> None:
        """Note the outcomes before the claims are committed: once they are, a second run sees `unchanged`."""
        for lane in {draft.entry.lane for draft in drafts}:
            mine = [draft for draft in drafts if draft.entry.lane is lane]
            outcomes = {draft.entry.id: _article(draft).status for draft in mine}
            self.services.streams.note_delivered(lane, outcomes)

    def _enrich(self, drafts: list[Draft]) -> None:
        for draft in drafts:
            draft.stage = Stage.ENRICH
        enrichment.enrich(self.services.enrichers, [_article(draft) for draft in drafts])

    def _deliver(self, drafts: list[Draft]) -> None:
        now = dt.datetime.fromtimestamp(self.services.clock(), dt.UTC)
        for draft in drafts:
            draft.stage = Stage.DELIVER
            _article(draft).processed_at = now
        deliveries = [Delivery.of(_article(draft)) for draft in drafts]
        for sink in self.services.sinks:
            sink.deliver(deliveries)
        self.services.archive.add([draft.entry for draft in drafts])

    def _each(self, step: Step, drafts: list[Draft], result: Result) -> list[Draft]:
        """Run a step over all drafts at once, and one by one where that fails; return those that failed."""
        if not drafts:
            return []
        try:
            step(drafts)
        except (TransientError, redis.RedisError) as error:
            self._set_aside(drafts, error, result)
            return drafts
        except Exception:  # noqa: BLE001 - one of them is at fault: find out which
            return [draft for draft in drafts if not self._attempt(step, [draft], result)]
        return []

    def _attempt(self, step: Step, drafts: list[Draft], result: Result) -> bool:
        """Run a step; where it fails, decide what follows. Return whether it went well."""
        try:
            step(drafts)
        except Exception as error:  # noqa: BLE001 - whatever a stage raises is the fault of this article alone
            self._set_aside(drafts, error, result)
            return False
        return True

    def _set_aside(self, drafts: list[Draft], error: Exception, result: Result) -> None:
        """Settle failed drafts as dead letters, or return them for another try."""
        released = []
        for draft in drafts:
            failure = classify(error, draft.stage)
            earlier = sum(event.get("kind") == failure.kind for event in draft.entry.history)
            decision = decide(
                failure,
                earlier,
                max_attempts=self.settings.max_attempts,
                max_deaths=self.settings.max_deaths,
            )
            if isinstance(decision, Again):
                event = (
                    orjson.dumps(failure.event(self.services.clock())) if decision.counts else b""
                )
                result.returns.append(Return(draft.entry, decision.delay, event))
            else:
                outcome = Outcome.REJECTED if failure.kind is Kind.PERMANENT else Outcome.FAILED
                letter = write_letter(draft.entry, outcome, failure, decision.reason)
                result.settlements.append(Settlement(draft.entry, outcome, letter))
            # A claim outlives a service that is away: perhaps one sink has the article already.
            if failure.kind is not Kind.TRANSIENT and draft.judgement is not None:
                released.append(_candidate(draft))
        if released:
            self.services.index.release(released)


def assemble(raw: RawArticle, cleaned: Cleaned, article_id: str, print_: Fingerprint) -> Article:
    """Make the article of a raw one and its cleaned body. Nothing is validated again: both are our own."""
    return Article(
        id=article_id,
        url=cleaned.url or raw.url,
        source=raw.source or cleaned.outlet,
        source_id=raw.id,
        title=cleaned.title,
        authors=cleaned.authors,
        published_at=cleaned.published_at,
        modified_at=cleaned.modified_at,
        fetched_at=raw.fetched_at,
        section=cleaned.section,
        tags=cleaned.tags,
        images=cleaned.images,
        outlet=cleaned.outlet,
        paywalled=cleaned.paywalled,
        text=cleaned.text,
        paragraphs=cleaned.paragraphs,
        blocks=cleaned.blocks,
        html=cleaned.html,
        links=cleaned.links,
        removed=cleaned.removed,
        credits=cleaned.credits,
        word_count=len(cleaned.text.split()),
        content_hash=print_.content.hex(),
        provenance=Provenance(
            fields=cleaned.sources, extractor=cleaned.extractor, copydesk=__version__
        ),
        extra=raw.extra,
    )


OUTCOMES = {
    Verdict.NEW: Outcome.NEW,
    Verdict.UPDATE: Outcome.UPDATE,
    Verdict.DUPLICATE: Outcome.DUPLICATE,
    Verdict.UNCHANGED: Outcome.UNCHANGED,
}


def _version_at(article: Article) -> float:
    moment = article.modified_at or article.published_at or article.fetched_at
    return moment.timestamp() if moment else 0.0


def _article(draft: Draft) -> Article:
    if draft.article is None:  # pragma: no cover - only cleaned drafts come this far
        raise RuntimeError("a draft without an article")
    return draft.article


def _candidate(draft: Draft) -> Candidate:
    if draft.candidate is None:  # pragma: no cover - only cleaned drafts come this far
        raise RuntimeError("a draft without a candidate")
    return draft.candidate
