"""Points in time as pages write them."""

import datetime as dt
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from worker.articles import Moment

_MOMENT: TypeAdapter[dt.datetime | None] = TypeAdapter(Moment)
# A day inside a longer text: "Published 2024-05-03 at noon".
_DAY = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b")
_ZONE_NAME = re.compile(r"\s*(?:UTC|GMT|Z)$")
_FORMATS = (
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d.%m.%Y",
    "%B %d, %Y %H:%M",
    "%Y%m%d",
)
FIRST_YEAR, LAST_YEAR = 1990, 2100
# First letters of the months, January first, in English, German, French, Spanish, Portuguese,
# Italian, Dutch, Swedish, Norwegian, Danish, Polish, Czech, Russian, Ukrainian, Turkish, Indonesian.
_MONTHS = (
    *("jan|janv|ene|gen|sty|led|янв|січ|oca", "feb|fév|fev|lut|úno|фев|лют|şub"),
    *("mar|mär|mrz|maa|maart|bře|мар|бер", "apr|avr|abr|kwi|dub|апр|кві|nis"),
    *("may|mai|mei|maj|mag|kvě|мая|май|тра", "jun|juin|giu|cze|červn|июн|чер|haz"),
    *("jul|juil|lug|lip|červe|июл|лип|tem", "aug|aoû|aou|ago|sie|srp|авг|сер|ağu|agu"),
    *("sep|set|wrz|zář|сен|вер|eyl", "oct|okt|ott|out|paź|říj|окт|жов|eki"),
    *("nov|lis|noy|ноя|кас", "dec|dez|dic|déc|des|gru|pros|дек|гру|ara"),
)
_MONTH_OF = {
    start: number for number, starts in enumerate(_MONTHS, 1) for start in starts.split("|")
}
_MONTH = "(?:" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + ")"
# "May 3, 2024", "May 3rd 2024"; "3 May 2024", "3. Mai 2024", "3 de mayo de 2024".
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\w{{0,7}}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+|of\s+)?({_MONTH})\w{{0,7}}\.?,?\s+(?:de\s+|del\s+)?(\d{{4}})\b",
    re.IGNORECASE,
)
# "3.5.2024", "03/05/2024": the day comes first, unless the second number cannot be a month.
_NUMBERS = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./]((?:19|20)\d\d)\b")


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
    text = _ZONE_NAME.sub("+00:00", value.strip())
    found = _read(text)
    if found is None and (day := _DAY.search(text)):
        try:
            found = dt.datetime(*map(int, day.groups()), tzinfo=dt.UTC)  # type: ignore[misc, arg-type]
        except ValueError:
            return None
    return found if found is not None and FIRST_YEAR <= found.year < LAST_YEAR else None


def _read(text: str) -> dt.datetime | None:
    try:
        return _MOMENT.validate_python(text)
    except (ValidationError, OverflowError):
        pass
    for form in _FORMATS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    return None


def written(text: str) -> dt.datetime | None:
    """Return the first full date that a line of text names, at midnight UTC.

    >>> written("By Ida Brandt | May 3rd, 2024").date().isoformat()
    '2024-05-03'
    >>> written("Kiel, 3. Mai 2024").date().isoformat()
    '2024-05-03'
    """
    if match := _DAY.search(text):
        year, month, day = map(int, match.groups())
    elif match := _MONTH_FIRST.search(text):
        year, month, day = int(match[3]), _MONTH_OF[match[1].lower()], int(match[2])
    elif match := _DAY_FIRST.search(text):
        year, month, day = int(match[3]), _MONTH_OF[match[2].lower()], int(match[1])
    elif match := _NUMBERS.search(text):
        day, month, year = map(int, match.groups())
        if month > 12:
            day, month = month, day
    else:
        return None
    if not FIRST_YEAR <= year < LAST_YEAR:
        return None
    try:
        return dt.datetime(year, month, day, tzinfo=dt.UTC)
    except ValueError:
        return None
