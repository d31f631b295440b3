"""Entries of the raw streams in the hands of intakes and workers, and what becomes of them."""

from dataclasses import dataclass, field
from typing import Any

from worker.lanes import Lane
from worker.outcomes import Outcome

PART = 16
"""Entries in a part of a batch that took its worker with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A raw entry in the hands of a worker."""

    lane: Lane
    id: str
    data: bytes | None
    """The JSON as the scraper wrote it; None when the entry has no field `article`."""
    run: str = ""
    origin: str = ""
    """Where it came from, e.g. `articles.jsonl:12`; empty: whoever published it did not say."""
    desk: str = ""
    """Namespace of its desk: desks that share an index have entries of the same ids."""
    history: tuple[dict[str, Any], ...] = ()
    """What went wrong with it so far, oldest first; each event has `at` (Unix seconds) and `kind`."""

    stage: str = ""
    """How far it came when it last took its worker with it; empty: nobody knows."""
    tries: int = 0
    """How often a worker took it before: it may have a claim in the index since."""

    @property
    def deaths(self) -> int:
        """Workers that died over it: over its batch, and over it alone.

        One that died over a small part of the batch does not count: that was more likely a neighbour.
        """
        return sum(e.get("kind") == "death" and not e.get("part") for e in self.history)

    @property
    def alone(self) -> bool:
        """Whether it is issued alone: more went wrong than that its batch took a worker with it."""
        if not self.history:  # nearly always, and it is asked at every stage
            return False
        return len(self.history) > 1 or self.history[0].get("kind") != "death"

    @property
    def holder(self) -> str:
        """Name of this entry as a holder of claims in the index."""
        return holder_name(self.desk, self.lane, self.id)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final word on an entry."""

    entry: Entry
    outcome: Outcome
    letter: bytes = b""
    """The dead letter, as JSON, when the outcome is a dead one."""


@dataclass(frozen=True, slots=True)
class Return:
    """An entry that is handed back, to be due again in `delay` seconds."""

    entry: Entry
    delay: float
    event: bytes = b""
    """What went wrong, as a JSON object for the entry's history."""


@dataclass(slots=True)
class Due:
    """Entries that an intake hands to Celery again."""

    together: list[str] = field(default_factory=list)
    few: list[str] = field(default_factory=list)
    """Their batch took its worker with it: they go in parts of `PART`, quickly and with few neighbours."""
    alone: list[str] = field(default_factory=list)
    """Something else went wrong with these before: they go one by one, so that they harm no neighbour."""
    cursor: str = "-"
    deaths: int = 0
    """Workers that died over an entry that was alone with them."""
    now: float = 0.0
    """The server's time, Unix seconds."""
    gone: list[str] = field(default_factory=list)
    """Somebody deleted these, or they are settled: they are not issued again."""

    @property
    def batches(self) -> list[list[str]]:
        """The ids by the batches in which they go."""
        parts = [self.few[at : at + PART] for at in range(0, len(self.few), PART)]
        whole = [self.together] if self.together else []
        return [*whole, *parts, *([one] for one in self.alone)]


def holder_name(desk: str, lane: Lane, entry: str) -> str:
    """Return the name of an entry as a holder of claims."""
    return f"{desk}/{lane}/{entry}"
