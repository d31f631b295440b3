"""The way of a batch, over a real server and a real store."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest
import redis

from tests.articles import FERRY, TUNNEL, raw
from worker import services
from worker.deadletters import read_letters
from worker.errors import RejectedError, TransientError
from worker.lanes import Lane
from worker.outcomes import Outcome, Reason, Stage
from worker.pipeline import Pipeline, Result
from worker.publisher import Publisher
from worker.services import Services
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.work import process_batch

LIVE = Lane.LIVE


@pytest.fixture
def desk(settings: Settings) -> Iterator[Services]:
    """The services of a worker process."""
    built = services.build(settings)
    built.streams.create_groups()
    yield built
    built.close()


class Desk:
    """Publishes to a desk, works on what is there, and tells what became of it."""

    def __init__(self, built: Services) -> None:
        self.services = built
        self.publisher = Publisher(built.settings, client=built.client)

    def run(self, *articles: Any) -> list[str]:
        """Publish, process as one batch, and return the outcomes in order; `later` for what comes back."""
        entries = [self.publisher.publish(article) for article in articles]
        ids, _ = self.services.streams.read(LIVE, "intake:test", 1000)
        result = process_batch(self.services, LIVE, ids)
        ended = {one.entry.id: one.outcome.value for one in result.settlements}
        return [ended.get(entry, "later") for entry in entries]

    def stored(self) -> list[dict[str, Any]]:
        """Return what the output stream holds."""
        rows = self.services.client.xrange(self.services.streams.keys.articles)
        return [orjson.loads(fields[b"article"]) for _, fields in rows]


@pytest.fixture
def work(desk: Services) -> Desk:
    """A desk at work."""
    return Desk(desk)


class BrokenSink:
    """Delegates to nothing: raises what it is told, as often as it is told."""

    name = "broken"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.delivered: list[str] = []

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Fail, or note what came."""
        if self.errors:
            raise self.errors.pop(0)
        self.delivered += [one.article.id for one in batch]

    def ping(self) -> None:
        """Answer."""

    def close(self) -> None:
        """Close nothing."""


def test_the_same_body_twice_is_one_article_and_one_copy(work: Desk) -> None:
    """Given two URLs with one body, then one is delivered and the other known as its copy."""
    outcomes = work.run(raw(FERRY, "https://a.example/1"), raw(FERRY, "https://b.example/1"))

    assert ["new", "duplicate"] == outcomes
    [article] = work.stored()
    assert 3 == len(article["paragraphs"])
    assert "Also read" not in article["text"]
    assert [("https://lake.example/crack", "promotion")] == [
        (link["href"], link["rel"]) for link in article["links"]
    ]


def test_a_second_scrape_is_unchanged(work: Desk) -> None:
    """Given the same URL and text again, even in other markup, then nothing is delivered twice."""
    first = work.run(raw(FERRY, "https://a.example/1"))
    again = work.run(
        raw(FERRY.replace("<p>", '<p class="x">'), "https://a.example/1?utm_source=feed")
    )

    assert (["new"], ["unchanged"]) == (first, again)
    assert 1 == len(work.stored())


def test_changed_content_is_the_next_revision(work: Desk) -> None:
    """Given the same URL with another text, then it is delivered as revision 2 of the same id."""
    work.run(raw(FERRY, "https://a.example/1"))
    outcomes = work.run(raw(TUNNEL, "https://a.example/1"))

    assert ["update"] == outcomes
    first, second = work.stored()
    assert (first["id"], 1, 2) == (second["id"], first["revision"], second["revision"])


def test_a_bad_article_leaves_its_neighbours_alone(work: Desk, desk: Services) -> None:
    """Given broken input among good, then the good is delivered and the broken explained."""
    outcomes = work.run(
        raw(FERRY, "https://a.example/1"),
        b"{not json",
        raw("", "https://a.example/2"),
        raw(TUNNEL, "https://a.example/3", published_at="the day before"),
        raw(TUNNEL, "https://a.example/4"),
    )

    assert ["new", "rejected", "rejected", "rejected", "new"] == outcomes
    letters = list(read_letters(desk.client, desk.streams.keys, newest_first=False))
    assert [Reason.NOT_JSON, Reason.NO_CONTENT, Reason.INVALID_FIELD] == [
        one.reason for one in letters
    ]
    assert b"{not json" == letters[0].data()
    assert "ISO 8601" in letters[2].error


def test_a_sink_that_is_away_delays_and_loses_nothing(work: Desk, desk: Services) -> None:
    """Given a sink that fails once, then the articles come back and are delivered once."""
    sink = BrokenSink(TransientError("the store is away"))
    desk.sinks = [*desk.sinks, sink]

    assert ["later", "later"] == work.run(
        raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://a.example/2")
    )
    result = _retry(desk)

    assert [Outcome.NEW, Outcome.NEW] == [one.outcome for one in result.settlements]
    assert 2 == len(sink.delivered)
    assert 2 == len(work.stored())


def test_one_article_that_a_sink_refuses_is_found_out(work: Desk, desk: Services) -> None:
    """Given a sink that refuses a batch, then its articles are tried one by one, and one is buried."""
    refusal = RejectedError(Reason.SINK_ERROR, "too long for the column", Stage.DELIVER)
    sink = BrokenSink(RuntimeError("batch refused"), refusal)
    desk.sinks = [sink]

    outcomes = work.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://a.example/2"))

    assert ["rejected", "new"] == outcomes


def test_a_copy_waits_for_a_claim_that_is_open(desk: Services, work: Desk) -> None:
    """Given a copy of an article that nobody has delivered yet, then it is not settled before it."""
    desk.sinks = [BrokenSink(TransientError("away"))]
    assert ["later"] == work.run(raw(FERRY, "https://a.example/1"))

    assert ["later"] == work.run(raw(FERRY, "https://b.example/1"))

    first = _retry(desk)
    outcomes = [one.outcome for one in first.settlements] + [
        one.outcome for one in _retry(desk).settlements
    ]
    assert [Outcome.NEW, Outcome.DUPLICATE] == outcomes


def test_a_redelivery_after_delivery_settles_without_a_second_one(
    desk: Services, work: Desk
) -> None:
    """Given a worker that died between delivery and acknowledgement, then the next one only settles."""
    work.publisher.publish(raw(FERRY, "https://a.example/1"))
    ids, _ = desk.streams.read(LIVE, "intake:test", 10)
    entries = desk.streams.take(LIVE, desk.worker, ids)
    Pipeline(desk).process(entries, Result())  # and then it died

    result = process_batch(desk, LIVE, ids)

    assert 1 == len(result.settlements)
    assert 1 == len(work.stored())


def _retry(desk: Services) -> Result:
    """Process what was handed back, without waiting until it is due."""
    client: redis.Redis = desk.client
    waiting = client.zrange(desk.streams.keys.later(LIVE), 0, -1)
    client.delete(desk.streams.keys.later(LIVE))
    return process_batch(desk, LIVE, [entry.decode() for entry in waiting])
