"""Datelines of agencies and papers."""

import datetime as dt

import pytest

from worker.enrichment.dateline import find_dateline


@pytest.mark.parametrize(
    ("text", "place", "date", "agency"),
    [
        ("KYIV, Feb 21 (AFP) — Rain fell.", "KYIV", "--02-21", "AFP"),
        ("WASHINGTON (AP) -- Rain fell.", "WASHINGTON", None, "AP"),
        ("BEIRUT/AMMAN, 3 March 2024 (Reuters) - Rain", "BEIRUT/AMMAN", "2024-03-03", "Reuters"),
        ("WEST PALM BEACH, Fla. — Rain fell.", "WEST PALM BEACH, Fla.", None, None),
        ("Oslo, Norway (CNN) — Rain fell.", "Oslo, Norway", None, "CNN"),
        ("(Reuters) - Rain fell.", None, None, "Reuters"),
        (
            "Rain falls on Leeds\nBy Ana Ruiz\n\nLEEDS, England (AP) — Rain",
            "LEEDS, England",
            None,
            "AP",
        ),
        ("LASK, 19 nov (Agencia Sur) — Llovió.", "LASK", "--11-19", "Agencia Sur"),
        ("Madrid, 3 de mayo (EFE).- Llovió.", "Madrid", "--05-03", "EFE"),
        ("PARIS, 3 juillet 2026 (AFP) - Il pleut.", "PARIS", "2026-07-03", "AFP"),
        ("Berlin (dpa) - Es regnet.", "Berlin", None, "dpa"),
        ("(CNN)The rain fell.", None, None, "CNN"),
        ("(Wire Business)“We sank,” he said.", None, None, "Wire Business"),
        ("Rain falls on Leeds. LEEDS (AP) - Rain", "LEEDS", None, "AP"),
    ],
)
def test_datelines(text: str, place: str | None, date: str | None, agency: str | None) -> None:
    """Given the head of a report, then place, date and agency are those of its dateline."""
    found = find_dateline(text)
    assert found is not None
    assert (found.place, found.date, found.agency) == (place, date, agency)
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    "text",
    [
        "Rain fell on Leeds.",
        "(Updated) The rain fell.",
        "(CNN)the rain fell.",
        "NASA - the space agency - said so.",
        "Mr Hale (54) - a baker - said",
        "",
    ],
)
def test_no_dateline(text: str) -> None:
    """Given a text that begins without one, then there is none."""
    assert find_dateline(text) is None


@pytest.mark.parametrize(
    ("day", "year"), [(dt.date(2025, 1, 2), 2024), (dt.date(2024, 9, 3), 2023)]
)
def test_the_year_is_the_last_before_publication(day: dt.date, year: int) -> None:
    """Given a date without a year, when published later, then it is the last such day, not one to come."""
    published = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    found = find_dateline("PARIS, Dec 30 (AFP) — Rain fell.", published)
    assert found is not None
    assert found.date == f"{year}-12-30"
