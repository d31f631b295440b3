"""Stories: each article gets the `story_id` of the event it reports, while it streams."""

import datetime as dt
import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import redis
import xxhash
from redis.exceptions import NoScriptError

from worker.articles import Article
from worker.enrichment.remembered import Remembered
from worker.enrichment.words import Vocabulary, vocabulary
from worker.settings import Settings

FEATURES = 24
"""Words of an article that are compared, at most."""

WORDS = 250
"""Words looked at, from the top of the body: the event stands there, background further down."""

SCRIPT = 16
"""Articles a script call, at most: others wait while one runs."""

POSTED = 16
"""Stories that one word leads to, at most: the latest."""

# A word with its inner apostrophe, hyphen or stop: `Orr`, `nine-year-old`, `U.S`
_WORD = re.compile(r"[^\W_]++(?:[-'’.][^\W_]++)*+")


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
    """Online clustering on a Redis, Valkey or Redis Cluster client, sixteen articles a script call.

    An article joins the story whose centroid is most like it, if it is like enough, else founds
    one (single-pass clustering; Allan et al. 1998). Likeness is the cosine of the words' weights,
    names raised, and of the embeddings where there are any, halved every `story_half_life_days`
    that lie between. The choice is stored with the article's id in the same step: a redelivered
    article, or its next revision, gets the same story from any worker.
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
        found: list[str] = []
        for at in range(0, len(articles), SCRIPT):
            found += self._assign(articles[at : at + SCRIPT])
        return found

    def _assign(self, articles: Sequence[Article]) -> list[str]:
        arguments: list[Any] = ["assign", *self._head]
        for article in articles:
            moment = _moment(article)
            weights = features(article, vocabulary(_code(article)))
            arguments += [
                article.id,
                xxhash.xxh3_64_hexdigest(f"story {article.id}".encode()),
                moment.timestamp(),
                moment.date().isoformat(),
                article.title or article.text[:120],
                " ".join(f"{word} {weight:.3f}" for word, weight in weights),
                " ".join(f"{value:.3f}" for value in article.embedding or []),
            ]
        return [story.decode() for story in self._run(arguments)]

    def release(self, articles: Sequence[Article]) -> None:
        """Give articles up that will not be delivered: they count no longer."""
        if articles:
            arguments: list[Any] = ["release", self._window]
            for article in articles:
                arguments += [article.id, _moment(article).date().isoformat()]
            self._run(arguments)

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

    def _run(self, arguments: list[Any]) -> Any:
        source, digest = _script()
        try:
            return self._client.evalsha(digest, 1, self._tag, *arguments)
        except NoScriptError:
            return self._client.eval(source, 1, self._tag, *arguments)


def features(article: Article, words: Vocabulary) -> list[tuple[str, float]]:
    """Return the article's telling words and their weights, heaviest first, of length one.

    A word's weight is the square root of its count (title twice) times its rarity; one that is
    always capitalised, a name, weighs half as much again, one of a subject twice.
    """
    title = _WORD.findall(article.title or "")
    body = _WORD.findall(article.text[: WORDS * 8])[:WORDS]
    tokens = [*title, *title, *body]
    told = _told(words)
    counts: dict[str, int] = {}
    rarities: dict[str, float] = {}
    small: set[str] = set()
    times = Counter(tokens)
    for token in dict.fromkeys(reversed(tokens)):  # of several forms the last one's rarity counts
        found = told[token]
        if found is None:
            continue
        stem, rarity, is_small = found
        counts[stem] = counts.get(stem, 0) + times[token]
        rarities.setdefault(stem, rarity)
        if is_small:
            small.add(stem)
    named = {
        words.word(token.lower()).stem
        for subject in article.subjects or []
        for token in _WORD.findall(subject.name)
    }
    lightest = sorted(
        (
            -(
                math.sqrt(count)
                * rarities[stem]
                * (2.0 if stem in named else 1.0 if stem in small else 1.5)
            ),
            stem,
        )
        for stem, count in counts.items()
    )
    heaviest = [(stem, -weight) for weight, stem in lightest[:FEATURES]]
    length = math.sqrt(sum(weight * weight for _, weight in heaviest)) or 1.0
    return [(stem, weight / length) for stem, weight in heaviest]


@lru_cache(maxsize=8)
def _told(words: Vocabulary) -> Remembered[tuple[str, float, bool] | None]:
    """Return what a word as it is written tells: stem, rarity, whether it is no name; None: nothing."""

    def tell(token: str) -> tuple[str, float, bool] | None:
        word = words.word(token.lower().removesuffix("'s").removesuffix("’s"))
        if word.stop or len(word.stem) < 2:
            return None
        return word.stem, max(0.1, 7.5 - word.zipf), not token[0].isupper()

    return Remembered(tell)


def _moment(article: Article) -> dt.datetime:
    """Return when the article was published; a date to come (an embargo, a mistake) counts as now."""
    now = dt.datetime.now(dt.UTC)
    return min(article.published_at or article.fetched_at or now, now)


def _code(article: Article) -> str | None:
    return article.language.code if article.language else None


@cache
def _script() -> tuple[str, str]:
    """Return the script and its SHA-1, by which Redis knows it."""
    source = (resources.files("worker.enrichment") / "lua" / "stories.lua").read_text()
    return source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
