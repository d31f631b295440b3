"""The interface of the index: what it is asked and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from worker.articles import Article, Evidence, RawArticle
from worker.dedup.fingerprint import Fingerprint


class Verdict(StrEnum):
    """What an article is to the index."""

    NEW = "new"
    """Nothing like it is known; claimed for its holder."""
    UPDATE = "update"
    """Same identity, changed content: the next revision is claimed for its holder."""
    DUPLICATE = "duplicate"
    """Same or nearly same content as a committed canonical."""
    UNCHANGED = "unchanged"
    """Same identity, same content, committed; or an older version of it."""
    OPEN = "open"
    """It depends on a claim that another holder has not settled yet: ask again later."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as the index sees it."""

    id: str
    holder: str
    """Who claims it: the raw entry, `desk/lane/entry-id`. A redelivered entry gets its own claim back."""
    fingerprint: Fingerprint
    version_at: float = 0.0
    """When this version was made (modified, else published, else fetched), Unix seconds; 0 if unknown."""
    language: str | None = None
    outlet: str | None = None
    url: str | None = None
    known: bool = False
    """Whether the same words were here a moment ago: it is probably an exact copy, and those are then found
    sooner. The answer is the same."""


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
    """A copy of a story, in the list of its canonical."""

    id: str
    outlet: str | None = None
    url: str | None = None
    version_at: float | None = None
    """Unix seconds, None if unknown."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the index knows about an article in the window."""

    id: str
    duplicate: bool
    revision: int
    version_at: float
    canonical: str | None
    """The article itself, or the one that it is a copy of; None if that one has left the window."""
    copies: list[Copy]
    """All copies of the canonical."""


def version_at(article: Article | RawArticle) -> float:
    """Return when this version was made, Unix seconds; 0 if unknown."""
    moment = article.modified_at or article.published_at or article.fetched_at
    return moment.timestamp() if moment else 0.0


class Index(Protocol):
    """The index of all articles seen in the window."""

    def reserve(self, batch: Sequence[Candidate]) -> list[Judgement]:
        """Look up and claim articles, atomically and in batch order. A claim is leased to its holder."""
        ...

    def commit(self, batch: Sequence[Candidate]) -> None:
        """Make the holders' claims final: the articles are delivered."""
        ...

    def release(self, batch: Sequence[Candidate]) -> None:
        """Release the holders' claims: the articles will not be delivered now."""
        ...

    def abandon(self, holders: Sequence[str]) -> None:
        """Release all claims of these holders on any article: nobody will come back for them."""
        ...
