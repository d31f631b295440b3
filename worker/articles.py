"""The contract: what scrapers hand in (`RawArticle`) and what comes out (`Article`).

Both carry a `schema_version` and publish their JSON Schema through `copydesk schema raw|article`.
Character offsets (`start`, `end`) count code points in `Article.text`, end exclusive.
"""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    field_validator,
    model_validator,
)

from worker.moments import read as read_moment
from worker.outcomes import Outcome
from worker.values import (
    Block,
    Dateline,
    EnricherRun,
    Evidence,
    Image,
    Keyword,
    Language,
    Link,
    Mention,
    Model,
    Money,
    NamedDate,
    Passage,
    Place,
    Provenance,
    Quote,
    Readability,
    Removed,
    Sentiment,
    Subject,
    Topic,
)

__all__ = [
    "SCHEMA_VERSION",
    "Article",
    "Block",
    "Dateline",
    "EnricherRun",
    "Evidence",
    "Image",
    "Keyword",
    "Language",
    "Link",
    "Mention",
    "Money",
    "NamedDate",
    "Passage",
    "Place",
    "Provenance",
    "Quote",
    "RawArticle",
    "Readability",
    "Removed",
    "Sentiment",
    "Subject",
    "Topic",
]

SCHEMA_VERSION = "1.0"
DATES = ("published_at", "modified_at", "fetched_at")


def _moment(value: Any) -> Any:
    """Read a date as scrapers write it; None if it is none or ambiguous, then `extra` keeps it."""
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return read_moment(value)
    return value


def _names(value: Any) -> Any:
    """Accept one name where a list is meant, and `{"name": …}` objects as feeds write them."""
    if value is None:
        return []
    if isinstance(value, str | dict):
        value = [value]
    if isinstance(value, list):
        value = [item.get("name") if isinstance(item, dict) else item for item in value]
        value = [item for item in value if item not in (None, "")]
    return value


def _images(value: Any) -> Any:
    """Accept a URL where an image is meant, and one where a list is meant."""
    if value is None:
        return []
    if isinstance(value, str | dict):
        value = [value]
    if isinstance(value, list):
        value = [{"url": item} if isinstance(item, str) else item for item in value]
        value = [
            {key: item[key] for key in ("url", "caption", "credit") if key in item}
            if isinstance(item, dict)
            else item
            for item in value
        ]
    return value


Object = dict[str, Any]
# The JSON Schema of raw articles describes what is accepted, not what it is converted to.
Moment = Annotated[
    dt.datetime | None, BeforeValidator(_moment, json_schema_input_type=str | float | None)
]
Names = Annotated[
    list[str],
    BeforeValidator(_names, json_schema_input_type=list[str | Object] | str | Object | None),
]
Images = Annotated[
    list[Image],
    BeforeValidator(_images, json_schema_input_type=list[str | Object] | str | Object | None),
]
Extra = Annotated[
    Object,
    BeforeValidator(
        lambda value: {} if value is None else value, json_schema_input_type=Object | None
    ),
]


class RawArticle(BaseModel):
    """What a scraper publishes: `html` (a body fragment or a whole page) or `text`; the rest is optional.

    Unknown fields are kept in `extra` and never an error. So are dates that cannot be read, or are
    ambiguous: no date is better than a wrong one. A value of a wrong type is an error.
    """

    model_config = ConfigDict(
        extra="forbid",  # anything that `_keep_the_rest` missed would be lost
        use_attribute_docstrings=True,
        json_schema_extra={"additionalProperties": True},
    )

    schema_version: str = SCHEMA_VERSION
    html: str | None = None
    """A body fragment or a whole page."""
    text: str | None = None
    """Plain text, paragraphs separated by blank lines; used when there is no `html`."""
    kind: Literal["fragment", "page"] | None = None
    """Overrides the detection whether `html` is a fragment or a page."""
    url: str | None = None
    source: str | None = None
    """The outlet or feed, e.g. `example.com` or `reuters`."""
    id: str | None = None
    """The producer's own id, unique within `source`."""
    title: str | None = None
    authors: Names = Field(default_factory=list)
    published_at: Moment = None
    modified_at: Moment = None
    fetched_at: Moment = None
    language: str | None = None
    section: str | None = None
    tags: Names = Field(default_factory=list)
    images: Images = Field(default_factory=list)
    extra: Extra = Field(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_the_rest(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        fields = cls.model_fields
        unknown = {key: value for key, value in data.items() if key not in fields}
        if unknown:
            known = {key: value for key, value in data.items() if key in fields}
            extra = known.get("extra")
            if extra is None or isinstance(extra, dict):
                known["extra"] = {**(extra or {}), **unknown}
        raw = handler(known if unknown else data)
        for name in DATES:
            written = data.get(name)
            if getattr(raw, name) is None and written is not None and str(written).strip():
                raw.extra[name] = written
        return raw

    @field_validator("id", mode="before", json_schema_input_type=str | int | None)
    @classmethod
    def _number_is_an_id(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Article(Model):
    """A clean, deduplicated, enriched article: one revision of one story by one publisher."""

    schema_version: str = SCHEMA_VERSION
    id: str
    revision: int = 1
    status: Outcome = Outcome.NEW
    duplicate_of: str | None = None
    similarity: float | None = None
    evidence: Evidence | None = None
    copies: int = 0

    url: str | None = None
    source: str | None = None
    source_id: str | None = None
    title: str | None = None
    authors: list[str] = Field(default_factory=list)
    published_at: dt.datetime | None = None
    modified_at: dt.datetime | None = None
    fetched_at: dt.datetime | None = None
    processed_at: dt.datetime | None = None
    section: str | None = None
    tags: list[str] = Field(default_factory=list)
    images: list[Image] = Field(default_factory=list)
    outlet: str | None = None
    paywalled: bool = False

    text: str = ""
    paragraphs: list[str] = Field(default_factory=list)
    blocks: list[Block] = Field(default_factory=list)
    html: str = ""
    """Sanitised HTML of the same blocks."""
    links: list[Link] = Field(default_factory=list)
    removed: list[Removed] = Field(default_factory=list)
    credits: list[str] = Field(default_factory=list)
    word_count: int = 0
    content_hash: str = ""

    language: Language | None = None
    passages: list[Passage] = Field(default_factory=list)
    entities: list[Mention] | None = None
    subjects: list[Subject] | None = None
    quotes: list[Quote] | None = None
    places: list[Place] | None = None
    dateline: Dateline | None = None
    topics: list[Topic] | None = None
    keywords: list[Keyword] | None = None
    summary: str | None = None
    sentiment: Sentiment | None = None
    readability: Readability | None = None
    reading_seconds: int | None = None
    dates: list[NamedDate] | None = None
    money: list[Money] | None = None
    embedding: list[float] | None = None
    story_id: str | None = None

    provenance: Provenance = Field(default_factory=Provenance)
    extra: dict[str, Any] = Field(default_factory=dict)
