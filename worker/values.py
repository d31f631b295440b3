"""The values that an article is made of.

Character offsets (`start`, `end`) count code points in `Article.text`, end exclusive.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of everything that is stored."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, protected_namespaces=()
    )


class Image(Model):
    """A picture that belongs to an article."""

    url: str
    caption: str | None = None
    credit: str | None = None


class Link(Model):
    """A link found in the body."""

    href: str
    text: str
    rel: Literal["body", "promotion", "credit", "tag", "share"] = "body"
    """`body` for links in the sentences of the story; the others were set apart."""


class Block(Model):
    """One piece of the body, in reading order. `Article.text` is a rendering of these."""

    kind: Literal[
        "paragraph",
        "heading",
        "quote",
        "list",
        "table",
        "caption",
        "embed",
        "entry",
        "dateline",
        "code",
    ]
    text: str
    level: int | None = None
    """Heading level, 1 to 6."""
    items: list[str] | None = None
    """List items, or table rows with cells joined by a tab."""


class Removed(Model):
    """What cleaning removed, and why."""

    text: str
    reason: str


class Language(Model):
    """The language of the text."""

    code: str | None
    """ISO 639-1 code, or null if it is unknown."""
    confidence: float
    reason: str | None = None
    """Why the code is null."""


class Passage(Model):
    """A stretch of text in a language of its own."""

    start: int
    end: int
    language: str


class Mention(Model):
    """One mention of an entity in the text."""

    text: str
    label: Literal["person", "organisation", "place", "other"]
    start: int
    end: int
    entity: str | None = None
    """Key of the joined entity in `Article.subjects`."""
    tag: str | None = None
    """The model's own label, e.g. GPE."""


class Subject(Model):
    """An entity of the article: all its mentions joined."""

    key: str
    name: str
    label: Literal["person", "organisation", "place", "other"]
    count: int
    salience: float
    """Share of the article's attention, 0 to 1."""
    title: str | None = None
    """Role or title as the text gives it, e.g. Secretary of State."""


class Quote(Model):
    """A direct quotation and who said it."""

    text: str
    start: int
    end: int
    speaker: str | None = None
    """Name of the speaker, or null if the text does not make it clear."""
    entity: str | None = None
    """Key of the speaker in `Article.subjects`."""
    cue: str | None = None
    """The verb of saying."""
    cue_start: int | None = None
    cue_end: int | None = None


class Place(Model):
    """A place, resolved to GeoNames."""

    text: str
    start: int
    end: int
    geonames_id: int | None
    """Null for a region or county whose number is not in the gazetteer."""
    name: str
    country_code: str | None
    """ISO 3166-1; null for a continent."""
    latitude: float
    longitude: float
    confidence: float
    entity: str | None = None


class Dateline(Model):
    """Where and when a report was filed: `KYIV, Feb 21 (AFP) —`."""

    text: str
    start: int
    end: int
    place: str | None = None
    date: str | None = None
    agency: str | None = None


class Keyword(Model):
    """A key phrase and its weight; higher means more characteristic."""

    text: str
    score: float


class Topic(Model):
    """An IPTC Media Topic."""

    code: str
    """Concept id, e.g. `medtop:11000000`."""
    name: str
    score: float
    parent: str | None = None


class Sentiment(Model):
    """Mean sentence sentiment, -1 to 1."""

    title: float | None
    body: float | None


class Readability(Model):
    """How hard the text is to read."""

    flesch: float | None
    grade: float | None
    reason: str | None = None


class NamedDate(Model):
    """A date in the text, normalised to ISO 8601."""

    text: str
    start: int
    end: int
    date: str


class Money(Model):
    """An amount of money in the text."""

    text: str
    start: int
    end: int
    amount: float
    currency: str
    """ISO 4217 code."""


class EnricherRun(Model, frozen=True):
    """What an enricher did to this article; articles of a batch may share the object."""

    version: str
    status: Literal["done", "skipped", "failed"]
    milliseconds: float | None = None
    reason: str | None = None


class Provenance(Model):
    """Where values came from."""

    fields: dict[str, str] = Field(default_factory=dict)
    """Metadata field to its source: `raw`, `json-ld`, `open-graph`, `meta`, `htmldate`, `markup`."""
    extractor: str | None = None
    """As what the body was cleaned: `fragment`, `page`, `text`."""
    enrichers: dict[str, EnricherRun] = Field(default_factory=dict)
    copydesk: str | None = None
    """Version of this software."""
    fingerprint: str | None = None
    """Version of the fingerprint."""


class Evidence(Model):
    """Why deduplication decided as it did."""

    rule: str
    """The rule that decided: `exact`, `near`, `containment`, `identity`, `numbers`, …"""
    similarity: float | None = None
    containment: float | None = None
    shared: int | None = None
    """Shingles shared with the article that it was compared to."""
    compared_to: str | None = None
    contains: list[str] = Field(default_factory=list)
    """Articles whose text is contained in this one (a round-up)."""
