"""Dates as scrapers hand them in, and what becomes of those that nobody can read safely."""

import datetime as dt

import orjson
import pytest

from worker.articles import RawArticle
from worker.explain import explain
from worker.moments import read
from worker.reading import read_raw
from worker.settings import Settings
from worker.sinks.store import Store
from worker.testing import LocalDesk

TEXT = "The ferry is back in the harbour after a night of storms, said Mayor Anna Berg."
OTHER = "Two lorries met in the old tunnel on Friday, and neither driver would go back first."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-16T10:30:00Z", "2026-11-16T10:30:00+00:00"),
        ("2026-11-16T10:30:00.123456789+0100", "2026-11-16T10:30:00.123456+01:00"),
        ("2026-11-16 10:30", "2026-11-16T10:30:00+00:00"),
        ("2026-11-16 10:30:00 +0000 UTC", "2026-11-16T10:30:00+00:00"),
        ("2026/11/16 10:30 PM", "2026-11-16T22:30:00+00:00"),
        ("Nov 16, 2026", "2026-11-16T00:00:00+00:00"),
        ("16 November 2026", "2026-11-16T00:00:00+00:00"),
        ("16-Nov-2026", "2026-11-16T00:00:00+00:00"),
        ("Monday, November 16th, 2026", "2026-11-16T00:00:00+00:00"),
        ("November 16, 2026 10:30 AM", "2026-11-16T10:30:00+00:00"),
        ("November 16, 2026 10:30 PM", "2026-11-16T22:30:00+00:00"),
        ("16 Nov 2026 12:05 a.m.", "2026-11-16T00:05:00+00:00"),
        ("Nov. 16, 2026, 10:30 a.m. ET", "2026-11-16T10:30:00-05:00"),
        ("June 16, 2026 at 9 pm EDT", "2026-06-16T21:00:00-04:00"),
        ("16. November 2026, 10.30 Uhr", "2026-11-16T10:30:00+00:00"),
        ("16 de noviembre de 2026", "2026-11-16T00:00:00+00:00"),
        ("16.11.2026 10:30", "2026-11-16T10:30:00+00:00"),
        ("03.04.2026", "2026-04-03T00:00:00+00:00"),
        ("16/11/2026", "2026-11-16T00:00:00+00:00"),
        ("11/16/2026", "2026-11-16T00:00:00+00:00"),
        ("Mon, 16 Nov 2026 09:12:00 GMT", "2026-11-16T09:12:00+00:00"),
        ("Mon, 16 Nov 26 09:12 -0500", "2026-11-16T09:12:00-05:00"),
        ("Monday, 16-Nov-26 09:12:00 GMT", "2026-11-16T09:12:00+00:00"),
        ("Mon Nov 16 10:30:00 +0100 2026", "2026-11-16T10:30:00+01:00"),
        ("Mon Nov 16 2026 10:30:00 GMT+0100 (CET)", "2026-11-16T10:30:00+01:00"),
        ("20261116", "2026-11-16T00:00:00+00:00"),
        (20261116103000, "2026-11-16T10:30:00+00:00"),
        (1795000000, "2026-11-18T11:06:40+00:00"),
        ("1795000000.5", "2026-11-18T11:06:40.500000+00:00"),
        ("1795000000000", "2026-11-18T11:06:40+00:00"),
        # Its first eight digits are a day of 1791, and the others nearly a time.
        ("1791010110930", "2026-10-03T06:48:30.930000+00:00"),
    ],
)
def test_a_date_that_means_one_time_is_read(written: str | float, expected: str) -> None:
    """Given a date as people, feeds and programs write it, then it is that time."""
    found = read(written)

    assert found is not None
    assert expected == found.isoformat()


@pytest.mark.parametrize(
    "written",
    [
        "the day before yesterday", "2 hours ago", "Nov 16", "November 2026", "12:30",
        "03/04/2026", "03-04-2026", "1/2/26", "32 Nov 2026", "2026-13-45", "29 Feb 2026",
        "16 Nov 2026 10:30 IST", "16 Nov 2026 25:00", "16 Nov 2026 13:30 pm", "16 Nov 2026 10",
        "0001-01-01T00:00:00Z", 0, 2026, -1, 1e300, float("nan"), "1e9", "Nov 16, 2026 " * 20,
    ],
)  # fmt: skip
def test_a_date_that_means_none_or_several_is_not(written: str | float) -> None:
    """Given what is no date, or may be two, or has an unknown zone, then none is read."""
    assert read(written) is None


def test_a_date_that_cannot_be_read_is_kept_as_it_was() -> None:
    """Given dates that are none and one that is, then `extra` keeps the first, with what is there already."""
    given = {
        "text": TEXT,
        "published_at": "03/04/2026",
        "modified_at": 0,
        "fetched_at": "Nov 16, 2026",
    }

    raw = read_raw(orjson.dumps({**given, "extra": {"feed": 3}, "desk": "city"}), max_bytes=10_000)

    assert (None, None) == (raw.published_at, raw.modified_at)
    assert dt.datetime(2026, 11, 16, tzinfo=dt.UTC) == raw.fetched_at
    kept = {"feed": 3, "desk": "city", "published_at": "03/04/2026", "modified_at": 0}
    assert kept == raw.extra
    assert kept == RawArticle.model_validate(raw.model_dump()).extra


def test_the_article_goes_on_without_its_date(settings: Settings) -> None:
    """Given two articles whose date may be two days.

    Then both are delivered, the page's own date counts for the one that is a page, and `explain` tells what
    became of the scraper's.
    """
    page = (
        '<html><head><meta property="article:published_time" content="2026-04-03T08:00:00Z"></head>'
        f"<body><article><h1>The tunnel</h1><p>{OTHER}</p></article></body></html>"
    )
    with LocalDesk(settings, []) as desk:
        outcomes = desk.run(
            {"url": "https://a.example/1", "text": TEXT, "published_at": "03/04/2026"},
            {"url": "https://a.example/2", "html": page, "published_at": "03/04/2026"},
        )
    assert ["new", "new"] == outcomes

    with Store.of(settings) as store:
        found = [explain(store, f"https://a.example/{number}") for number in (1, 2)]
        dates = [
            article.published_at for article in map(store.get, (one.id for one in found)) if article
        ]

    assert [None, dt.datetime(2026, 4, 3, 8, tzinfo=dt.UTC)] == dates
    for one in found:
        assert (
            "published_at: “03/04/2026” is ambiguous or not a date; kept in extra" in one.metadata
        )
