"""Runs stored articles through enrichers again: a new model replaces what an old one found.

Only the fields of these enrichers and their provenance change; text, id and revision stay. So several may run
at once with different enrichers. The progress is stored on the server: after a kill it continues from there,
and a batch that is repeated changes nothing.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any

import redis
import sqlalchemy as sa

from worker import enrichment
from worker.articles import Article
from worker.enrichment.base import Enricher
from worker.pace import Pace
from worker.replay import LIFE, Progress
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.sinks.database import articles, connect, transient_errors
from worker.sinks.store import Query, Store

BATCH = 64
"""Articles enriched and written in one transaction."""


def restage(
    client: redis.Redis,
    settings: Settings,
    enrichers: Sequence[Enricher],
    name: str,
    query: Query | None = None,
    *,
    rate: float = 0.0,
    restart: bool = False,
) -> Iterator[Progress]:
    """Run `enrichers` over the stored articles and write them back; yield the progress after each batch.

    `rate` is in articles per second, 0: as fast as possible. With `restart` it starts from the beginning.

    Raises:
        TransientError: the store is away; the next run continues from there.
    """
    key = f"{settings.namespace}:restage:{name}"
    if restart:
        client.delete(key)
    stored: Any = client.hgetall(key)
    progress = Progress(name, run="")
    after: tuple[str, int] | None = None
    if stored:
        after = stored[b"id"].decode(), int(stored[b"revision"])
        progress.published = int(stored[b"published"])
    engine = connect(settings.store_url(), write=True, timeout=settings.store_timeout)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        store = stack.enter_context(Store.of(settings))
        progress.total = store.count(query)
        waiting = store.articles(query, after=after)
        pace, before = Pace(rate), progress.published
        while batch := list(islice(waiting, pace.batch(BATCH))):
            enrichment.enrich(enrichers, batch)
            _write(engine, enrichers, batch)
            progress.published += len(batch)
            done = progress.published - before
            time.sleep(pace.early(done))
            progress.rate = pace.measured(done)
            last = batch[-1]
            progress.position = f"{last.id} {last.revision}"
            place = {"id": last.id, "revision": last.revision, "published": progress.published}
            client.hset(key, mapping=place)  # type: ignore[arg-type]
            client.expire(key, LIFE)
            yield progress
    client.delete(key)
    progress.done = True
    yield progress


def _write(engine: sa.Engine, enrichers: Sequence[Enricher], batch: Sequence[Article]) -> None:
    """Write what the enrichers found into the documents as stored now, in one transaction."""
    place = articles.c.id, articles.c.revision
    wanted = {(article.id, article.revision): article for article in batch}
    statement = (
        sa.select(*place, articles.c.document)
        .where(sa.tuple_(*place).in_(list(wanted)))
        .order_by(*place)  # the same order in every process, so that two of them cannot deadlock
        .with_for_update()
    )
    change = (
        sa.update(articles)
        .where(articles.c.id == sa.bindparam("key"), articles.c.revision == sa.bindparam("number"))
        .values(document=sa.bindparam("text"), language=sa.bindparam("code"))
    )
    with transient_errors(engine), engine.begin() as connection:
        rows = []
        for row in connection.execute(statement).all():
            article = Article.model_validate_json(row.document)
            _copy_fields(enrichers, wanted[row.id, row.revision], article)
            language = article.language.code if article.language else None
            text = Delivery.of(article).document.decode()
            rows.append({"key": row.id, "number": row.revision, "text": text, "code": language})
        if rows:
            connection.execute(change, rows)


def _copy_fields(enrichers: Sequence[Enricher], source: Article, target: Article) -> None:
    for enricher in enrichers:
        for field in enricher.fields:
            if field in Article.model_fields:
                setattr(target, field, getattr(source, field))
            else:
                target.extra[field] = source.extra.get(field)
        target.provenance.enrichers[enricher.name] = source.provenance.enrichers[enricher.name]
