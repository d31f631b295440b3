"""The table of the store, and connections to it: SQLite or PostgreSQL."""

import contextlib
import datetime as dt
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB

from worker.errors import ConfigurationError, TransientError

_CACHE = 16_000
"""KiB of pages that an SQLite transaction keeps in memory."""
_LOG_PAGES = 8_000
"""Pages of 4 KiB in SQLite's write-ahead log after which they are copied to the file."""
PREPARE_LOCK = 0x636F_7079  # "copy": one process at a time creates tables in PostgreSQL


class Utc(sa.TypeDecorator[dt.datetime]):
    """A point in time: UTC in the store, with its zone in Python. SQLite would drop the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - the base class names it
    ) -> dt.datetime | None:
        """Convert the time to UTC; without a zone it is UTC already."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=dt.UTC)
        try:
            return value.astimezone(dt.UTC)
        except OverflowError:  # 0001-01-01T00:00+05:00 lies before Python's first year
            return value.replace(tzinfo=dt.UTC)

    def process_result_value(
        self,
        value: dt.datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002 - the base class names it
    ) -> dt.datetime | None:
        """Give the time its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData()
by_day = sa.MetaData()
"""The tables of a store in PostgreSQL with one partition per day. See `worker.sinks.days`."""


def _articles(metadata: sa.MetaData, *, daily: bool = False) -> sa.Table:
    return sa.Table(
        "articles",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("duplicate_of", sa.Text),
        sa.Column("similarity", sa.Float),
        sa.Column("url", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("published_at", Utc),
        sa.Column("stored_at", Utc, nullable=False, primary_key=daily),
        sa.Column("content_hash", sa.Text, nullable=False),
        # The whole article. It is JSON text already on both sides: see json_serializer below.
        sa.Column("document", sa.Text().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Index("articles_stored_at", "stored_at"),
        sa.Index(
            "articles_duplicate_of",
            "duplicate_of",
            sqlite_where=sa.text("duplicate_of IS NOT NULL"),
            postgresql_where=sa.text("duplicate_of IS NOT NULL"),
        ),
        postgresql_partition_by="RANGE (stored_at)" if daily else None,
    )


articles = _articles(metadata)
_articles(by_day, daily=True)
keys = sa.Table(
    "article_keys",
    by_day,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("stored_at", Utc, nullable=False),
    # Days are forgotten by it; it takes a page for a million rows.
    sa.Index("article_keys_stored_at", "stored_at", postgresql_using="brin"),
)
"""Which revisions are stored, and when, if `articles` has partitions."""


def connect(url: str, *, write: bool, timeout: float = 30.0) -> sa.Engine:
    """Return an engine for the store at `url`; nothing is opened yet. Call it after a fork.

    Args:
        url: SQLAlchemy URL with the dialect `sqlite` or `postgresql`.
        write: whether a transaction takes SQLite's write lock at its start. A transaction that
            reads first and writes later fails at once when another process wrote between.
        timeout: how long a statement waits for another process' lock, in seconds; with PostgreSQL also how
            long one that writes may take, and sent data may wait for the server's acknowledgement.

    Raises:
        ConfigurationError: not a URL of SQLite or PostgreSQL, or a folder that cannot be made.
    """
    try:
        target = sa.make_url(url)
        dialect = target.get_backend_name()
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(f"The store {url!r} is neither a path nor a URL.") from error
    if dialect == "sqlite":
        return _sqlite(target, write=write, timeout=timeout)
    if dialect == "postgresql":
        milliseconds = int(timeout * 1000)
        slow = f" -c statement_timeout={milliseconds}" if write else ""
        engine = sa.create_engine(
            target,
            pool_size=1,
            pool_pre_ping=True,  # a restarted server is noticed before a batch is lost on it
            json_serializer=_as_is,
            json_deserializer=_as_text,
            connect_args={
                "connect_timeout": 5,
                "tcp_user_timeout": milliseconds,  # what the network swallows
                "application_name": "copydesk",
                "options": f"-c lock_timeout={milliseconds}{slow}",
            },
        )
        event.listen(engine, "connect", _prepare_nothing_at_a_pooler)
        return engine
    raise ConfigurationError(
        f"The store {target.render_as_string()} is of the kind {dialect!r}, which is not supported. "
        "Give a path, or a URL that begins with sqlite:/// or postgresql://"
    )


def _prepare_nothing_at_a_pooler(connection: Any, _record: object) -> None:
    """Let psycopg prepare no statement where a pooler such as PgBouncer hands out a server a transaction.

    What was prepared stands on another server then, and under its name there may stand another statement. A
    pooler tells another process number than the server has.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [process] = cursor.fetchone()
    connection.rollback()
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None


