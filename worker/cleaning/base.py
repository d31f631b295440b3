"""What cleaning returns."""

import datetime as dt
from dataclasses import dataclass, field

from worker.articles import Block, Image, Link, Removed


@dataclass(slots=True)
class Known:
    """Facts about a body, worked out once for all articles that have it."""

    again: bool = False
    """Whether the body has come more than once."""
    words: int | None = None
    json: bytes = b""
    """The fields that hold the body, as they appear in the JSON of an article."""
    nul: bool = False
    """Whether that JSON contains the character NUL."""


@dataclass(slots=True)
class Cleaned:
    """The story without anything else that was in the body, and its metadata."""

    text: str
    paragraphs: list[str]
    blocks: list[Block]
    html: str
    extractor: str
    parts: list[str] = field(default_factory=list)
    """The HTML of each block, before it is sanitised."""
    links: list[Link] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    title: str | None = None
    authors: list[str] = field(default_factory=list)
    published_at: dt.datetime | None = None
    modified_at: dt.datetime | None = None
    url: str | None = None
    language: str | None = None
    """A hint from the raw article or the markup, ISO 639-1; the language enricher decides."""
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    outlet: str | None = None
    paywalled: bool = False
    sources: dict[str, str] = field(default_factory=dict)
    """Metadata field to where it came from: raw, json-ld, open-graph, meta, htmldate, markup."""
    known: Known = field(default_factory=Known, compare=False, repr=False)

    @property
    def word_count(self) -> int:
        """Words between blanks in the text."""
        if self.known.words is None:
            self.known.words = _words(self.text)
        return self.known.words


def _words(text: str) -> int:
    """Return `len(text.split())`."""
    line = text.replace("\n\n", " ")
    # Printable text has no white space except blanks: if no two are adjacent, counting them is enough.
    if line.isprintable() and line and "  " not in line and " " not in (line[0], line[-1]):
        return line.count(" ") + 1
    return len(text.split())
