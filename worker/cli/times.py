"""Times and ages as they are written on the command line."""

import datetime as dt
import re

import typer

# An age: 90s, 30m, 24h, 7d, 2w
_AGE = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def age(text: str) -> float:
    """Read an age such as `90s`, `15m`, `6h`, `2d` or `1w`; return seconds.

    Raises:
        typer.BadParameter: it is none.
    """
    found = _AGE.fullmatch(text)
    if not found:
        raise typer.BadParameter(f"{text!r} is not an age; write 90s, 15m, 6h, 2d or 1w")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds()


def point(text: str) -> dt.datetime:
    """Read a point in time: ISO 8601, without a zone UTC.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time; write 2026-02-21 or 2026-02-21T18:30:00Z"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def moment(text: str) -> dt.datetime:
    """Read a point in time, or an age such as `24h`.

    Raises:
        typer.BadParameter: it is neither.
    """
    if _AGE.fullmatch(text):
        return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age(text))
    try:
        return point(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(f"{error.message}, or an age: 24h, 7d") from None
