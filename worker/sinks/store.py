"""Reading the store: articles by status, source, language and time; revisions; copies."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from pydantic import ValidationError

from worker.articles import Article
from worker.errors import ConfigurationError, CopydeskError, first_problem
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks.database import articles, check_table, connect, name_of, transient_errors

DELIVERED = (Outcome.NEW, Outcome.UPDATE)
PAGE = 500
"""Rows per query: no transaction stays open while the caller works, so writers can clean up."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which articles are selected; an empty field matches any.

    `since` (inclusive) and `until` (exclusive) refer to the time of publication, or to the time of storing if
    an article has no time of publication.
    """

    statuses: tuple[Outcome, ...] = DELIVERED
    source: str | None = None
    """The source that the scraper named, else the host of the URL."""
    language: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    all_revisions: bool = False
    """Every revision, not only the latest of each article."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list tells of an article."""

    id: str
    revision: int
    status: str
    source: str | None
    url: str | None
    title: str | None
    published_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Copy:
    """Where else a story ran."""

    id: str
    url: str | None
    outlet: str | None
    published_at: dt.datetime | None
    stored_at: dt.datetime
    similarity: float | None


class Store:
    """The articles stored by the SQL sink. Use it as a context manager, or close it."""

    def __init__(self, url: str) -> None:
        """Open the store at `url` for reading.

        Raises:
            ConfigurationError: there is no such file, or it holds no table of articles.
            TransientError: the server does not answer.
        """
        self._engine = connect(url, write=False)
        path = self._engine.url.database
        if self._engine.dialect.name == "sqlite" and not Path(path or "").is_file():
            raise ConfigurationError(
                f"There is no store at {path}. Create one with `copydesk ingest`, or "
                "choose another with --store."
            )
        try:
            with transient_errors(self._engine), self._engine.connect() as connection:
                empty = not sa.inspect(connection).has_table(articles.name)
            if empty:
                raise ConfigurationError(
                    f"The store {name_of(self._engine)} holds no articles yet."
                )
            check_table(self._engine)
        except CopydeskError:
            self.close()
            raise

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Open the store that the settings name."""
        return cls(settings.store_url())

    def articles(
        self, query: Query | None = None, *, after: tuple[str, int] | None = None
    ) -> Iterator[Article]:
        """Yield the articles in the order in which they were stored, `copies` counted now.

        `after` (id, revision) goes on behind an article that was seen before.
        """
        query = query or Query()
        last: tuple[dt.datetime, str, int] | None = None
        stored = self.stored_at(*after) if after else None
        if after and stored:
            last = (stored, *after)
        while True:
            statement = _select(query).order_by(*_ORDER).limit(PAGE)
            if last is not None:
                statement = statement.where(sa.tuple_(*_ORDER) > sa.tuple_(*_literals(last)))
            rows = self._rows(statement)
            for row in rows:
                yield _article(row)
            if len(rows) < PAGE:
                return
            last = (rows[-1].stored_at, rows[-1].id, rows[-1].revision)

    def newest(self, query: Query | None = None, *, limit: int) -> list[Listed]:
        """Return what was stored last, the newest first."""
        columns = [articles.c[one.name] for one in fields(Listed)]
        latest_first = [column.desc() for column in _ORDER]
        statement = _select(query or Query()).with_only_columns(*columns)
        rows = self._rows(statement.order_by(*latest_first).limit(limit))
        return [Listed(**row._mapping) for row in rows]  # noqa: SLF001 - public in spite of its name

    def count(self, query: Query | None = None) -> int:
        """Return how many articles `articles` would yield."""
        counted = _select(query or Query()).with_only_columns(sa.func.count().label("count"))
        return int(self._rows(counted)[0].count)

    def get(self, article_id: str, *, revision: int | None = None) -> Article | None:
        """Return one article: the given revision, else the latest; None if there is none."""
        found = [
            article
            for article in self.revisions(article_id)
            if revision in (None, article.revision)
        ]
        return found[-1] if found else None

    def revisions(self, article_id: str) -> list[Article]:
        """Return all revisions of one article, oldest first."""
        statement = _columns().where(articles.c.id == article_id).order_by(articles.c.revision)
        return [_article(row) for row in self._rows(statement)]

    def find(self, wanted: str, *, limit: int = 10) -> list[str]:
        """Return the ids that `wanted` may stand for: an id, the beginning of one, or a URL."""
        exact = sa.or_(articles.c.id == wanted, articles.c.url == wanted)
        ids = sa.select(articles.c.id).distinct().order_by(articles.c.id).limit(limit)
        rows = self._rows(ids.where(exact)) or self._rows(
            ids.where(articles.c.id.startswith(wanted, autoescape=True))
        )
        return [row.id for row in rows]

    def copies(self, article_id: str) -> list[Copy]:
        """Return the stored copies of a canonical article, in order of storing."""
        statement = (
            sa.select(articles)
            .where(articles.c.duplicate_of == article_id)
            .order_by(articles.c.stored_at, articles.c.id)
        )
        return [
            Copy(
                id=row.id,
                url=row.url,
                outlet=_read(row).outlet or row.source,
                published_at=row.published_at,
                stored_at=row.stored_at,
                similarity=row.similarity,
            )
            for row in self._rows(statement)
        ]

    def stored_at(self, article_id: str, revision: int) -> dt.datetime | None:
        """Return when a revision was stored."""
        key = sa.and_(articles.c.id == article_id, articles.c.revision == revision)
        rows = self._rows(sa.select(articles.c.stored_at).where(key))
        return rows[0].stored_at if rows else None

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _rows(self, statement: sa.Select[Any]) -> list[Any]:
        with transient_errors(self._engine), self._engine.connect() as connection:
            return list(connection.execute(statement))


_ORDER = (articles.c.stored_at, articles.c.id, articles.c.revision)


def _literals(last: tuple[dt.datetime, str, int]) -> Iterable[sa.BindParameter[object]]:
    return [sa.literal(value, column.type) for value, column in zip(last, _ORDER, strict=True)]


def _columns() -> sa.Select[Any]:
    copy = articles.alias("copy")
    copies = (
        sa.select(sa.func.count(copy.c.id.distinct()))
        .where(copy.c.duplicate_of == articles.c.id)
        .scalar_subquery()
    )
    return sa.select(
        articles.c.id,
        articles.c.revision,
        articles.c.stored_at,
        articles.c.document,
        copies.label("copies"),
    )


def _select(query: Query) -> sa.Select[Any]:
    statuses = [status.value for status in query.statuses]
    moment = sa.func.coalesce(
        articles.c.published_at, articles.c.stored_at, type_=articles.c.stored_at.type
    )
    statement = _columns().where(articles.c.status.in_(statuses))
    if query.source is not None:
        statement = statement.where(_comes_from(query.source))
    if query.language is not None:
        statement = statement.where(articles.c.language == query.language)
    if query.since is not None:
        statement = statement.where(moment >= query.since)
    if query.until is not None:
        statement = statement.where(moment < query.until)
    if not query.all_revisions:
        later = articles.alias("later")
        statement = statement.where(
            ~sa.exists().where(
                later.c.id == articles.c.id,
                later.c.revision > articles.c.revision,
                later.c.status.in_(statuses),
            )
        )
    return statement


def _comes_from(source: str) -> sa.ColumnElement[bool]:
    """Return the condition that an article is of `source`, or on that host if the scraper named none."""
    hosts = (f"{scheme}://{www}{source}/" for scheme in ("https", "http") for www in ("", "www."))
    urls = [articles.c.url.startswith(host, autoescape=True) for host in hosts]
    return sa.or_(articles.c.source == source, articles.c.source.is_(None) & sa.or_(*urls))


def _article(row: Any) -> Article:
    return _read(row).model_copy(update={"copies": row.copies})


def _read(row: Any) -> Article:
    try:
        return Article.model_validate_json(row.document)
    except ValidationError as error:
        raise CopydeskError(
            f"The store has an article that this version cannot read, {row.id} (revision {row.revision}): "
            f"{first_problem(error)}. Was it written by another version?"
        ) from error