def _sqlite(target: sa.URL, *, write: bool, timeout: float) -> sa.Engine:
    path = Path(target.database or "")
    if write:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot make the folder of the store {path}: {error.strerror or error}. "
                "Choose another with --store."
            ) from error
    if not write and _is_frozen(path):
        source = f"file:{quote(str(path.absolute()))}?immutable=1"
        return sa.create_engine(
            target, creator=lambda: sqlite3.connect(source, uri=True, check_same_thread=False)
        )
    engine = sa.create_engine(target, connect_args={"timeout": timeout})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = (
            None  # the driver's own BEGIN is always deferred; ours is below
        )
        if write:
            _use_wal(connection, timeout)
            # The raw article is acknowledged after the commit, so a commit has to be on the disk.
            connection.execute("PRAGMA synchronous=FULL")
            # A batch of 256 writes some 4 MB. SQLite's own bounds, 2 and 4 MB, make it write pages before the
            # commit, and copy the log to the file, each with a flush of its own, after nearly each batch.
            connection.execute(f"PRAGMA cache_size=-{_CACHE}")
            connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _is_frozen(path: Path) -> bool:
    """Whether a file is where nothing can be written, such as a backup on a read-only disk.

    SQLite creates files beside a database even to read it. If there is no log to read either, it can be told
    that the file does not change.
    """
    log = path.with_name(path.name + "-wal")
    writable = os.access(path.parent, os.W_OK)
    return path.is_file() and not writable and not (log.exists() and log.stat().st_size)


def _use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch to the write-ahead log. SQLite itself does not wait for a lock here."""
    deadline = time.monotonic() + timeout
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return  # a file system without shared memory keeps its old mode


def create_tables(engine: sa.Engine, *, daily: bool = False) -> None:
    """Create what is missing; safe if several processes start at once.

    With `daily` there is one partition per day, in PostgreSQL. An existing table stays as it is.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARE_LOCK)))
        if not sa.inspect(connection).has_table(articles.name):
            (by_day if daily else metadata).create_all(connection)


def is_daily(engine: sa.Engine) -> bool:
    """Whether the table has partitions."""
    if engine.dialect.name != "postgresql":
        return False
    kind = sa.text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('articles')")
    with engine.connect() as connection:
        return bool(connection.scalar(kind))


def check_table(engine: sa.Engine) -> None:
    """Make sure that the table, if it exists, is ours.

    Raises:
        ConfigurationError: it belongs to another program or version.
    """
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        if not inspector.has_table(articles.name):
            return
        there = {column["name"] for column in inspector.get_columns(articles.name)}
    missing = [column.name for column in articles.c if column.name not in there]
    if missing:
        raise ConfigurationError(
            f"The store {name_of(engine)} holds a table {articles.name!r} of another program or version: it "
            f"has no column {', '.join(missing)}. Choose another with --store."
        )


def name_of(engine: sa.Engine) -> str:
    """Return how a message names the store: the path, or the URL without its password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=True)


@contextlib.contextmanager
def transient_errors(engine: sa.Engine) -> Iterator[None]:
    """Raise TransientError for a store that is away, locked, full or cannot be used.

    Errors of the data (`sqlalchemy.exc.DataError`, `IntegrityError`) pass through.
    """
    try:
        yield
    except (sa.exc.DataError, sa.exc.IntegrityError):
        raise
    except sa.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        reason = " ".join(str(cause).split()) or type(cause).__name__
        message = f"The store {name_of(engine)} cannot be used: {reason.rstrip('.?')}"
        raise TransientError(message) from error


def _as_is(document: str) -> str:
    return document


def _as_text(document: bytes | str) -> str:
    return document.decode() if isinstance(document, bytes) else document
