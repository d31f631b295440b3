"""Entries of the raw streams as intakes and workers handle them, and what becomes of them."""

from dataclasses import dataclass, field
from typing import Any

from worker.lanes import Lane
from worker.outcomes import Outcome

PART = 16
"""Entries in each part of a batch that killed its worker."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A raw entry in the hands of a worker."""

    lane: Lane
    id: str
    data: bytes | None
    """The JSON as the scraper wrote it; None when the entry has no field `article`."""
    run: str = ""
    origin: str = ""
    """Where it came from, e.g. `articles.jsonl:12`; empty if the publisher did not say."""
    desk: str = ""
    """Namespace of its desk: desks that share an index may have entries with the same id."""
    history: tuple[dict[str, Any], ...] = ()
    """What went wrong with it so far, oldest first; each event has `at` (Unix seconds) and `kind`."""

    stage: str = ""
    """How far it had come when it last killed its worker; empty if unknown."""
    tries: int = 0
    """How often a worker took it before; it may have left a claim in the index."""

    @property
    def deaths(self) -> int:
        """Workers that died while they processed it: over its whole batch, and over it alone.

        A death over a small part of the batch does not count: a neighbour was more likely the cause.
        """
        return sum(e.get("kind") == "death" and not e.get("part") for e in self.history)

    @property
    def alone(self) -> bool:
        """Whether it is issued alone: more went wrong than one death over its whole batch."""
        if not self.history:  # nearly always, and it is asked at every stage
            return False
        return len(self.history) > 1 or self.history[0].get("kind") != "death"

    @property
    def holder(self) -> str:
        """The name under which this entry holds claims in the index."""
        return holder_name(self.desk, self.lane, self.id)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final outcome of an entry."""

    entry: Entry
    outcome: Outcome
    letter: bytes = b""
    """The dead letter, as JSON, when the outcome is a dead one."""


@dataclass(frozen=True, slots=True)
class Return:
    """An entry that is handed back and due again in `delay` seconds."""

    entry: Entry
    delay: float
    event: bytes = b""
    """What went wrong, as a JSON object for the entry's history."""


@dataclass(slots=True)
class Due:
    """Entries that an intake hands to Celery again."""

    together: list[str] = field(default_factory=list)
    few: list[str] = field(default_factory=list)
    """Their batch killed its worker: they go in parts of `PART`, so that few share the fate of the cause."""
    alone: list[str] = field(default_factory=list)
    """Something else went wrong with these: they go one by one, so that they harm no neighbour."""
    cursor: str = "-"
    deaths: int = 0
    """Workers that died while they processed a single entry."""
    now: float = 0.0
    """The server's time, Unix seconds."""
    gone: list[str] = field(default_factory=list)
    """Deleted or settled meanwhile: these are not issued again."""

    @property
    def batches(self) -> list[list[str]]:
        """The ids by the batches in which they go."""
        parts = [self.few[at : at + PART] for at in range(0, len(self.few), PART)]
        whole = [self.together] if self.together else []
        return [*whole, *parts, *([one] for one in self.alone)]


def holder_name(desk: str, lane: Lane, entry: str) -> str:
    """Return the name under which an entry holds claims."""
    return f"{desk}/{lane}/{entry}"
