"""Times and ages on the command line."""

import datetime as dt

import pytest
import typer

from worker.cli.times import age, moment, point
from worker.replay_sources import stream_id


def test_a_time_is_a_date_or_an_age() -> None:
    """Given a date, a moment with a zone, and an age; then each is a point in time."""
    assert dt.datetime(2026, 2, 21, tzinfo=dt.UTC) == moment("2026-02-21")
    assert dt.datetime(2026, 2, 21, 17, tzinfo=dt.UTC) == moment("2026-02-21T18:00:00+01:00")
    assert dt.timedelta(days=13) < dt.datetime.now(dt.UTC) - moment("2w") < dt.timedelta(days=15)
    assert moment("2026-02-21") == point("2026-02-21")


def test_ages() -> None:
    """Given ages in each unit, then they are seconds."""
    assert [90, 900, 21_600, 172_800, 604_800] == [
        age(text) for text in ("90s", "15m", "6h", "2d", "1w")
    ]


@pytest.mark.parametrize("text", ["", "5", "5x", "-5m", "15mm", "nan", "1.5h"])
def test_what_is_no_age(text: str) -> None:
    """Given something else, then it is refused with an example."""
    with pytest.raises(typer.BadParameter, match="write 90s"):
        age(text)


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "21.02.2026"])
def test_what_is_no_time(text: str) -> None:
    """Given something else, then it is refused with an example, for each option that takes a time."""
    with pytest.raises(typer.BadParameter, match="write 2026-02-21"):
        moment(text)
    with pytest.raises(ValueError, match="neither a time"):
        stream_id(text)


def test_an_id_of_a_stream_stays_as_it_is() -> None:
    """Given ids of entries and a day without dashes, then the day alone is a time."""
    assert "1772438400000-3" == stream_id("1772438400000-3")
    assert "1772438400000" == stream_id("1772438400000")
    assert "1772409600000" == stream_id("20260302")
