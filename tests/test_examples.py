"""The example files and programs: what a new user runs, and copies, first."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from worker import enrichment
from worker.deadletters import DeadLetter, read_letters
from worker.files import read_files
from worker.outcomes import Reason
from worker.settings import Settings
from worker.sinks.store import Query, Store
from worker.testing import LocalDesk

EXAMPLES = Path(__file__).parents[1] / "examples"
ALL = Query(all_revisions=True)


@pytest.fixture
def desk(settings: Settings) -> Iterator[LocalDesk]:
    """A desk without enrichers."""
    with LocalDesk(settings, []) as desk:
        yield desk


def publish(desk: LocalDesk, name: str) -> list[str]:
    """Publish an example file a line at a time, as a feed would; return the outcomes."""
    return [desk.run(article)[0] for article in read_files([str(EXAMPLES / name)])]


def letters(desk: LocalDesk) -> list[DeadLetter]:
    """The dead letters, oldest first."""
    return list(read_letters(desk.services.client, desk.services.streams.keys, newest_first=False))


def test_the_articles_show_every_good_outcome(desk: LocalDesk, settings: Settings) -> None:
    """Given the example articles; then copies, an update and a re-scrape are each known as such."""
    outcomes = publish(desk, "articles.jsonl")

    expected = {"new": 9, "update": 1, "duplicate": 2, "unchanged": 1}
    assert expected == Counter(outcomes)
    with Store.of(settings) as store:
        flood = next(store.articles(ALL))
        assert ["lowland-post.example", "tyne-echo.example"] == [
            copy.outlet for copy in store.copies(flood.id)
        ]


def test_the_articles_come_out_clean(desk: LocalDesk, settings: Settings) -> None:
    """Given bodies with stray full stops and promotion.

    Then neither is left, nor is any navigation.
    """
    publish(desk, "articles.jsonl")

    with Store.of(settings) as store:
        for article in store.articles(ALL):
            for unwanted in ("Also read", "Lesen Sie auch", "Lea también", "newsletter", "<p"):
                assert unwanted not in article.text
            assert "." not in article.paragraphs
            assert len(article.paragraphs) >= 3


def test_the_readme_shows_what_comes_out(settings: Settings) -> None:
    """Given the README's article through the full profile; then what stands there is among its values."""
    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with LocalDesk(
        settings, enrichment.build(settings.model_copy(update={"profile": "full"}))
    ) as desk:
        publish(desk, "articles.jsonl")
    with Store.of(settings) as store:
        article = next(store.articles(ALL))

    assert_among(orjson.loads(shown), orjson.loads(article.model_dump_json()), "")


def assert_among(shown: Any, found: Any, place: str) -> None:
    """Assert that values stand among others; "…" stands for the rest of a text."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_among(value, found[name], f"{place}.{name}")
    elif isinstance(shown, list):
        for item in shown:
            assert any(is_among(item, other) for other in found), f"{place}: {item} of {found}"
    elif isinstance(shown, str):
        beginning, rest, _ = shown.partition(" …")
        assert found.startswith(beginning) if rest else shown == found, f"{place}: {found}"
    else:
        assert shown == found, place


def is_among(shown: Any, found: Any) -> bool:
    """Whether values stand among others."""
    try:
        assert_among(shown, found, "")
    except (AssertionError, KeyError, TypeError):
        return False
    return True


def test_the_articles_twice_bring_nothing_new(desk: LocalDesk, settings: Settings) -> None:
    """Given the example articles once more; then nothing is stored a second time."""
    publish(desk, "articles.jsonl")
    with Store.of(settings) as store:
        before = store.count(ALL)
    again = publish(desk, "articles.jsonl")

    assert {"unchanged"} == set(again)
    with Store.of(settings) as store:
        assert before == store.count(ALL)


def test_each_broken_line_is_a_dead_letter_with_its_reason(
    desk: LocalDesk, settings: Settings
) -> None:
    """Given the broken examples.

    Then each is buried for its own reason, and the good one is delivered.
    """
    outcomes = publish(desk, "broken.jsonl")

    assert ["rejected"] * 4 + ["new"] + ["rejected"] * 6 == outcomes
    assert [
        Reason.NOT_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.NO_CONTENT,
        Reason.NO_CONTENT,
        Reason.NOT_JSON,
        Reason.NOT_JSON,
        Reason.INVALID_FIELD,
        Reason.TOO_DEEP,
        Reason.BINARY,
        Reason.BINARY,
    ] == [letter.reason for letter in letters(desk)]
    with Store.of(settings) as store:
        assert ["The town clock runs again"] == [article.title for article in store.articles()]
