"""From candidates to arguments of the scripts, and from their answers to judgements."""

import struct
from typing import Any

import orjson
import xxhash

from worker.articles import Evidence
from worker.dedup.base import Candidate, Copy, Judgement, Verdict
from worker.dedup.fingerprint import LEVELS, MAP_BITS, Fingerprint, level_of
from worker.settings import Settings

_KEPT = struct.Struct(">8sBBHHI8s8s8s4s")
_SETTLED = struct.Struct(">8s8sI")
_MAP = MAP_BITS // 8
UNLISTED = 255
"""Rank of an outlet that is not a preferred one."""


def to_reserve(candidate: Candidate, settings: Settings) -> list[Any]:
    """Return the arguments of `reserve.lua` for a candidate."""
    text = candidate.fingerprint
    head = _KEPT.pack(
        id_hash(candidate.id),
        _posts(text.size),
        _rank(candidate.outlet, settings.preferred_outlets),
        min(text.size, 0xFFFF),
        min(text.words, 0xFFFF),
        version(candidate),
        text.content[:8],
        text.numbers,
        text.names,
        text.headline,
    )
    maps = text.maps or bytes(LEVELS * _MAP)
    kept = _MAP * level_of(min(text.size, 0xFFFF))
    return [
        candidate.id,
        candidate.holder,
        b"".join((head, maps[kept : kept + _MAP], maps, _anchors(text))),
        "1" if candidate.known else "",
    ]


def to_commit(candidate: Candidate) -> list[Any]:
    """Return the arguments of `commit.lua` for a candidate."""
    return [
        candidate.id,
        candidate.holder,
        _SETTLED.pack(id_hash(candidate.id), candidate.fingerprint.content[:8], version(candidate)),
        orjson.dumps([candidate.id, candidate.outlet, candidate.url, candidate.version_at or None]),
    ]


def to_release(candidate: Candidate) -> list[Any]:
    """Return the arguments of `release.lua` for a candidate."""
    return [
        candidate.id,
        candidate.holder,
        id_hash(candidate.id) + _anchors(candidate.fingerprint),
    ]


def version(candidate: Candidate) -> int:
    """Return the time of a version in whole seconds, 0 if unknown."""
    return max(0, min(0xFFFF_FFFF, int(candidate.version_at)))


def id_hash(id_: str) -> bytes:
    """Return the hash by which the index finds an id."""
    return xxhash.xxh3_64_digest(id_.encode("utf-8", "surrogatepass"))


def judgement(answer: list[Any]) -> Judgement:
    """Return the judgement that an answer contains."""
    if len(answer) == 2:  # nothing like it
        return Judgement(verdict=Verdict(answer[0].decode()), revision=answer[1])
    verdict, revision, target, similarity, rule, containment, shared, compared = answer[:8]
    likeness = _ratio(similarity)
    evidence = Evidence(
        rule=rule.decode(),
        similarity=likeness,
        containment=_ratio(containment),
        shared=shared if shared >= 0 else None,
        compared_to=compared.decode() or None,
        contains=[name.decode() for name in answer[8:]],
    )
    return Judgement(
        verdict=Verdict(verdict.decode()),
        revision=revision,
        duplicate_of=target.decode() or None,
        similarity=likeness,
        evidence=evidence,
    )


def copy(packed: bytes) -> Copy:
    """Return the copy that an entry in a canonical's list describes."""
    return Copy(*orjson.loads(packed))


def _posts(size: int) -> int:
    """Return how many anchors of a text are posted: more for longer texts, which are trimmed more often."""
    return max(8, min(12, size // 40))


def _anchors(text: Fingerprint) -> bytes:
    """Return the anchors that are looked up: more for longer texts, which may contain a short one."""
    return text.anchors[: 8 * max(8, text.size // 20)]


def _ratio(value: int) -> float | None:
    return value / 10_000 if value >= 0 else None


def _rank(outlet: str | None, preferred: list[str]) -> int:
    return min(preferred.index(outlet), UNLISTED - 1) if outlet in preferred else UNLISTED
