"""Publishing raw articles. A plain `XADD copydesk:raw:live * article '{…}'` does the same."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

import orjson
import redis

from worker.articles import RawArticle
from worker.broker import find_running
from worker.errors import CopydeskError
from worker.files import Located
from worker.lanes import Keys, Lane
from worker.pressure import (
    LOOK_EVERY,
    LaneFullError,
    Pressure,
    WhenFull,
    in_batches,
    refuses_writes,
)
from worker.scripts import load_script
from worker.services import connect
from worker.settings import Settings
from worker.streams import RUN_LIFE

BATCH = 200
"""Articles published per round trip, at most."""

Publishable = bytes | str | RawArticle | Mapping[str, Any] | Located
T = TypeVar("T")


class ForgottenError(CopydeskError):
    """The server came back without its last writes: articles that were published are missing."""

    def __init__(self, there: int, published: int) -> None:
        super().__init__(
            f"The Redis server has {there:,} of the {published:,} articles that this run has published: it "
            "came back without its last writes, as a replica does that takes its master's place. Run the "
            "same command again: what is in the store already counts as unchanged."
        )
        self.there = there
        """Articles of the run that the server still has: the run may continue after them."""


class Publisher:
    """Publishes raw articles to a lane: of the desk that the settings name, else of the one running here.

    >>> Publisher.encode({"url": "https://example.com/a", "html": "<p>A</p>"})
    b'{"url":"https://example.com/a","html":"<p>A</p>"}'
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        client: redis.Redis | None = None,
        when_full: WhenFull = WhenFull.WAIT,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Connect to the desk; nothing is sent yet.

        While the lane or the server takes no more, `on_wait` is called twice a second with the reason.

        Raises:
            ConfigurationError: no Redis is named and no embedded server runs.
        """
        self.settings = settings or Settings()
        if client is None and not self.settings.redis_url:
            self.settings.redis_url = find_running(self.settings.data_dir)
        self.client = client or connect(self.settings)
        self.keys = Keys(self.settings.namespace)
        self.when_full = when_full
        self._on_wait = on_wait
        self._pressure = Pressure(self.client, self.settings, on_wait=on_wait)
        self._script = load_script(self.client, "add")

    def publish(self, article: Publishable, *, lane: Lane = Lane.LIVE, run: str = "") -> str:
        """Publish one article and return the id of its entry.

        If the lane, or the server's memory or disk, is full, it waits or fails, as `when_full` says.

        Raises:
            LaneFullError: the lane holds the most unsettled articles that it may, or the server takes no
            more. redis.RedisError: the server is away.
        """
        return self._add([located(article)], lane, run)[0]

    def publish_many(
        self, articles: Iterable[Publishable], *, lane: Lane = Lane.LIVE, run: str = ""
    ) -> Iterator[int]:
        """Publish in batches, one round trip each; yield the number published so far.

        Articles are published while the caller iterates: `max(publisher.publish_many(articles), default=0)`.

        Raises:
            LaneFullError: as `publish` does.
            redis.RedisError: the server is away.
        """
        published = 0
        for batch in in_batches(map(located, articles), BATCH, len):
            published += len(self._add(batch, lane, run))
            yield published

    def publish_once(
        self, batch: Sequence[Publishable], *, run: str, before: int, lane: Lane = Lane.LIVE
    ) -> int:
        """Publish the batch of `run` that follows `before` articles; return how many are then there.

        It may be called again if a server that went away did not answer: nothing is published twice.

        Raises:
            ForgottenError: fewer than `before` are there: the server has lost the rest.
            LaneFullError: as `publish` does.
            redis.RedisError: the server is away.
        """
        script = load_script(self.client, "publish")
        keys = [self.keys.raw(lane), self.keys.run(run)]
        articles = list(map(located, batch))
        arguments: list[Any] = [run, before, RUN_LIFE, *with_origins(articles)]
        size = sum(map(len, articles))
        there = int(self._patiently(lane, size, lambda: script(keys=keys, args=arguments)))
        if there < before:
            raise ForgottenError(there, before)
        return there

    @staticmethod
    def encode(article: Publishable) -> bytes:
        """Return an article as JSON bytes; bytes and text are taken as they are."""
        if isinstance(article, Located):
            return article.data
        if isinstance(article, bytes):
            return article
        if isinstance(article, str):
            return article.encode("utf-8", "surrogatepass")
        if isinstance(article, RawArticle):
            return article.model_dump_json(exclude_defaults=True).encode()
        return orjson.dumps(article)

    def _add(self, articles: list[Located], lane: Lane, run: str) -> list[str]:
        size = sum(map(len, articles))
        return self._patiently(lane, size, lambda: self._add_all(articles, lane, run))

    def _patiently(self, lane: Lane, size: int, send: Callable[[], T]) -> T:
        """Send `size` bytes as soon as the lane and the server take them."""
        while True:
            self._pressure.wait(lane, self.when_full, size)
            try:
                return send()
            except redis.ResponseError as error:
                if not refuses_writes(error):
                    raise
                if self.when_full is WhenFull.FAIL:
                    raise LaneFullError(f"The Redis server accepts no more: {error}.") from error
                if self._on_wait:
                    self._on_wait(f"the Redis server takes no more: {error}")
                time.sleep(LOOK_EVERY)

    def _add_all(self, articles: list[Located], lane: Lane, run: str) -> list[str]:
        # All or nothing: a batch that is refused is sent again.
        added = self._script(keys=[self.keys.raw(lane)], args=[run, *with_origins(articles)])
        return [entry.decode() for entry in added]

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def located(article: Publishable) -> Located:
    """Return an article as JSON bytes, with its origin if it has one."""
    return article if isinstance(article, Located) else Located(Publisher.encode(article))


def with_origins(articles: Iterable[Located]) -> Iterator[bytes | str]:
    """Yield each article followed by its origin, as the scripts expect them."""
    for article in articles:
        yield article.data
        yield article.origin
