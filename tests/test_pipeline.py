"""The way of a batch, over a real server and a real store."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from tests.articles import FERRY, TUNNEL, raw
from worker.deadletters import read_letters
from worker.dedup.index import RedisIndex
from worker.drafts import Result
from worker.enrichment.base import Enricher
from worker.errors import BatchRefusedError, RejectedError, TransientError
from worker.lanes import Lane
from worker.outcomes import Reason, Stage
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.sinks.archive import RawArchive
from worker.sinks.store import Store
from worker.status import read_status
from worker.testing import LocalDesk, RecordingSink, outcomes_by_entry
from worker.work import process_batch

LIVE = Lane.LIVE


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


@pytest.mark.parametrize("sinks", [["sql", "stream"], ["stream", "sql"]])
def test_what_the_index_has_forgotten_goes_out_under_the_stores_number(
    settings: Settings, enrichers: Sequence[Enricher], sinks: list[str]
) -> None:
    """Given an article that has left the index, then its change goes out, and store and output agree."""
    settings = settings.model_copy(update={"sinks": sinks})
    with LocalDesk(settings, enrichers) as desk:
        desk.run(raw(FERRY, "https://a.example/1"))
        [first] = desk.delivered()
        RedisIndex(desk.services.client, settings).forget(first["id"])
        outcomes = desk.run(raw(TUNNEL, "https://a.example/1"))

        assert ["new"] == outcomes
        streamed = [(one["revision"], one["text"]) for one in desk.delivered()]
        with Store.of(settings) as store:
            stored = [(one.revision, one.text) for one in store.revisions(first["id"])]
        assert [1, 2] == [revision for revision, _ in streamed]
        assert stored == streamed


def test_an_address_that_is_none_costs_neither_article_nor_batch(desk: LocalDesk) -> None:
    """Given an article whose URL cannot be read at all, then it is known by its text at once."""
    outcomes = desk.run(raw(FERRY, "https://[::1/"), raw(TUNNEL, "https://a.example/1"))

    assert ["new", "new"] == outcomes


def test_a_bad_article_leaves_its_neighbours_alone(desk: LocalDesk) -> None:
    """Given broken input among good, then the good is delivered and the broken explained."""
    outcomes = desk.run(
        raw(FERRY, "https://a.example/1"),
        b"{not json",
        raw("", "https://a.example/2"),
        raw(TUNNEL, "https://a.example/3", title=["The tunnel"]),
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
    assert "title: Input should be a valid string." == letters[2].error


@pytest.mark.parametrize(("name", "bound"), [("max_nodes", 1_500), ("clean_seconds", 1e-9)])
def test_the_bounds_of_cleaning_are_settings(
    settings: Settings, enrichers: Sequence[Enricher], name: str, bound: float
) -> None:
    """Given few elements or hardly any time allowed, then a long body is turned away, a short one is not."""
    long = "".join(f"<p>Ferry {number} left the harbour on time.</p>" for number in range(4_000))
    with LocalDesk(settings.model_copy(update={name: bound}), enrichers) as desk:
        outcomes = desk.run(raw(long, "https://a.example/1"), raw(TUNNEL, "https://a.example/2"))
        letters = list(
            read_letters(desk.services.client, desk.services.streams.keys, newest_first=False)
        )

    assert ["rejected", "new"] == outcomes
    assert f"(setting {name})" in letters[0].error


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
    ids = streams.read(LIVE, "intake:test", 10)
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
