"""Lanes, and the names of everything on the Redis server."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

GROUP = "copydesk"
"""Name of the consumer group on each raw stream."""

FIELD = b"article"
"""The one field of a raw entry that scrapers write."""

RUN_FIELD = b"run"
"""Optional second field: the run (an `ingest`, a `replay`) that the entry is counted for."""

ORIGIN_FIELD = b"origin"
"""Optional third field: where the article came from, shown with a dead letter."""


class Lane(StrEnum):
    """Live news always goes first; a backlog gets the rest."""

    LIVE = "live"
    BACKLOG = "backlog"


@dataclass(frozen=True, slots=True)
class Keys:
    """Key, stream and queue names of one desk."""

    namespace: str

    def raw(self, lane: Lane) -> str:
        """Stream of raw entries."""
        return f"{self.namespace}:raw:{lane}"

    def queue(self, lane: Lane) -> str:
        """Celery queue of batches of entry ids; a list on the server."""
        return f"{self.namespace}.{lane}"

    def enrich_queue(self, lane: Lane) -> str:
        """Celery queue of articles that passed deduplication, if enrichment has workers of its own."""
        return f"{self.namespace}.enrich.{lane}"

    def queues(self, kinds: Collection[str]) -> list[str]:
        """Return the queues of `process` and `enrich` workers: live first, enrichment before new work."""
        names = []
        for lane in Lane:
            names += [self.enrich_queue(lane)] if "enrich" in kinds else []
            names += [self.queue(lane)] if "process" in kinds else []
        return names

    def later(self, lane: Lane) -> str:
        """Sorted set of entry ids that were handed back, by the time (ms) they are due again."""
        return f"{self.namespace}:later:{lane}"

    def history(self, lane: Lane) -> str:
        """Hash of entry id to the JSON list of what went wrong with it so far."""
        return f"{self.namespace}:history:{lane}"

    def delivered(self, lane: Lane) -> str:
        """Hash of entry id to outcome, from its delivery until it is settled."""
        return f"{self.namespace}:delivered:{lane}"

    def stages(self, lane: Lane) -> str:
        """Hash of entry id to how far an isolated entry came: its stage, JSON."""
        return f"{self.namespace}:stages:{lane}"

    def watch(self, lane: Lane) -> str:
        """Hash of the times the intakes looked for lost entries."""
        return f"{self.namespace}:watch:{lane}"

    def breaker(self, name: str) -> str:
        """Hash of the state of one breaker: a lane's, or `sinks`."""
        return f"{self.namespace}:breaker:{name}"

    def counts(self, lane: Lane) -> str:
        """Hash of outcome to the number of articles with it."""
        return f"{self.namespace}:counts:{lane}"

    def run(self, run: str) -> str:
        """Hash of outcome to the number of articles of one run; expires."""
        return f"{self.namespace}:run:{run}"

    @property
    def alive(self) -> str:
        """Sorted set of worker processes and intakes by the time (ms) they were last seen alive."""
        return f"{self.namespace}:alive"

    @property
    def ended(self) -> str:
        """Sorted set of worker processes by the time (ms) their main process saw them end."""
        return f"{self.namespace}:ended"

    @property
    def articles(self) -> str:
        """Output stream."""
        return f"{self.namespace}:articles"

    @property
    def dead(self) -> str:
        """Stream of dead letters."""
        return f"{self.namespace}:dead"
