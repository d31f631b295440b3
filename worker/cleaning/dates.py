"""Points in time as pages write them."""

import datetime as dt
import re
from typing import Any

from worker.moments import day_in, read

# A day inside a longer text: "Published 2024-05-03 at noon".
_DAY = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b")
FIRST_YEAR, LAST_YEAR = 1990, 2100


def moment(value: Any) -> dt.datetime | None:
    """Return a point in time with its zone (UTC where none is given), or none.

    >>> moment("2024-05-03T10:15:00+0200").isoformat()
    '2024-05-03T10:15:00+02:00'
    >>> moment("May 3, 2024").isoformat()
    '2024-05-03T00:00:00+00:00'
    >>> moment("soon")
    """
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    if not isinstance(value, str) or not 6 <= len(value.strip()) <= 64:
        return None
    found = read(value)
    if found is None and (day := _DAY.search(value)):
        try:
            found = dt.datetime(*map(int, day.groups()), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
        except ValueError:
            return None
    return found if found is not None and FIRST_YEAR <= found.year < LAST_YEAR else None


def written(text: str) -> dt.datetime | None:
    """Return the first full date that a line of text names, at midnight UTC.

    >>> written("By Ida Brandt | May 3rd, 2024").date().isoformat()
    '2024-05-03'
    >>> written("Kiel, 3. Mai 2024").date().isoformat()
    '2024-05-03'
    """
    day = day_in(text)
    if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
        return None
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
