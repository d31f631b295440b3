"""The index on Redis: one atomic script call for a batch.

The scripts in `lua/` hold the layout and the rules; `docs/deduplication.md` tells why they are so.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import orjson
import redis
import xxhash
from redis.exceptions import NoScriptError, ResponseError

from worker.articles import Evidence
from worker.dedup.base import Candidate, Judgement, Verdict
from worker.dedup.fingerprint import VERSION
from worker.errors import ConfigurationError
from worker.settings import Settings

BUCKETS = 5
"""Four fill the window, the fifth is being written."""


class RedisIndex:
    """Implements `worker.dedup.base.Index` on a Redis, Valkey or Redis Cluster client.

    Raises:
        ConfigurationError: the stored index was written by another version or with another window.
    """

    def __init__(self, client: "redis.Redis", settings: Settings) -> None:
        self._client = client
        self._tag = f"{{{settings.namespace}:dedup}}"
        window = round(settings.window_days * 86_400_000)
        self._layout = f"{VERSION} window={window}"
        slots = max(64, settings.index_documents // 12)
        self._head = [self._layout, window, BUCKETS, slots, round(settings.claim_lease * 1000)]

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim, atomically, in batch order. A claim is a lease of its holder."""
        return [_judgement(answer) for answer in self._run("reserve", batch)] if batch else []

    def commit(self, batch: Sequence[Candidate]) -> None:
        """Make the holders' claims final: the articles are delivered."""
        if batch:
            self._run("commit", batch)

    def release(self, batch: Sequence[Candidate]) -> None:
        """Give the holders' claims up: the articles will not be delivered now."""
        if batch:
            self._run("release", batch)

    def _run(self, name: str, batch: Sequence[Candidate]) -> Any:
        source, digest = _script(name)
        arguments: list[Any] = [1, self._tag, name, *self._head]
        for candidate in batch:
            arguments += _arguments(candidate)
        try:
            try:
                return self._client.evalsha(digest, *arguments)
            except NoScriptError:
                return self._client.eval(source, *arguments)
        except ResponseError as error:
            text = str(error)
            if not text.startswith("LAYOUT "):
                raise
            raise ConfigurationError(
                f"The deduplication index under {self._tag} was written as '{text[7:]}', this "
                f"version reads '{self._layout}'. Set the window back, or build the index anew "
                "from the store: copydesk index rebuild."
            ) from error


def _arguments(candidate: Candidate) -> list[Any]:
    print_ = candidate.fingerprint
    copy = [candidate.id, candidate.outlet, candidate.url, candidate.version_at]
    return [
        candidate.id,
        candidate.holder,
        xxhash.xxh3_64_digest(candidate.id.encode()),
        print_.content[:8],
        max(0, min(0xFFFFFFFF, int(candidate.version_at))),
        min(print_.size, 0xFFFF),
        min(print_.words, 0xFFFF),
        0,
        print_.anchors,
        print_.sketch.ljust(64, b"\0"),
        print_.numbers.ljust(12, b"\0"),
        orjson.dumps(copy),
    ]


def _judgement(answer: list[Any]) -> Judgement:
    verdict, revision, target, similarity, rule, containment, shared, compared = answer
    similarity = similarity / 10_000 if similarity >= 0 else None
    return Judgement(
        verdict=Verdict(verdict.decode()),
        revision=int(revision),
        duplicate_of=target.decode() or None,
        similarity=similarity,
        evidence=Evidence(
            rule=rule.decode(),
            similarity=similarity,
            containment=containment / 10_000 if containment >= 0 else None,
            shared=shared if shared >= 0 else None,
            compared_to=compared.decode() or None,
        )
        if rule
        else None,
    )


@cache
def _script(name: str) -> tuple[str, str]:
    """Return a script and its SHA-1."""
    folder = resources.files("worker.dedup") / "lua"
    names = ("store", "judge", name) if name != "release" else ("store", name)
    source = "\n".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in names)
    return source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
