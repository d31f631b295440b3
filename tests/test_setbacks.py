"""What follows when an article, a stage or a service fails, over a real server."""

import time
from collections.abc import Sequence
from contextlib import nullcontext

import orjson
import pytest
import redis

from tests.articles import FERRY, TUNNEL, raw
from worker.articles import Article
from worker.deadletters import read_letters
from worker.dedup.base import Candidate, Judgement
from worker.direct import DirectDispatch
from worker.drafts import Draft
from worker.enrichment.base import Enricher
from worker.entries import Return
from worker.errors import TransientError
from worker.intake import Intake
from worker.lanes import Lane
from worker.outcomes import Reason, Stage
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.testing import LocalDesk, RecordingSink, outcomes_by_entry
from worker.work import process_batch

LIVE = Lane.LIVE


def one_by_one(desk: LocalDesk, ids: Sequence[str], *, probe: bool = False) -> list[str]:
    """Process entries in batches of one; return their outcomes."""
    batches = (process_batch(desk.services, LIVE, [one], probe=probe) for one in ids)
    return [outcome for batch in batches for outcome in outcomes_by_entry(batch).values()]


def test_what_killed_its_workers_is_buried_untouched_and_its_claim_given_up(
    desk: LocalDesk,
) -> None:
    """Given three deaths over an article, then it is a dead letter, and its copy is the new canonical."""
    streams, worker = desk.services.streams, desk.services.worker
    killer = desk.publisher.publish(raw(FERRY, "https://a.example/1"))
    ids = streams.read(LIVE, "intake:test", 10)
    for stage in (Stage.CLEAN, Stage.ENRICH, Stage.ENRICH):
        [entry] = streams.take(LIVE, "worker:dead", ids)
        [draft] = [Draft(entry)]
        pipeline = Pipeline(desk.services)
        pipeline._clean([draft])
        pipeline._assemble([draft])
        pipeline._judge([draft])
        streams.mark(entry, stage)
        event = orjson.dumps({"kind": "death", "stage": stage.value, "worker": "worker:dead"})
        streams.hand_back(LIVE, "worker:dead", [Return(entry, 0.0, event)])
        [ids] = streams.due(LIVE, "intake:test", 10).batches

    result = process_batch(desk.services, LIVE, ids)

    assert {killer: "failed"} == outcomes_by_entry(result)
    [letter] = read_letters(desk.services.client, streams.keys)
    assert (Reason.WORKER_DIED, Stage.ENRICH, 4) == (letter.reason, letter.stage, letter.attempts)
    assert ["new"] == desk.run(raw(FERRY, "https://b.example/1"))
    assert worker != "worker:dead"


def test_what_killed_its_workers_before_anyone_knew_it_leaves_no_claim_behind(
    desk: LocalDesk,
) -> None:
    """Given a first death with a claim open, and two before it was read, then a copy is canonical."""
    streams = desk.services.streams
    killer = desk.publisher.publish(raw(FERRY, "https://a.example/1"))
    ids = streams.read(LIVE, "intake:test", 10)
    for death in range(3):
        [entry] = streams.take(LIVE, "worker:dead", ids)
        if death == 0:
            pipeline, draft = Pipeline(desk.services), Draft(entry)
            pipeline._clean([draft])
            pipeline._assemble([draft])
            pipeline._judge([draft])
        event = orjson.dumps({"kind": "death", "worker": "worker:dead"})
        streams.hand_back(LIVE, "worker:dead", [Return(entry, 0.0, event)])
        [ids] = streams.due(LIVE, "intake:test", 10).batches

    result = process_batch(desk.services, LIVE, ids)

    assert {killer: "failed"} == outcomes_by_entry(result)
    assert ["new"] == desk.run(raw(FERRY, "https://b.example/1"))


def test_what_fails_before_it_is_judged_again_gives_up_the_claim_of_an_earlier_try(
    settings: Settings, enrichers: Sequence[Enricher]
) -> None:
    """Given a claim kept while the store was away, when the article is refused, then a copy is canonical."""
    with LocalDesk(settings, enrichers) as desk:
        desk.services.sinks = [RecordingSink([TransientError("The store is away")])]
        away = desk.run(raw(FERRY, "https://a.example/1"))
        settings.max_article_bytes = 100  # set lower by the next deploy
        refused = desk.retry()
        settings.max_article_bytes = 100_000
        copy = desk.run(raw(FERRY, "https://b.example/1"))

    assert (["later"], ["rejected"], ["new"]) == (away, refused, copy)


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
        alone = one_by_one(desk, found.alone, probe=True)
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


def test_an_index_of_another_version_stops_the_lanes_and_costs_no_try(
    settings: Settings, enrichers: Sequence[Enricher]
) -> None:
    """Given an index that another version wrote, then articles wait, untried, and it is said what to do."""
    with LocalDesk(settings, enrichers) as desk:
        before = desk.run(raw(FERRY, "https://a.example/1"))
        desk.services.index._head[0] = "that of another version"  # type: ignore[attr-defined]
        during = desk.run(raw(TUNNEL, "https://b.example/1"))
        [breaker] = desk.services.breakers.states()
        tries = desk.services.client.hlen(desk.services.streams.keys.history(LIVE))

    assert (["new"], ["later"], 0) == (before, during, tries)
    assert ("sinks", True) == (breaker.name, "copydesk index rebuild" in breaker.why)


def test_a_server_that_goes_away_just_after_a_batch_was_taken_gets_it_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a server that is away when the worker asks for the breakers, then the batch waits for nobody."""

    def away(_lane: Lane) -> bool:
        raise redis.ConnectionError("connection refused")

    with LocalDesk(settings, []) as desk:
        with monkeypatch.context() as patch:
            patch.setattr(desk.services.breakers, "stopped", away)
            during = desk.run(raw(FERRY, "https://a.example/1"))

        assert (["later"], ["new"]) == (during, desk.retry())


def test_an_intake_lives_on_beside_an_index_of_another_version(settings: Settings) -> None:
    """Given an index of other settings, and an entry that somebody deleted, then an intake goes on."""
    with LocalDesk(settings, []) as desk:
        desk.run(raw(FERRY, "https://a.example/1"))
        later = desk.services.streams.keys.later(LIVE)
        desk.services.client.zadd(later, {"1-1": 0})  # of an entry that is not there
        other = settings.model_copy(update={"window_days": 7.0})
        Intake(other, desk.services.client, DirectDispatch(desk.services, nullcontext))._turn()

        assert 0 == desk.services.client.zcard(later)


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
        alone = one_by_one(desk, found.alone)
        [letter] = read_letters(desk.services.client, streams.keys)
        copy = desk.run(raw(FERRY, "https://c.example/1"))

    assert (["later", "later"], []) == (together, found.together)
    assert (["failed", "new"], ["new"]) == (alone, copy)
    assert (Reason.TIMEOUT, Stage.DELIVER) == (letter.reason, letter.stage)
