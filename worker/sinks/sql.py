"""The SQL sink: one row per revision; duplicates are rows as well."""

import datetime as dt
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from worker.errors import (
    BatchRefusedError,
    ConfigurationError,
    RejectedError,
    TransientError,
)
from worker.outcomes import Outcome, Reason, Stage
from worker.sinks.base import Delivery
from worker.sinks.database import (
    articles,
    check_table,
    connect,
    create_tables,
    is_daily,
    keys,
    name_of,
    transient_errors,
)
from worker.sinks.days import Partitions, enter


class SqlSink:
    """Stores each `(id, revision)` once in the table `articles`, each batch in one transaction.

    Create it in the process that uses it. The table is created on first use, so that a worker may start
    before its store.
    """

    name = "sql"

    def __init__(self, url: str, *, timeout: float = 30.0, daily: bool = False) -> None:
        """Prepare for the store at `url`; nothing is opened yet.

        `daily`: a table that does not exist yet is created with one partition per day, in PostgreSQL.

        Raises:
            ConfigurationError: see `worker.sinks.database.connect`; or partitions are asked for with SQLite.
        """
        self._engine = connect(url, write=True, timeout=timeout)
        if daily and self._engine.dialect.name != "postgresql":
            raise ConfigurationError(
                f"The store {name_of(self._engine)} cannot have partitions; only PostgreSQL can. Leave "
                "out COPYDESK_STORE_PARTITIONS, or choose another store with --store."
            )
        self._daily = daily
        self._statement = _Statement(_upsert(self._engine.dialect.name), self._engine.dialect)
        self._partitions: Partitions | None = None
        self._prepared = False

    def deliver(self, batch: Sequence[Delivery]) -> Sequence[Delivery]:
        """Store the batch, and return it as it was stored. See `Sink.deliver`."""
        if not batch:
            return batch
        try:
            with transient_errors(self._engine):
                self._prepare()
                now = dt.datetime.now(dt.UTC)
                if self._partitions:
                    self._partitions.make(now)
                with self._engine.begin() as connection:
                    known = _known(connection, batch, keys if self._partitions else articles)
                    numbered = [_renumbered(delivery, known) for delivery in batch]
                    rows = _rows(numbered, now)
                    if self._partitions:
                        rows = enter(connection, rows)
                    self._statement.run(connection, rows)
        except sa.exc.DBAPIError as error:
            if self._partitions and self._partitions.miss(error):
                message = f"The store {name_of(self._engine)} has lost the partition of today"
                raise TransientError(message) from error
            message = (
                f"The store {name_of(self._engine)} refused it: {' '.join(str(error.orig).split())}"
            )
            if len(batch) > 1:
                raise BatchRefusedError(message) from error
            raise RejectedError(Reason.SINK_ERROR, message, Stage.DELIVER) from error
        return numbered

    def ping(self) -> None:
        """Raise TransientError unless the store answers and is writable."""
        with transient_errors(self._engine):
            self._prepare()
            with self._engine.begin() as connection:
                connection.execute(sa.select(sa.literal(1)))

    def check(self) -> None:
        """Make sure that the table is ours, before the work begins.

        Raises:
            ConfigurationError: it belongs to another program or version, or lacks the partitions asked for.
        """
        with transient_errors(self._engine):
            check_table(self._engine)
            self._prepare()
        if self._daily and not self._partitions:
            raise ConfigurationError(
                f"The store {name_of(self._engine)} holds a table without partitions. See docs/scaling.md "
                "for how to add them, or leave out COPYDESK_STORE_PARTITIONS."
            )

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _prepare(self) -> None:
        if self._prepared:
            return
        create_tables(self._engine, daily=self._daily)
        if is_daily(self._engine):
            self._partitions = Partitions(self._engine)
            self._statement = _Statement(sa.insert(articles), self._engine.dialect)
        self._prepared = True


