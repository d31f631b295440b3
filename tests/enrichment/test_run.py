"""The runner: fields, provenance, languages served, failures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from worker.articles import Article, Language
from worker.enrichment import Skipped, build, enrich, registry
from worker.enrichment.registry import in_order
from worker.errors import ConfigurationError
from worker.settings import Settings


class Shout:
    """Sets `summary` to the text in capitals; fails on texts that hold the word "bad"."""

    name = "shout"
    version = "1"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("summary",)

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        for article in batch:
            if "bad" in article.text:
                raise LookupError("no capitals for this")
        return [
            {"summary": article.text.upper()} if article.text else Skipped("no text")
            for article in batch
        ]


class Counting(Shout):
    """Notes how many articles it is handed at a time."""

    name = "counting"

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        self.sizes.append(len(batch))
        return super().enrich(batch)


class English(Shout):
    """Serves English only, and sets a field of its own."""

    name = "english"
    languages = frozenset({"en"})
    needs = ("summary",)
    fields = ("shouted",)

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        return [{"shouted": article.summary == article.text.upper()} for article in batch]


class Careless(Shout):
    """Returns what `Article` cannot hold."""

    name = "careless"

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        return [{"summary": ["not", "a", "string"]} for _ in batch]


class Greedy(Shout):
    """Sets a field that it does not declare."""

    name = "greedy"

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        return [{"title": "mine"} for _ in batch]


class Forgetful(Shout):
    """Returns fewer results than it was given articles."""

    name = "forgetful"

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any] | Skipped]:
        return []


def test_values_and_provenance_are_filled_in() -> None:
    """Given one article, when an enricher runs, then value, version, time and status are in."""
    article = Article(id="a", text="rain in York")
    enrich([Shout()], [article])
    run = article.provenance.enrichers["shout"]
    assert article.summary == "RAIN IN YORK"
    assert (run.version, run.status, run.reason) == ("1", "done", None)
    assert run.milliseconds is not None
    assert run.milliseconds >= 0


def test_one_bad_article_loses_its_own_value_alone() -> None:
    """Given three articles, one of which raises, then the other two keep their values."""
    articles = [Article(id=str(n), text=text) for n, text in enumerate(["one", "bad two", "three"])]
    enrich([Shout()], articles)
    assert [article.summary for article in articles] == ["ONE", None, "THREE"]
    failed = articles[1].provenance.enrichers["shout"]
    assert (failed.status, failed.reason) == ("failed", "LookupError: no capitals for this")


@pytest.mark.parametrize("broken", [Careless(), Greedy(), Forgetful()])
def test_a_broken_enricher_takes_nothing_else_with_it(broken: Shout) -> None:
    """Given an enricher that breaks the contract, then it alone is failed with a reason."""
    article = Article(id="a", text="rain", title="Rain")
    enrich([broken, Shout()], [article])
    assert article.provenance.enrichers[broken.name].status == "failed"
    assert article.provenance.enrichers[broken.name].reason
    assert (article.title, article.summary) == ("Rain", "RAIN")


def test_an_article_may_be_skipped_with_a_reason() -> None:
    """Given an enricher that returns Skipped, then the value is null and provenance says why."""
    article = Article(id="a")
    enrich([Shout()], [article])
    run = article.provenance.enrichers["shout"]
    assert (article.summary, run.status, run.reason) == (None, "skipped", "no text")


@pytest.mark.parametrize(
    ("code", "status", "reason", "value"),
    [
        ("en", "done", None, True),
        ("fi", "skipped", "no english for language 'fi'", None),
        (None, "skipped", "the language is not known", None),
    ],
)
def test_languages_that_are_not_served_are_skipped(
    code: str | None, status: str, reason: str | None, value: bool | None
) -> None:
    """Given an enricher for English, when the language is another, then null with a reason."""
    article = Article(id="a", text="rain", language=Language(code=code, confidence=1.0))
    enrich([Shout(), English()], [article])
    run = article.provenance.enrichers["english"]
    assert (run.status, run.reason, article.extra["shouted"]) == (status, reason, value)


def test_enrichers_run_after_those_they_need() -> None:
    """Given an enricher before the one whose field it reads, then it is put behind it."""
    assert [one.name for one in in_order([English(), Shout()])] == ["shout", "english"]


def test_a_circle_of_needs_is_an_error() -> None:
    """Given two enrichers that need each other, when ordered, then the message names both."""
    first, second = Shout(), English()
    first.needs = ("shouted",)
    with pytest.raises(ConfigurationError, match="shout, english"):
        in_order([first, second])


def test_an_unknown_name_says_which_are_known() -> None:
    """Given a misspelt enricher, when built, then the error names it and the known ones."""
    with pytest.raises(ConfigurationError, match=r"'langauge'.*language"):
        build(Settings(enrichers=["langauge"]))


class EntryPoint:
    """What `importlib.metadata` says of an installed package."""

    name = "acme"
    value = "acme.cloud:Shout"

    def load(self) -> type[Shout]:
        return Shout


def test_a_third_party_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an installed package with an entry point, when it is named, then it runs with the others."""
    monkeypatch.setattr(registry, "entry_points", lambda group: [EntryPoint()])
    monkeypatch.setattr(Shout, "__init__", lambda self, settings=None: None)
    built = build(Settings(enrichers=["acme", "language"]))
    assert {one.name for one in built} == {"shout", "language"}


def test_a_profile_in_the_list_stands_for_its_members() -> None:
    """Given `light` and one more name, then all of its enrichers and the other are selected."""
    names = registry.selected(Settings(enrichers=["light", "acme"]))
    assert names == [*registry.profile("light"), "acme"]


def test_a_large_batch_is_enriched_part_by_part() -> None:
    """Given 600 articles, when enriched, then at most 256 are handed over at a time; all have values."""
    counting = Counting()
    batch = [Article(id=str(number), text=f"text {number}") for number in range(600)]
    enrich([counting], batch)
    assert counting.sizes == [256, 256, 88]
    assert [f"TEXT {number}" for number in range(600)] == [one.summary for one in batch]


def test_long_articles_are_enriched_few_at_a_time() -> None:
    """Given articles of 400,000 characters and one of more than a part holds, then parts are small."""
    counting = Counting()
    lengths = [400_000, 400_000, 400_000, 1_500_000, 10, 20]
    batch = [Article(id=str(length), text="a" * length) for length in lengths]
    enrich([counting], batch)
    assert counting.sizes == [2, 1, 1, 2]
    assert all(article.summary for article in batch)
