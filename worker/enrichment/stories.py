"""Stories: each article gets the `story_id` of the event it reports, while it streams."""

import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import redis
import xxhash

from worker.articles import Article
from worker.enrichment.storywords import features
from worker.scripts import Script, source_of
from worker.settings import Settings

SCRIPT = 32
"""Articles a script call, at most: others wait while one runs."""

POSTED = 16
"""Stories that one word leads to, at most; the latest are kept."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story and how big it is."""

    id: str
    title: str
    """Headline of its first article."""
    articles: int
    """Articles of the day asked for."""
    total: int
    """Articles within the window."""
    first: dt.datetime
    last: dt.datetime


class Stories:
    """Online clustering on a Redis, Valkey or Redis Cluster client, 32 articles a script call.

    An article joins the story with the most similar centroid, if that is similar enough; else it starts a
    new one (single-pass clustering; Allan et al. 1998). Similarity is the cosine of the words' weights,
    with names raised, and of the embeddings if there are any; it halves for every `story_half_life_days`
    between the two. The choice is stored with the article's id in the same step: a redelivered article, or
    its next revision, gets the same story from any worker.
    """

    def __init__(self, client: "redis.Redis", settings: Settings) -> None:
        self._client = client
        self._tag = f"{{{settings.namespace}:stories}}"
        self._window = round(settings.story_window_days * 86_400)
        half_life = settings.story_half_life_days * 86_400
        self._head = [self._window, settings.story_threshold, half_life, POSTED]

    def assign(self, articles: Sequence[Article]) -> list[str]:
        """Return the story of each article, in order; later articles see earlier ones' stories.

        Uses title, text, language, `published_at`, and where they are filled `subjects` and
        `embedding`. Articles are not changed. Raises `redis.RedisError`.
        """
        described = [*map(_described, articles, features(articles))]
        calls = [
            ["assign", *self._head, *chain.from_iterable(described[at : at + SCRIPT])]
            for at in range(0, len(articles), SCRIPT)
        ]
        return [story.decode() for answer in self._run(calls) for story in answer]

    def release(self, articles: Sequence[Article]) -> None:
        """Remove articles that will not be delivered from the counts of their stories."""
        if articles:
            arguments: list[Any] = ["release", self._window]
            for article in articles:
                arguments += [article.id, _moment(article).date().isoformat()]
            self._run([arguments])

    def newest_day(self) -> dt.date | None:
        """Return the last day (UTC) that has articles, or None."""
        newest: Any = self._client.zrevrange(f"{self._tag}:days", 0, 0)
        return dt.date.fromisoformat(newest[0].decode()) if newest else None

    def biggest(self, day: dt.date, *, limit: int = 10) -> list[Story]:
        """Return the stories with most articles of that day (UTC), biggest first."""
        key = f"{self._tag}:d:{day.isoformat()}"
        ranked: Any = self._client.zrevrange(key, 0, limit - 1, withscores=True)
        names = ["title", "n", "first", "last"]
        found = []
        for name, count in ranked:
            stored: Any = self._client.hmget(f"{self._tag}:s:{name.decode()}", names)
            if stored[1] is None:
                continue  # the story has expired, the day not yet
            first, last = (dt.datetime.fromtimestamp(float(at), dt.UTC) for at in stored[2:])
            title = stored[0].decode()
            found.append(Story(name.decode(), title, int(count), int(stored[1]), first, last))
        return found

    def _run(self, calls: Sequence[list[Any]]) -> list[Any]:
        return _script().run(self._client, [[1, self._tag, *call] for call in calls])


def _described(article: Article, weights: Sequence[tuple[str, float]]) -> list[Any]:
    """Return the arguments of the script for an article."""
    moment = _moment(article)
    return [
        article.id,
        xxhash.xxh3_64_hexdigest(f"story {article.id}".encode()),
        moment.timestamp(),
        moment.date().isoformat(),
        article.title or article.text[:120],
        b"".join([_feature(word) for word, _ in weights]) + _doubles([each for _, each in weights]),
        _doubles(article.embedding or []),
    ]


@lru_cache(maxsize=50_000)
def _feature(word: str) -> bytes:
    return xxhash.xxh3_64_digest(word.encode())


def _doubles(values: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(values)}d", *[round(value, 3) for value in values])


def _moment(article: Article) -> dt.datetime:
    """Return when the article was published; a future date (an embargo, a mistake) counts as now."""
    now = dt.datetime.now(dt.UTC)
    return min(article.published_at or article.fetched_at or now, now)


@cache
def _script() -> Script:
    return Script(source_of("worker.enrichment", "lua/centroid", "lua/stories"))
