"""The way of a batch, over a real server and a real store."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import pytest

from tests.articles import FERRY, TUNNEL, raw
from worker.articles import Article
from worker.deadletters import read_letters
from worker.dedup.base import Candidate, Judgement
from worker.drafts import Draft, Result
from worker.enrichment.base import Enricher
from worker.errors import BatchRefusedError, RejectedError, TransientError
from worker.lanes import Lane
from worker.outcomes import Reason, Stage
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.sinks.archive import RawArchive
from worker.sinks.base import Delivery
from worker.status import read_status
from worker.streams import Return
from worker.testing import LocalDesk, RecordingSink, outcomes_by_entry
from worker.work import process_batch

LIVE = Lane.LIVE


@pytest.fixture
def desk(settings: Settings, enrichers: Sequence[Enricher]) -> Iterator[LocalDesk]:
    """A desk in this process."""
    with LocalDesk(settings, enrichers) as running:
        yield running


def test_the_same_body_twice_is_one_article_and_one_copy(desk: LocalDesk) -> None:
    """Given two URLs with one body, then one is delivered and the other known as its copy."""
    outcomes = desk.run(raw(FERRY, "https://a.example/1"), raw(FERRY, "https://b.example/1"))

    assert ["new", "duplicate"] == outcomes
    [article] = desk.delivered()
    assert 3 == len(article["paragraphs"])
    assert "Also read" not in article["text"]
    assert [("https://lake.example/crack", "promotion")] == [
        (link["href"], link["rel"]) for link in article["links"]
    ]


def test_a_second_scrape_is_unchanged(desk: LocalDesk) -> None:
    """Given the same URL and text again, even in other markup, then nothing is delivered twice."""
    first = desk.run(raw(FERRY, "https://a.example/1"))
    again = desk.run(
        raw(FERRY.replace("<p>", '<p class="x">'), "https://a.example/1?utm_source=feed")
    )

    assert (["new"], ["unchanged"]) == (first, again)
    assert 1 == len(desk.delivered())


def test_changed_content_is_the_next_revision(desk: LocalDesk) -> None:
    """Given the same URL with another text, then it is delivered as revision 2 of the same id."""
    desk.run(raw(FERRY, "https://a.example/1"))
    outcomes = desk.run(raw(TUNNEL, "https://a.example/1"))

    assert ["update"] == outcomes
    first, second = desk.delivered()
    assert (first["id"], 1, 2) == (second["id"], first["revision"], second["revision"])


def test_a_bad_article_leaves_its_neighbours_alone(desk: LocalDesk) -> None:
    """Given broken input among good, then the good is delivered and the broken explained."""
    outcomes = desk.run(
        raw(FERRY, "https://a.example/1"),
        b"{not json",
        raw("", "https://a.example/2"),
        raw(TUNNEL, "https://a.example/3", published_at="the day before"),
        raw(TUNNEL, "https://a.example/4"),
    )

    assert ["new", "rejected", "rejected", "rejected", "new"] == outcomes
    letters = list(
        read_letters(desk.services.client, desk.services.streams.keys, newest_first=False)
    )
    assert [Reason.NOT_JSON, Reason.NO_CONTENT, Reason.INVALID_FIELD] == [
        one.reason for one in letters
    ]
    assert b"{not json" == letters[0].data()
    assert "ISO 8601" in letters[2].error


def test_a_sink_that_is_away_delays_and_loses_nothing(desk: LocalDesk) -> None:
    """Given a sink that fails once, then the articles come back and are delivered once."""
    sink = RecordingSink([TransientError("the store is away")])
    desk.services.sinks = [*desk.services.sinks, sink]

    assert ["later", "later"] == desk.run(
        raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://a.example/2")
    )

    assert ["new", "new"] == desk.retry()
    assert 2 == len(sink.deliveries)
    assert 2 == len(desk.delivered())


def test_one_article_that_a_sink_refuses_is_found_out(desk: LocalDesk) -> None:
    """Given a sink that refuses a batch, then its articles are tried one by one, and one is buried."""
    refusal = RejectedError(Reason.SINK_ERROR, "too long for the column", Stage.DELIVER)
    desk.services.sinks = [RecordingSink([BatchRefusedError("too long"), refusal])]

    outcomes = desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://a.example/2"))

    assert ["rejected", "new"] == outcomes


def test_a_copy_waits_for_a_claim_that_is_open(desk: LocalDesk) -> None:
    """Given a copy of an article that nobody has delivered yet, then it is not settled before it."""
    desk.services.sinks = [RecordingSink([TransientError("away")])]
    assert ["later"] == desk.run(raw(FERRY, "https://a.example/1"))

    assert ["later"] == desk.run(raw(FERRY, "https://b.example/1"))

    assert ["duplicate", "new"] == sorted(desk.retry())


def test_a_redelivery_after_delivery_settles_without_a_second_one(desk: LocalDesk) -> None:
    """Given a worker that died between delivery and settling, then the next one only counts the outcome."""
    desk.publisher.publish(raw(FERRY, "https://a.example/1"))
    streams = desk.services.streams
    ids, _ = streams.read(LIVE, "intake:test", 10)
    Pipeline(desk.services).process(
        streams.take(LIVE, desk.services.worker, ids), Result()
    )  # then it died
    streams.give_up(LIVE, desk.services.worker)
    again = streams.due(LIVE, "intake:test", 10).together

    result = process_batch(desk.services, LIVE, again)

    assert ids == list(outcomes_by_entry(result))
    [live, _] = read_status(desk.services.client, desk.settings.namespace).lanes
    assert {"new": 1} == {outcome: count for outcome, count in live.outcomes.items() if count}
    assert 1 == len(desk.delivered())


def test_what_was_delivered_is_archived_as_it_was_written(
    settings: Settings, enrichers: Sequence[Enricher], tmp_path: Path
) -> None:
    """Given an archive, then it holds the raw article of what was delivered, and not the re-scrape."""
    settings.archive = str(tmp_path / "raw")
    with LocalDesk(settings, enrichers) as desk:
        desk.run(raw(FERRY, "https://a.example/1", shelf="b"), raw(FERRY, "https://b.example/1"))
        desk.run(raw(FERRY, "https://a.example/1"))

    lines = [orjson.loads(line) for line in RawArchive(settings.archive).read()]
    assert ["https://a.example/1", "https://b.example/1"] == [line["url"] for line in lines]
    assert "b" == lines[0]["shelf"]


def test_what_killed_its_workers_is_buried_untouched_and_its_claim_given_up(
    desk: LocalDesk,
) -> None:
    """Given three deaths over an article, then it is a dead letter, and its copy is the new canonical."""
    streams, worker = desk.services.streams, desk.services.worker
    killer = desk.publisher.publish(raw(FERRY, "https://a.example/1"))
    ids, _ = streams.read(LIVE, "intake:test", 10)
    for stage in ("clean", "enrich", "enrich"):
        [entry] = streams.take(LIVE, "worker:dead", ids)
        [draft] = [Draft(entry)]
        pipeline = Pipeline(desk.services)
        pipeline._clean([draft])
        pipeline._assemble([draft])
        pipeline._judge([draft])
        assert draft.article
        streams.mark(entry, stage=stage, article=draft.article.id)
        event = orjson.dumps({"kind": "death", "stage": stage, "worker": "worker:dead"})
        streams.hand_back(LIVE, "worker:dead", [Return(entry, 0.0, event)])
        ids = streams.due(LIVE, "intake:test", 10).alone

    result = process_batch(desk.services, LIVE, ids)

    assert {killer: "failed"} == outcomes_by_entry(result)
    [letter] = read_letters(desk.services.client, streams.keys)
    assert (Reason.WORKER_DIED, Stage.ENRICH, 4) == (letter.reason, letter.stage, letter.attempts)
    assert ["new"] == desk.run(raw(FERRY, "https://b.example/1"))
    assert worker != "worker:dead"


def test_an_endless_article_is_interrupted_and_its_neighbours_are_delivered(
    settings: Settings,
) -> None:
    """Given an enricher that hangs over one article, then that one fails for lack of time, alone."""

    class Hanging:
        name, version, languages, needs, fields = "hanging", "1", None, (), ("hung",)

        def enrich(self, batch: Sequence[Article]) -> list[dict[str, None]]:
            while any("Greyhorn" in article.text for article in batch):
                pass
            return [{"hung": None} for _ in batch]

    settings.article_time_limit, settings.max_deaths = 0.1, 2
    with LocalDesk(settings, [Hanging()]) as desk:
        outcomes = desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))
        again = desk.retry()
        [letter] = read_letters(desk.services.client, desk.services.streams.keys)

    assert (["new", "later"], ["failed"]) == (outcomes, again)
    assert (Reason.TIMEOUT, Stage.ENRICH) == (letter.reason, letter.stage)


def test_a_fast_source_is_slowed_down_and_no_other(
    settings: Settings, enrichers: Sequence[Enricher]
) -> None:
    """Given a source allowed one article a second, then its second waits, and another source's does not."""
    settings.source_limits = {"wire.example": 1.0}
    with LocalDesk(settings, enrichers) as desk:
        outcomes = desk.run(
            raw(FERRY, "https://wire.example/1", source="wire.example"),
            raw(TUNNEL, "https://wire.example/2", source="wire.example"),
            raw(
                TUNNEL + "<p>More of it here, and at length.</p>", "https://b.example/3", source="b"
            ),
        )

    assert "new" == outcomes[0]
    assert "later" == outcomes[1]
    assert "later" != outcomes[2]


