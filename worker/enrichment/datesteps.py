"""English dates that count days, weeks, months or years from today: `last week`, `two years ago`."""

import datetime as dt
import re
from collections.abc import Iterator

Found = tuple[int, int, str]
"""Start, end, date: an ISO 8601 day, week, month or year."""

# `last week`, `next month`, `this year`: the unit, then what may be before it
_UNIT = re.compile(r" (?P<unit>week|month|year)\b")
_STEP = re.compile(r"\b(?P<which>last|next|this)$", re.IGNORECASE)
# `three days ago`, `a week ago`: what may be before `ago`
_AGO = re.compile(
    r"\b(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
    r" (?P<unit>day|week|month|year)s? $",
    re.IGNORECASE,
)
_NUMBERS = "one two three four five six seven eight nine ten"
_COUNT = {word: number for number, word in enumerate(_NUMBERS.split(), 1)} | {"a": 1, "an": 1}


def steps(text: str, today: dt.date) -> Iterator[Found]:
    """Yield the dates that a text counts from `today`.

    >>> text = "It opened three days ago, and closes next month."
    >>> [date for _, _, date in steps(text, dt.date(2022, 2, 23))]
    ['2022-03', '2022-02-20']
    """
    for match in _UNIT.finditer(text):
        step = _STEP.search(text, max(0, match.start() - 5), match.start())
        if step:
            count = {"last": -1, "this": 0, "next": 1}[step["which"].lower()]
            yield step.start(), match.end(), _shift(today, match["unit"], count)
    place = text.find(" ago")
    while place >= 0:
        ago = _AGO.search(text, max(0, place - 16), place + 1)
        if ago and not text[place + 4 : place + 5].isalnum():
            word = ago["count"].lower()
            count = _COUNT[word] if word in _COUNT else int(word)
            yield ago.start(), place + 4, _shift(today, ago["unit"].lower(), -count)
        place = text.find(" ago", place + 4)


def _shift(today: dt.date, unit: str, count: int) -> str:
    """Return the day, ISO week, month or year that is `count` units away, as precise as the unit."""
    if unit == "day":
        return (today + dt.timedelta(days=count)).isoformat()
    if unit == "week":
        year, week, _ = (today + dt.timedelta(weeks=count)).isocalendar()
        return f"{year}-W{week:02}"
    if unit == "month":
        months = today.year * 12 + today.month - 1 + count
        return f"{months // 12:04}-{months % 12 + 1:02}"
    return f"{max(1, today.year + count):04}"
