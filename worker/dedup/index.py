"""The index on Redis: a batch takes a few atomic script calls.

The scripts in `lua/` define the layout and the rules; `docs/deduplication.md` explains them.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property
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
"""Four cover the window, the fifth is being written."""
SCRIPT = 24
"""Candidates per script call, at most: other clients wait while it runs. Three whose words were here before
take as long as a new one, and count as one."""
COMMIT = 64
"""Candidates committed per call, at most."""
POSTINGS_A_SLOT = 24
"""Anchors in one string, roughly: more save memory, fewer save copying. `postings.lua` has the same."""

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
        client: a client that returns bytes; see `worker.dedup.connect`.
        settings: namespace, window, lease, canonical choice, shards.
        name: the index within the namespace; a scratch index has another name than the desk's.

    Raises:
        ConfigurationError: the stored index was written by another version or with another window.
    """

    def __init__(
        self,
        client: "redis.Redis | redis.RedisCluster | Callable[[], redis.Redis | redis.RedisCluster]",
        settings: Settings,
        name: str = "dedup",
    ) -> None:
        self._given = client
        self.settings = settings
        self.name = f"{settings.index_namespace or settings.namespace}:{name}"
        self.by_language = settings.index_shards == "language"
        self.window = round(settings.window_days * 86_400_000)
        self._layout = (
            f"version={VERSION}.{LAYOUT} days={settings.window_days:g} {settings.index_shards}"
        )
        self.clock_ahead = 0.0
        """Seconds added to the server's clock, for tests and for `rebuild`."""
        self._head = [
            self._layout,
            self.window,
            BUCKETS,
            max(16, settings.index_documents * 8 // POSTINGS_A_SLOT),
            round(settings.claim_lease * 1000),
            settings.canonical,
        ]

    @cached_property
    def client(self) -> Any:
        """The client; connected when it is first asked for."""
        return self._given() if callable(self._given) else self._given

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim articles in batch order, `SCRIPT` at a time. A claim is leased to its holder."""
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

        A claim that expired is made again, unless another copy has become the canonical meanwhile.
        """
        for lost in self._commit(batch):  # one by one: two of them may be revisions of one article
            self.reserve([lost])
            self._commit([lost])

    def release(self, batch: Sequence[Candidate]) -> None:
        """Release the holders' claims: the articles will not be delivered now."""
        for shard, places in self._by_shard(batch, SCRIPT):
            arguments = [wire.to_release(batch[place]) for place in places]
            self.run("release", shard, _flat(arguments))

    def abandon(self, holders: Sequence[str]) -> None:
        """Release all claims of these holders on any article: nobody will come back for them."""
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
        """Return what is known about an article in the window, or None."""
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
        """Return the copies of an article's story in the order in which they came."""
        known = self.find(id_)
        return known.copies if known else []

    def forget(self, id_: str) -> bool:
        """Remove an article: its next scrape is new, and nothing is a copy of it any more."""
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

        Other clients may come between two calls. On a cluster each call is a round trip of its own.
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
        """Yield shards and the places of the candidates that go to each in one call, as there is room."""
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