def test_a_fault_between_the_stages_is_isolated_and_buried(
    settings: Settings, enrichers: Sequence[Enricher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an index that breaks over one article, then its neighbours are delivered and it fails alone."""
    settings.max_attempts = 1
    with LocalDesk(settings, enrichers) as desk:
        reserve = desk.services.index.reserve

        def breaking(batch: Sequence[Candidate]) -> list[Judgement]:
            if any(candidate.url == "https://b.example/1" for candidate in batch):
                raise ValueError("the index broke")
            return reserve(batch)

        monkeypatch.setattr(desk.services.index, "reserve", breaking)
        together = desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))
        streams = desk.services.streams
        found = streams.due(LIVE, "intake:test", 10)
        alone = [
            outcome
            for entry in found.alone
            for outcome in outcomes_by_entry(
                process_batch(desk.services, LIVE, [entry], probe=True)
            ).values()
        ]
        [letter] = read_letters(desk.services.client, streams.keys)

    assert (["later", "later"], []) == (together, found.together)
    assert ["new", "failed"] == alone
    assert "ValueError: the index broke" in letter.error


def test_a_service_that_is_away_stops_the_lane_and_costs_no_try(
    settings: Settings, enrichers: Sequence[Enricher]
) -> None:
    """Given a sink that is away, then what is on its way is handed back untouched until a probe finds it."""
    sink = RecordingSink([TransientError("The store is away")])
    with LocalDesk(settings, enrichers) as desk:
        desk.services.sinks = [sink]
        first = desk.run(raw(FERRY, "https://a.example/1"))
        second = desk.run(raw(TUNNEL, "https://b.example/1"))
        retried = desk.retry()
        third = desk.run(raw(TUNNEL + "<p>And a last word.</p>", "https://c.example/1"))
        left = desk.services.client.hlen(desk.services.streams.keys.history(LIVE))

    assert (["later"], ["later"]) == (first, second)
    assert ["new", "new"] == retried
    assert third != ["later"]
    assert 0 == left


def test_a_line_that_an_outlet_repeats_is_taken_out(desk: LocalDesk) -> None:
    """Given a paragraph under every article of one outlet, then after some articles it is boilerplate."""
    line = "Paper boats are welcome in our harbour all through the year, come rain or shine."
    for number in range(12):
        body = f"<p>Report {number}: {'gull ' * number}flew.</p><p>{TUNNEL[3 : 80 + number]}</p>"
        desk.run(raw(f"{body}<p>{line}</p>", f"https://a.example/{number}", source="a.example"))

    articles = desk.delivered()

    assert line in articles[0]["paragraphs"]
    assert line not in articles[-1]["paragraphs"]
    assert [(line, "recurring")] == [
        (cut["text"], cut["reason"]) for cut in articles[-1]["removed"]
    ]


def test_articles_on_one_event_share_a_story(desk: LocalDesk) -> None:
    """Given two reports on one event and one on another, then the two have one story, the third its own."""
    desk.run(
        raw(FERRY, "https://a.example/1", title="Lake Ansel ferry sails again"),
        raw(TUNNEL, "https://a.example/2", title="Greyhorn tunnel drilled"),
    )
    other = (
        "<p>The Lake Ansel ferry is back: harbour master Ida Lund cleared her on Thursday after the crack in "
        "her hull was welded in Brunnby.</p><p>Tickets for the ferry stay at four euros until August, the "
        "harbour office said.</p>"
    )
    desk.run(raw(other, "https://b.example/9", title="Ferry on Lake Ansel cleared to sail"))

    ferry, tunnel, again = desk.delivered()
    assert ferry["story_id"] == again["story_id"]
    assert ferry["story_id"] != tunnel["story_id"]


def test_an_article_that_takes_the_time_of_a_batch_is_buried_alone_and_gives_its_claim_up(
    settings: Settings,
) -> None:
    """Given an article slow where none is limited, then it fails alone, and a copy takes its place."""

    class Slow(RecordingSink):
        def deliver(self, batch: Sequence[Delivery]) -> None:
            while any(delivery.article.url == "https://a.example/1" for delivery in batch):
                time.sleep(0.01)
            super().deliver(batch)

    settings.soft_time_limit, settings.max_deaths = 0.2, 1
    with LocalDesk(settings, []) as desk:
        desk.services.sinks = [Slow()]
        together = desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))
        streams = desk.services.streams
        found = streams.due(LIVE, "intake:test", 10)
        alone = [
            outcome
            for entry in found.alone
            for outcome in outcomes_by_entry(process_batch(desk.services, LIVE, [entry])).values()
        ]
        [letter] = read_letters(desk.services.client, streams.keys)
        copy = desk.run(raw(FERRY, "https://c.example/1"))

    assert (["later", "later"], []) == (together, found.together)
    assert (["failed", "new"], ["new"]) == (alone, copy)
    assert (Reason.TIMEOUT, Stage.DELIVER) == (letter.reason, letter.stage)
