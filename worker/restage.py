"""Stored articles through one stage again: a new model enriches what an old one has.

The text, the id and the revision stay; the fields of the enrichers named and their provenance change.
How far it is stands on the server, so that it goes on after a kill; a batch that is repeated changes nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import redis
import sqlalchemy as sa

from worker import enrichment
from worker.articles import Article
from worker.enrichment.base import Enricher
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
) -> Iterator[Progress]:
    """Run `enrichers` over the stored articles and write them back; yield the progress at each batch.

    Raises:
        TransientError: the store is away; a second run goes on from there.
    """
    key = f"{settings.namespace}:restage:{name}"
    stored: Any = client.hgetall(key)
    progress = Progress(name, run="")
    after: tuple[str, int] | None = None
    if stored:
        after = stored[b"id"].decode(), int(stored[b"revision"])
        progress.published = int(stored[b"published"])
    engine = connect(settings.store_url(), write=True, timeout=settings.store_timeout)
    with Store.of(settings) as store:
        progress.total = store.count(query)
        waiting = store.articles(query, after=after)
        while batch := list(islice(waiting, BATCH)):
            enrichment.enrich(enrichers, batch)
            _write(engine, batch)
            progress.published += len(batch)
            last = batch[-1]
            progress.position = f"{last.id} {last.revision}"
            place = {"id": last.id, "revision": last.revision, "published": progress.published}
            client.hset(key, mapping=place)  # type: ignore[arg-type]
            client.expire(key, LIFE)
            yield progress
    client.delete(key)
    engine.dispose()
    progress.done = True
    yield progress


def _write(engine: sa.Engine, batch: Sequence[Article]) -> None:
    statement = (
        sa.update(articles)
        .where(articles.c.id == sa.bindparam("key"), articles.c.revision == sa.bindparam("number"))
        .values(document=sa.bindparam("text"), language=sa.bindparam("code"))
    )
    rows = [
        {
            "key": article.id,
            "number": article.revision,
            "text": Delivery.of(article).document.decode(),
            "code": article.language.code if article.language else None,
        }
        for article in batch
    ]
    with transient_errors(engine), engine.begin() as connection:
        connection.execute(statement, rows)
