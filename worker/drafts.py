"""Articles on their way through a batch, and what became of the batch."""

from collections import Counter
from dataclasses import dataclass, field, replace

from worker import __version__
from worker.articles import Article, Provenance, RawArticle
from worker.cleaning.base import Cleaned
from worker.cleaning.memory import without
from worker.dedup.base import Candidate, Judgement
from worker.dedup.fingerprint import Fingerprint
from worker.entries import Entry, Return, Settlement
from worker.metrics import Stopwatch
from worker.outcomes import Stage
from worker.reading import source_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A raw article, and what cleaning made of it."""

    raw: RawArticle
    cleaned: Cleaned
    id: str

    @property
    def outlet(self) -> str:
        """The publisher, as far as known: the source, else the outlet, else the host of the URL."""
        return source_of(self.raw.source or self.cleaned.outlet, self.raw.url) or ""

    def without(self, lines: set[str]) -> "Reading":
        """Return the reading without some of its paragraphs; its id stays the same."""
        cleaned = without(self.cleaned, lines)
        return self if cleaned is self.cleaned else replace(self, cleaned=cleaned)


@dataclass(slots=True, eq=False)
class Draft:
    """An article on its way through one batch; two are never equal."""

    entry: Entry
    stage: Stage = Stage.READ
    reading: Reading | None = None
    article: Article | None = None
    candidate: Candidate | None = None
    judgement: Judgement | None = None


@dataclass(slots=True)
class Result:
    """What became of a batch."""

    settlements: list[Settlement] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    handed: list[Entry] = field(default_factory=list)
    """Entries handed on to the workers that enrich and deliver."""
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    away: str = ""
    """Why articles could not be delivered now: a service is away."""
    faults: int = 0
    """Articles that failed and not by their scraper's fault; the breaker counts them."""
    why: str = ""
    """What the last of these was."""

    def add_fault(self, why: str) -> None:
        """Count one more article that failed."""
        self.faults += 1
        self.why = why

    @property
    def good(self) -> int:
        """Articles that ended well."""
        return sum(not settlement.outcome.dead for settlement in self.settlements)

    def named(self) -> set[str]:
        """Return the ids of the entries about which is decided."""
        decided: list[Settlement | Return] = [*self.settlements, *self.returns]
        return {one.entry.id for one in decided} | {entry.id for entry in self.handed}

    def summary(self) -> dict[str, int]:
        """Return the number of articles by outcome, and of those handed back."""
        counts = Counter(settlement.outcome.value for settlement in self.settlements)
        if self.returns:
            counts["returned"] = len(self.returns)
        if self.handed:
            counts["handed on"] = len(self.handed)
        return dict(counts)


def assemble(reading: Reading, print_: Fingerprint) -> Article:
    """Make the article of a reading and its fingerprint."""
    raw, cleaned = reading.raw, reading.cleaned
    return Article(
        id=reading.id,
        url=cleaned.url or raw.url,
        source=raw.source or cleaned.outlet,
        source_id=raw.id,
        title=cleaned.title,
        authors=cleaned.authors,
        published_at=cleaned.published_at,
        modified_at=cleaned.modified_at,
        fetched_at=raw.fetched_at,
        section=cleaned.section,
        tags=cleaned.tags,
        images=cleaned.images,
        outlet=cleaned.outlet,
        paywalled=cleaned.paywalled,
        text=cleaned.text,
        paragraphs=cleaned.paragraphs,
        blocks=cleaned.blocks,
        html=cleaned.html,
        links=cleaned.links,
        removed=cleaned.removed,
        credits=cleaned.credits,
        word_count=cleaned.word_count,
        content_hash=print_.content.hex(),
        provenance=Provenance(
            fields=cleaned.sources, extractor=cleaned.extractor, copydesk=__version__
        ),
        extra=raw.extra,
    )
