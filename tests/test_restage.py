"""Stored articles through one stage again: a new model over all that there is."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.articles import FERRY, TUNNEL, raw
from worker.articles import Article
from worker.restage import restage
from worker.settings import Settings
from worker.sinks.store import Store
from worker.testing import LocalDesk


class Shouting:
    """A new model."""

    name, version, languages, needs, fields = "shouting", "2", None, (), ("shout",)

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any]]:
        """Shout."""
        return [{"shout": (article.text or "")[:5].upper()} for article in batch]


def test_stored_articles_go_through_one_stage_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given stored articles, when a new model runs over them, then its fields are there, and no revision."""
    with LocalDesk(settings, []) as desk:
        desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))
        monkeypatch.setattr("worker.restage.BATCH", 1)
        next(restage(desk.services.client, settings, [Shouting()], "a"))  # then it is killed
        *_, last = restage(desk.services.client, settings, [Shouting()], "a")
    with Store.of(settings) as store:
        stored = list(store.articles())

    assert (2, True) == (last.published, last.done)
    assert {"THE F", "ENGIN"} == {article.extra["shout"] for article in stored}
    assert [1, 1] == [article.revision for article in stored]


class Counting(Shouting):
    """Another model, of another team."""

    name, fields = "counting", ("words",)

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any]]:
        """Count."""
        return [{"words": len(article.text.split())} for article in batch]


def test_two_models_over_the_same_articles_at_once_lose_nothing_of_each_other(
    settings: Settings,
) -> None:
    """Given a model that reads an article before another has written it, then both their fields are there."""

    class Slow(Shouting):
        def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any]]:
            list(restage(desk.services.client, settings, [Counting()], "quick"))
            return super().enrich(batch)

    with LocalDesk(settings, []) as desk:
        desk.run(raw(FERRY, "https://a.example/1"))
        list(restage(desk.services.client, settings, [Slow()], "slow"))
    with Store.of(settings) as store:
        [article] = store.articles()

    assert ("THE F", True) == (article.extra["shout"], article.extra["words"] > 10)
    assert {"shouting", "counting"} <= article.provenance.enrichers.keys()


def test_a_model_keeps_to_its_rate_and_can_begin_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two articles at two a second, then that takes a second and tells its rate; and again anew."""
    with LocalDesk(settings, []) as desk:
        desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://b.example/1"))
        client, started = desk.services.client, time.monotonic()
        *_, last = restage(client, settings, [Shouting()], "a", rate=2)
        took = time.monotonic() - started
        monkeypatch.setattr("worker.restage.BATCH", 1)
        next(restage(client, settings, [Shouting()], "a"))
        first = next(restage(client, settings, [Shouting()], "a", restart=True))

    assert took >= 1.0
    assert (0 < last.rate <= 2, 2, 1) == (True, last.published, first.published)
