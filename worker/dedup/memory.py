"""The index in memory: for tests, and to see the rules without a server.

It compares a candidate with every text that it holds, so it is exact and slow. The canonical is always the
copy that came first; only the index on the server has the other choices.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from worker.articles import Evidence
from worker.dedup.base import Candidate, Copy, Judgement, Verdict
from worker.dedup.fingerprint import Fingerprint
from worker.dedup.judgement import WHOLE, Comparison, Rule, compare

BUCKETS = 5


@dataclass(slots=True)
class _Text:
    """One revision of an article that was claimed as new or update."""

    id: str
    fingerprint: Fingerprint
    bucket: int
    settled: bool = False
    copies: list[Copy] = field(default_factory=list)


@dataclass(slots=True)
class _Claim:
    holder: str
    content: bytes
    ends: float
    judgement: Judgement
    text: _Text | None = None
    of: _Text | None = None


@dataclass(slots=True)
class _Identity:
    content: bytes
    version_at: float
    revision: int
    bucket: int
    text: _Text | None


class MemoryIndex:
    """Implements `worker.dedup.base.Index`; not for more than one thread.

    Args:
        window: seconds that it remembers.
        lease: seconds after which a claim is given up.
        clock: what time it is, in Unix seconds.
    """

    def __init__(
        self,
        window: float = 30 * 86_400.0,
        lease: float = 120.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._length = int(window * 1000) // (BUCKETS - 1) / 1000
        self._lease = lease
        self._clock = clock
        self._texts: list[_Text] = []
        self._claims: dict[str, _Claim] = {}
        self._identities: dict[str, _Identity] = {}
        self._begun: set[int] = set()
        """Buckets that anything was written to."""

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim, in batch order. A claim is a lease of its holder."""
        self._begin()
        return [self._reserve(candidate) for candidate in batch]

    def commit(self, batch: Sequence[Candidate]) -> None:
        """Make the holders' claims final: the articles are delivered."""
        self._begin()
        lost = [candidate for candidate in batch if not self._commit(candidate)]
        for candidate in lost:
            self.reserve([candidate])
            self._commit(candidate)

    def release(self, batch: Sequence[Candidate]) -> None:
        """Give the holders' claims up: the articles will not be delivered now."""
        for candidate in batch:
            if self._own(candidate):
                self._drop(candidate.id)

    def abandon(self, holders: Sequence[str]) -> None:
        """Give up all claims of these holders, whatever they are on: nobody will come back for them."""
        for id_ in [id_ for id_, claim in self._claims.items() if claim.holder in holders]:
            self._drop(id_)

    def copies(self, id_: str) -> list[Copy]:
        """Return the copies of a canonical in the order of their coming."""
        return [copy for text in self._texts if text.id == id_ for copy in text.copies]

    def _commit(self, candidate: Candidate) -> bool:
        """Settle the holder's claim; return whether there was one."""
        claim = self._own(candidate)
        if not claim:
            return False
        if claim.text:
            claim.text.settled = True
        elif claim.of:
            claim.of.copies.append(_copy(candidate))
        self._identities[candidate.id] = _Identity(
            content=candidate.fingerprint.content,
            version_at=candidate.version_at,
            revision=claim.judgement.revision,
            bucket=claim.text.bucket if claim.text else self._bucket(),
            text=claim.text,
        )
        del self._claims[candidate.id]
        return True

    def _begin(self) -> None:
        """At the beginning of a new bucket, release the claims that nobody came back for."""
        if self._bucket() in self._begun:
            return
        self._begun.add(self._bucket())
        for id_, claim in list(self._claims.items()):
            if claim.ends + 10 * self._lease < self._clock():
                self._drop(id_)

    def _own(self, candidate: Candidate) -> _Claim | None:
        claim = self._claims.get(candidate.id)
        return claim if claim and claim.holder == candidate.holder else None

    def _bucket(self) -> int:
        return int(self._clock() // self._length)

    def _inside(self, bucket: int) -> bool:
        return bucket > self._bucket() - BUCKETS

    def _drop(self, id_: str) -> None:
        claim = self._claims.pop(id_)
        if claim.text:
            self._texts.remove(claim.text)

    def _reserve(self, candidate: Candidate) -> Judgement:
        claim = self._claims.get(candidate.id)
        if claim and claim.holder != candidate.holder:
            if claim.ends > self._clock():
                evidence = Evidence(rule="identity", compared_to=candidate.id)
                return Judgement(Verdict.OPEN, duplicate_of=candidate.id, evidence=evidence)
            self._drop(candidate.id)
        elif (
            claim
            and claim.content == candidate.fingerprint.content
            and (claim.text is None or self._inside(claim.text.bucket))
        ):
            claim.ends = self._clock() + self._lease
            return claim.judgement
        elif claim:
            self._drop(candidate.id)
        known = self._identities.get(candidate.id)
        if known and not self._inside(known.bucket):
            known = None
        if known and known.content == candidate.fingerprint.content:
            return Judgement(Verdict.UNCHANGED, known.revision, evidence=Evidence(rule="identity"))
        if known and 0 < candidate.version_at < known.version_at:
            return Judgement(Verdict.UNCHANGED, known.revision, evidence=Evidence(rule="older"))
        return self._judge(candidate, known)

    def _judge(self, candidate: Candidate, known: _Identity | None) -> Judgement:
        revision = known.revision + 1 if known else 1
        verdict = Verdict.UPDATE if known else Verdict.NEW
        if known and known.text:
            like = compare(candidate.fingerprint, known.text.fingerprint)
            like = replace(like, rule=Rule.IDENTITY)
            return self._claim(candidate, _judgement(verdict, revision, like, candidate.id))
        met = self._met(candidate)
        within = [
            (like, text)
            for like, text in met
            if like.containment >= WHOLE
            and text.fingerprint.size <= 0.6 * candidate.fingerprint.size
        ]
        found = [pair for pair in met if pair[0].rule.copy]
        settled = [pair for pair in found if pair[1].settled]
        waiting = [pair for pair in found if not pair[1].settled]
        differ = sum(like.shared for like, _ in within) <= 1.1 * candidate.fingerprint.size
        told = any(like.similarity >= WHOLE for like, _ in settled)
        several = len(within) > 1 and differ and not told
        if several and not waiting:
            like, text = _best(within)
            judgement = _judgement(verdict, revision, replace(like, rule=Rule.CONTAINS), text.id)
            return self._claim(candidate, _containing(judgement, within))
        if settled and not several:
            like, text = _best(settled)
            judgement = _judgement(Verdict.DUPLICATE, revision, like, text.id)
            self._claims[candidate.id] = self._lease_of(candidate, judgement, of=text)
            return judgement
        if waiting:
            like, text = _best(waiting)
            return _judgement(Verdict.OPEN, revision, like, text.id)
        if met:
            like, text = _best(met)
            judgement = _judgement(verdict, revision, like, text.id)
            within = [pair for pair in within if pair[0].rule is Rule.CONTAINS]
            return self._claim(candidate, _containing(judgement, within))
        evidence = Evidence(rule="identity") if known else None
        return self._claim(candidate, Judgement(verdict, revision, evidence=evidence))

    def _met(self, candidate: Candidate) -> list[tuple[Comparison, _Text]]:
        """Compare with every text of other articles in the window; drop those whose lease has expired."""
        met = []
        for text in list(self._texts):
            if text.id == candidate.id or not self._inside(text.bucket):
                continue
            like = compare(candidate.fingerprint, text.fingerprint)
            if like.rule is Rule.DIFFERENT:
                continue
            if not text.settled and self._claims[text.id].ends <= self._clock():
                self._drop(text.id)
                continue
            met.append((like, text))
        return met

    def _claim(self, candidate: Candidate, judgement: Judgement) -> Judgement:
        text = _Text(candidate.id, candidate.fingerprint, self._bucket())
        self._texts.append(text)
        self._claims[candidate.id] = self._lease_of(candidate, judgement, text=text)
        return judgement

    def _lease_of(
        self,
        candidate: Candidate,
        judgement: Judgement,
        *,
        text: _Text | None = None,
        of: _Text | None = None,
    ) -> _Claim:
        return _Claim(
            holder=candidate.holder,
            content=candidate.fingerprint.content,
            ends=self._clock() + self._lease,
            judgement=judgement,
            text=text,
            of=of,
        )


def _best(found: list[tuple[Comparison, _Text]]) -> tuple[Comparison, _Text]:
    """Return the most similar; of equals, the one that came first."""
    return max(found, key=lambda pair: pair[0].similarity)


def _judgement(verdict: Verdict, revision: int, like: Comparison, id_: str) -> Judgement:
    evidence = Evidence(
        rule=like.rule,
        similarity=round(like.similarity, 4),
        containment=round(like.containment, 4),
        shared=round(like.shared),
        compared_to=id_,
    )
    points = verdict in (Verdict.DUPLICATE, Verdict.OPEN)
    return Judgement(verdict, revision, id_ if points else None, evidence.similarity, evidence)


def _containing(judgement: Judgement, within: list[tuple[Comparison, _Text]]) -> Judgement:
    evidence = judgement.evidence
    if evidence is None:
        return judgement
    contains = [text.id for _, text in within]
    return replace(judgement, evidence=evidence.model_copy(update={"contains": contains}))


def _copy(candidate: Candidate) -> Copy:
    return Copy(candidate.id, candidate.outlet, candidate.url, candidate.version_at or None)
