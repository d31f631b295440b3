"""The index on Redis: one atomic script call for a batch.

The scripts in `lua/` hold the layout and the rules; `docs/deduplication.md` tells why they are so.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import redis
from redis.exceptions import ResponseError

from worker.dedup import wire
from worker.dedup.base import Candidate, Copy, Judgement, Known
from worker.dedup.fingerprint import VERSION
from worker.dedup.groups import GROUPS
from worker.errors import ConfigurationError
from worker.scripts import Script, source_of
from worker.settings import Settings

LAYOUT = 3
"""Layout of the keys in `lua/store.lua`: raise it with every change of one."""
BUCKETS = 5
"""Four fill the window, the fifth is being written."""
SCRIPT = 24
"""Candidates a script call, at most: others wait while one runs. Three whose words were here before take
as long as one that is new, and count like it."""
COMMIT = 64
"""Candidates that are committed in a call, at most."""
POSTINGS_A_SLOT = 24
"""Anchors in one string, about: more save memory, fewer save copying. `postings.lua` knows it too."""

_STORE = ("store", "claims", "postings")
_PARTS = {
    "reserve": (*_STORE, "judge", "claim", "reserve"),
    "commit": (*_STORE, "commit"),
    "release": (*_STORE, "release"),
    "abandon": (*_STORE, "abandon"),
    "lookup": (*_STORE, "lookup"),
    "count": ("store", "count"),
}


class RedisIndex:
    """Implements `worker.dedup.base.Index` on a Redis, Valkey or Redis Cluster client.

    Args:
        client: a client that answers in bytes; see `worker.dedup.connect`.
        settings: namespace, window, lease, canonical choice, shards.
        name: the index within the namespace; a scratch index takes another than the desk's.

    Raises:
        ConfigurationError: the stored index was written by another version or with another window.
    """

    def __init__(
        self, client: "redis.Redis | redis.RedisCluster", settings: Settings, name: str = "dedup"
    ) -> None:
        self.client: Any = client
        self.settings = settings
        self.name = f"{settings.index_namespace or settings.namespace}:{name}"
        self.by_language = settings.index_shards == "language"
        self.window = round(settings.window_days * 86_400_000)
        self._layout = (
            f"version={VERSION}.{LAYOUT} days={settings.window_days:g} {settings.index_shards}"
        )
        self.clock_ahead = 0.0
        """Seconds added to the server's clock; tests let time pass with it."""
        self._head = [
            self._layout,
            self.window,
            BUCKETS,
            max(16, settings.index_documents * 8 // POSTINGS_A_SLOT),
            round(settings.claim_lease * 1000),
            settings.canonical,
        ]

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim, in batch order, `SCRIPT` at a time. A claim is a lease of its holder."""
        answers: dict[int, Judgement] = {}
        calls, chunks = [], []
        for shard, places in self._by_shard(batch, 3 * SCRIPT, lambda one: 1 if one.known else 3):
            arguments = [wire.to_reserve(batch[place], self.settings) for place in places]
            calls.append((shard, _flat(arguments)))
            chunks.append(places)
        for places, found in zip(chunks, self._run_all("reserve", calls), strict=True):
            answers.update(zip(places, map(wire.judgement, found), strict=True))
        return [answers[place] for place in range(len(batch))]

    def commit(self, batch: Sequence[Candidate]) -> None:
        """Make the holders' claims final: the articles are delivered.

        A claim that ran out and was given up is taken once more, unless another copy has become the
        canonical meanwhile.
        """
        for lost in self._commit(batch):  # one by one: two of them may be revisions of one article
            self.reserve([lost])
            self._commit([lost])

    def release(self, batch: Sequence[Candidate]) -> None:
        """Give the holders' claims up: the articles will not be delivered now."""
        for shard, places in self._by_shard(batch, SCRIPT):
            arguments = [wire.to_release(batch[place]) for place in places]
            self.run("release", shard, _flat(arguments))

    def abandon(self, holders: Sequence[str]) -> None:
        """Give up all claims of these holders, whatever they are on: nobody will come back for them."""
        for shard in self.shards():
            self.run("abandon", shard, list(holders))

    def _commit(self, batch: Sequence[Candidate]) -> list[Candidate]:
        calls, chunks = [], []
        for shard, places in self._by_shard(batch, COMMIT):
            arguments = [wire.to_commit(batch[place]) for place in places]
            calls.append((shard, _flat(arguments)))
            chunks.append(places)
        return [
            batch[places[number - 1]]
            for places, lost in zip(chunks, self._run_all("commit", calls), strict=True)
            for number in lost
        ]

    def find(self, id_: str) -> Known | None:
        """Return what the window holds of an article, or None."""
        for shard in self.shards():
            answer = self.run("lookup", shard, ["show", id_, wire.id_hash(id_)])
            if answer is not None:
                kind, revision, version, canonical, *copies = answer
                lines = [wire.copy(line) for line in copies]
                return Known(
                    id=id_,
                    duplicate=kind == b"copy",
                    revision=revision,
                    version_at=float(version),
                    canonical=canonical.decode() or None,
                    copies=[line for line in lines if line.id.encode() != canonical],
                )
        return None

    def copies(self, id_: str) -> list[Copy]:
        """Return the copies of an article's story in the order of their coming."""
        known = self.find(id_)
        return known.copies if known else []

    def forget(self, id_: str) -> bool:
        """Take an article out: its next scrape is new, and nothing is a copy of it any more."""
        key = wire.id_hash(id_)
        found = [self.run("lookup", shard, ["forget", id_, key]) for shard in self.shards()]
        return any(found)

    def clear(self) -> None:
        """Remove the index with everything in it."""
        for key in self.client.scan_iter(match=f"{{{self.name}}}*", count=1000):
            self.client.unlink(key)
        for key in self.client.scan_iter(match=f"{{{self.name}:*}}*", count=1000):
            self.client.unlink(key)

    def shards(self) -> list[str]:
        """Return the root key of each shard."""
        return [self._root(group) for group in GROUPS] if self.by_language else [self._root(None)]

    def run(self, name: str, shard: str, arguments: list[Any]) -> Any:
        """Run a script on one shard."""
        return self._run_all(name, [(shard, arguments)])[0]

    def _run_all(self, name: str, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        """Run a script several times, each with its shard and arguments, in order and in one round trip.

        Others come in between two calls. A cluster takes them one by one.
        """
        head = [name, *self._head, round(self.clock_ahead * 1000)]
        full = [[1, shard, *head, *arguments] for shard, arguments in calls]
        try:
            return _script(name).run(self.client, full)
        except ResponseError as error:
            text = str(error)
            if not text.startswith("LAYOUT "):
                raise
            raise ConfigurationError(
                f"The deduplication index '{self.name}' was written with {text[7:]}; this version "
                f"and these settings read {self._layout}. Set them back, or build the index anew "
                "from the store: copydesk index rebuild."
            ) from error

    def _root(self, group: str | None) -> str:
        return f"{{{self.name}:{group}}}" if group else f"{{{self.name}}}"

    def _by_shard(
        self, batch: Sequence[Candidate], room: int, cost: Callable[[Candidate], int] = lambda _: 1
    ) -> Iterator[tuple[str, list[int]]]:
        """Yield the places of what goes to a shard in one call: no more than there is room for."""
        shards: dict[str, list[int]] = {}
        for place, candidate in enumerate(batch):
            group = candidate.fingerprint.group if self.by_language else None
            shards.setdefault(self._root(group), []).append(place)
        for shard, places in shards.items():
            chunk: list[int] = []
            taken = 0
            for place in places:
                taken += cost(batch[place])
                if taken > room:
                    yield shard, chunk
                    chunk, taken = [], cost(batch[place])
                chunk.append(place)
            yield shard, chunk


def _flat(arguments: list[list[Any]]) -> list[Any]:
    return [part for one in arguments for part in one]


@cache
def _script(name: str) -> Script:
    return Script(source_of("worker.dedup", *(f"lua/{part}" for part in _PARTS[name])))