class _Statement:
    """The statement that stores rows, compiled for the driver once and not for every batch."""

    def __init__(self, statement: sa.Insert, dialect: sa.Dialect) -> None:
        written = statement.compile(dialect=dialect)
        self._text = str(written)
        self._names = written.positiontup
        self._converters: dict[str, Callable[[Any], Any]] = {
            column.name: convert
            for column in articles.c
            if (convert := column.type.dialect_impl(dialect).bind_processor(dialect))
        }

    def run(self, connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
        """Store the rows, if there are any."""
        if not rows:
            return
        for name, convert in self._converters.items():
            for row in rows:
                row[name] = convert(row[name])
        if self._names is None:
            connection.exec_driver_sql(self._text, rows)
        else:
            in_order = itemgetter(*self._names)
            connection.exec_driver_sql(self._text, list(map(in_order, rows)))


def _upsert(dialect: str) -> sa.Insert:
    insert = postgresql.insert(articles) if dialect == "postgresql" else sqlite.insert(articles)
    changed = {
        column.name: insert.excluded[column.name] for column in articles.c if not column.primary_key
    }
    copy: sa.ColumnClause[str] = sa.literal_column(f"'{Outcome.DUPLICATE.value}'")
    # Existing rows stay, with one exception: an article that was recorded as a copy and is delivered after
    # all, because its canonical left the window, replaces the record.
    return insert.on_conflict_do_update(
        index_elements=[articles.c.id, articles.c.revision],
        set_=changed,
        where=sa.and_(
            articles.c.status == copy,
            insert.excluded.status != copy,
        ),
    )


Known = dict[str, dict[int, str]]
"""Content hashes of the delivered revisions, by id and revision."""


def _known(connection: sa.Connection, batch: Sequence[Delivery], table: sa.Table) -> Known:
    """Look up in `table` which revisions of the batch's articles are stored."""
    ids = {one.article.id for one in batch if one.article.status.delivered}
    if not ids:
        return {}
    columns = sa.select(table.c.id, table.c.revision, table.c.content_hash)
    stored = connection.execute(
        columns.where(table.c.id.in_(ids), table.c.status != Outcome.DUPLICATE.value)
    )
    known: Known = {}
    for article_id, revision, content_hash in stored:
        known.setdefault(article_id, {})[revision] = content_hash
    return known


def _renumbered(delivery: Delivery, known: Known) -> Delivery:
    """Give an article the next free revision if its own is taken by other content.

    If the latest stored revision has the same content, it gets that one. This happens because the index
    forgets an article after its window and starts again at 1, while the store does not forget.
    """
    article = delivery.article
    revisions = known.get(article.id, {})
    held = revisions.get(article.revision)
    if not article.status.delivered or held in (None, article.content_hash):
        return delivery
    latest = max(revisions)
    revision = latest if revisions[latest] == article.content_hash else latest + 1
    return Delivery.of(article.model_copy(update={"revision": revision}))


def _rows(batch: Sequence[Delivery], now: dt.datetime) -> list[dict[str, Any]]:
    # One microsecond apart, so that a batch is read back in its order.
    rows = [_row(delivery, now + dt.timedelta(microseconds=n)) for n, delivery in enumerate(batch)]
    # The same order in every process, so that two of them cannot deadlock.
    return sorted(rows, key=lambda row: (row["id"], row["revision"]))


def _row(delivery: Delivery, stored_at: dt.datetime) -> dict[str, Any]:
    article = delivery.article
    return {
        "id": article.id,
        "revision": article.revision,
        "status": article.status.value,
        "duplicate_of": article.duplicate_of,
        "similarity": article.similarity,
        "url": article.url,
        "source": article.source,
        "title": article.title,
        "language": article.language.code if article.language else None,
        "published_at": article.published_at,
        "stored_at": stored_at,
        "content_hash": article.content_hash,
        "document": delivery.document.decode(),
    }
