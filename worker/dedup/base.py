"""What the index is asked and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from worker.articles import Article, Evidence, RawArticle
from worker.dedup.fingerprint import Fingerprint


class Verdict(StrEnum):
    """What an article is to the index."""

    NEW = "new"
    """Nothing like it: claimed for its holder."""
    UPDATE = "update"
    """Same identity, changed content: the next revision is claimed for its holder."""
    DUPLICATE = "duplicate"
    """Same or nearly same content as a committed canonical."""
    UNCHANGED = "unchanged"
    """Same identity, same content, committed; or an older version of it."""
    OPEN = "open"
    """It hangs on a claim that another holder has not settled yet: ask again later."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as the index sees it."""

    id: str
    holder: str
    """Who claims: the raw entry, `lane/entry-id`. A redelivered entry gets its own claim back."""
    fingerprint: Fingerprint
    version_at: float = 0.0
    """Unix seconds of this version (modified, else published, else fetched), 0 if unknown."""
    language: str | None = None
    outlet: str | None = None
    url: str | None = None
    known: bool = False
    """Whether the same words were here a moment ago: an exact copy, likely, which is found sooner then.
    The answer is the same."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The index's answer for one candidate."""

    verdict: Verdict
    revision: int = 1
    duplicate_of: str | None = None
    similarity: float | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a story, as its canonical lists it."""

    id: str
    outlet: str | None = None
    url: str | None = None
    version_at: float | None = None
    """Unix seconds, None if unknown."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the window holds of an article."""

    id: str
    duplicate: bool
    revision: int
    version_at: float
    canonical: str | None
    """The article itself, or the one it is a copy of; None: that one has left the window."""
    copies: list[Copy]
    """All copies of the canonical."""


def version_at(article: Article | RawArticle) -> float:
    """Return when this version was made, Unix seconds; 0 if unknown."""
    moment = article.modified_at or article.published_at or article.fetched_at
    return moment.timestamp() if moment else 0.0


class Index(Protocol):
    """The index of everything seen in the window."""

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim, atomically, in batch order. A claim is a lease of its holder."""
        ...

    def commit(self, batch: Sequence[Candidate]) -> None:
        """Make the holders' claims final: the articles are delivered."""
        ...

    def release(self, batch: Sequence[Candidate]) -> None:
        """Give the holders' claims up: the articles will not be delivered now."""
        ...

    def abandon(self, holders: Sequence[str]) -> None:
        """Give up all claims of these holders, whatever they are on: nobody will come back for them."""
        ...
