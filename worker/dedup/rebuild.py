"""Rebuild the index from the store: after a change of version or window, or the loss of a server."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice

import orjson

from worker.articles import Article
from worker.dedup.base import Candidate, Verdict, version_at
from worker.dedup.fingerprint import fingerprints
from worker.dedup.index import RedisIndex
from worker.outcomes import Outcome
from worker.sinks.store import Query, Store

BATCH = 64
_CLAIMED = (Verdict.NEW, Verdict.UPDATE, Verdict.DUPLICATE)


def rebuild(
    index: RedisIndex, store: Store, *, fresh: bool = False, now: dt.datetime | None = None
) -> Iterator[int]:
    """Enter the stored articles of the window, in order of storing; yield how many were entered so far.

    A run that was interrupted continues where it stopped; `fresh` starts again with an empty index.
    """
    cursor = f"{{{index.name}}}:rebuild"
    saved = None if fresh else index.client.get(cursor)
    if saved is None:
        index.clear()
    after = None
    if saved:
        id_, revision = orjson.loads(saved)
        after = (id_, revision)
    now = now or dt.datetime.now(dt.UTC)
    query = Query(
        statuses=(Outcome.NEW, Outcome.UPDATE, Outcome.DUPLICATE),
        all_revisions=True,
    )
    oldest = now - dt.timedelta(days=index.settings.window_days)
    done = 0
    stored = store.articles(query, after=after)
    while batch := list(islice(stored, BATCH)):
        articles = [article for article in batch if _stored(article, now) >= oldest]
        if articles:
            # Each goes into the bucket of its own time, so that it leaves the window when it should.
            index.clock_ahead = (_stored(articles[0], now) - now).total_seconds()
            _enter(index, list(candidates_of(articles)))
        index.client.set(cursor, orjson.dumps([batch[-1].id, batch[-1].revision]))
        done += len(articles)
        yield done
    index.clock_ahead = 0.0
    index.client.delete(cursor)


def _enter(index: RedisIndex, candidates: list[Candidate]) -> None:
    """Claim and commit; a copy of one of them, or its next revision, waits for the next round."""
    while candidates:
        verdicts = [judgement.verdict for judgement in index.reserve(candidates)]
        judged = list(zip(candidates, verdicts, strict=True))
        index.commit([one for one, verdict in judged if verdict in _CLAIMED])
        waiting = [one for one, verdict in judged if verdict is Verdict.OPEN]
        if len(waiting) == len(candidates):  # claims of a worker, which will enter the story itself
            return
        candidates = waiting


def candidates_of(articles: Sequence[Article]) -> Iterator[Candidate]:
    """Yield stored articles as the index sees them."""
    prints = fingerprints([(article.text, article.title) for article in articles])
    for article, print_ in zip(articles, prints, strict=True):
        yield Candidate(
            id=article.id,
            holder=f"rebuild/{article.id}/{article.revision}",
            fingerprint=print_,
            version_at=version_at(article),
            language=article.language.code if article.language else None,
            outlet=article.source or article.outlet,
            url=article.url,
        )


def _stored(article: Article, now: dt.datetime) -> dt.datetime:
    return article.processed_at or now
