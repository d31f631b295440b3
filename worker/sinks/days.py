"""The store in PostgreSQL with one partition per day, so that old days can be dropped at once.

PostgreSQL requires the column that it partitions by in the primary key, but `(id, revision)` is what makes
delivery idempotent. So that key is in a table of its own, `article_keys`, with the time of storing, which
determines the partition.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from worker.outcomes import Outcome
from worker.sinks.database import PREPARE_LOCK, articles, keys

OVERLAP = "42P17"
"""PostgreSQL's code for a partition that overlaps another one."""
NO_PLACE = "23514"
"""Its code for a row without a partition, and for a row that violates a named constraint."""

Rows = Sequence[dict[str, Any]]


class Partitions:
    """Creates the partitions that rows are stored in, one day ahead."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._day: dt.date | None = None

    def make(self, now: dt.datetime) -> None:
        """Create what is missing for this day (UTC) and the next; other processes may do the same."""
        day = now.date()
        if day == self._day:
            return
        with self._engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARE_LOCK)))
            for one in (day, day + dt.timedelta(days=1)):
                _make(connection, one)
        self._day = day

    def miss(self, error: sa.exc.DBAPIError) -> bool:
        """Whether rows found no partition: somebody dropped today's, and the next batch creates it again."""
        told = error.orig
        missing = getattr(told, "sqlstate", "") == NO_PLACE and not told.diag.constraint_name  # type: ignore[union-attr]
        if missing:
            self._day = None
        return missing


def _make(connection: sa.Connection, day: dt.date) -> None:
    name = f"{articles.name}_{day:%Y%m%d}"
    if connection.scalar(sa.select(sa.func.to_regclass(name))) is not None:
        return
    # Created by itself, then attached: CREATE TABLE … PARTITION OF would wait for all readers, and block
    # those that come after.
    bounds = f"FROM ('{day} 00:00+00') TO ('{day + dt.timedelta(days=1)} 00:00+00')"
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {articles.name} INCLUDING ALL)")
            connection.exec_driver_sql(
                f"ALTER TABLE {articles.name} ATTACH PARTITION {name} FOR VALUES {bounds}"
            )
    except sa.exc.DBAPIError as error:
        # A partition of more than a day, such as what was there before there were any, takes its rows.
        if getattr(error.orig, "sqlstate", "") != OVERLAP:
            raise


def enter(connection: sa.Connection, rows: Rows) -> list[dict[str, Any]]:
    """Insert the keys of `rows`; return the rows that have to be stored, because they are not there yet.

    If an article was recorded as a copy and is now delivered after all, its record is removed.
    """
    unique: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        held = unique.setdefault((row["id"], row["revision"]), row)
        if held["status"] == _COPY != row["status"]:
            unique[row["id"], row["revision"]] = row
    delivered = [key for key, row in unique.items() if row["status"] != _COPY]
    records = connection.execute(_RECORDS, {"delivered": delivered}).all() if delivered else []
    if records:
        place = sa.tuple_(articles.c.id, articles.c.revision, articles.c.stored_at)
        connection.execute(sa.delete(articles).where(place.in_(map(tuple, records))))
    named = [{column.name: row[column.name] for column in keys.c} for row in unique.values()]
    return [unique[row.id, row.revision] for row in connection.execute(_ENTER, named)]


_COPY = Outcome.DUPLICATE.value
_RECORDS = sa.select(keys.c.id, keys.c.revision, keys.c.stored_at).where(
    keys.c.status == _COPY,
    sa.tuple_(keys.c.id, keys.c.revision).in_(sa.bindparam("delivered", expanding=True)),
)


def _enter() -> Any:
    copy: sa.ColumnClause[str] = sa.literal_column(f"'{_COPY}'")
    insert = postgresql.insert(keys)
    return insert.on_conflict_do_update(
        index_elements=[keys.c.id, keys.c.revision],
        set_={name: insert.excluded[name] for name in ("status", "content_hash", "stored_at")},
        where=sa.and_(keys.c.status == copy, insert.excluded.status != copy),
    ).returning(keys.c.id, keys.c.revision)


_ENTER = _enter()
