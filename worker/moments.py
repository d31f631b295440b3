"""Points in time as people, feeds and programs write them; read only if there is one possible meaning."""

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIRST_YEAR, LAST_YEAR = 1600, 2100
"""A year outside is no date: Go writes 0001-01-01 for none. The first newspapers are from 1605."""
# First letters of the months, January first, in English, German, French, Spanish, Portuguese,
# Italian, Dutch, Swedish, Norwegian, Danish, Polish, Czech, Russian, Ukrainian, Turkish, Indonesian.
_MONTHS = (
    "jan|janv|ene|gen|sty|led|янв|січ|oca", "feb|fév|fev|lut|úno|фев|лют|şub",
    "mar|mär|mrz|maa|maart|bře|мар|бер", "apr|avr|abr|kwi|dub|апр|кві|nis",
    "may|mai|mei|maj|mag|kvě|мая|май|тра", "jun|juin|giu|cze|červn|июн|чер|haz",
    "jul|juil|lug|lip|červe|июл|лип|tem", "aug|aoû|aou|ago|sie|srp|авг|сер|ağu|agu",
    "sep|set|wrz|zář|сен|вер|eyl", "oct|okt|ott|out|paź|říj|окт|жов|eki",
    "nov|lis|noy|ноя|кас", "dec|dez|dic|déc|des|gru|pros|дек|гру|ara",
)  # fmt: skip
_MONTH_OF = {
    start: number for number, starts in enumerate(_MONTHS, 1) for start in starts.split("|")
}
_MONTH = "(?P<name>" + "|".join(sorted(_MONTH_OF, key=len, reverse=True)) + ")"
# 2026-11-16, 2026/11/16
_YEAR_FIRST = re.compile(r"\b(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\b")
# "May 3, 2024", "May 3rd 2024"
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\w{{0,7}}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
# "3 May 2024", "3. Mai 2024", "3 de mayo de 2024"
_DAY_FIRST = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?\s+(?:de\s+|of\s+)?{_MONTH}\w{{0,7}}\.?,?\s+(?:de\s+|del\s+)?(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
# 3.5.2024, 03/05/2024
_NUMBERS = re.compile(
    r"\b(?P<day>\d{1,2})(?P<mark>[./-])(?P<month>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d)\b"
)
_FORMS = (_YEAR_FIRST, _MONTH_FIRST, _DAY_FIRST, _NUMBERS)

# 20261116, 20261116103000
_COMPACT = re.compile(r"\d{8}(?:\d{6})?")
# Seconds since 1970, from March 1973 on: 1795000000, 1795000000.25; milliseconds: 1795000000000
_UNIX = re.compile(r"(?P<seconds>\d{9,10}(?:\.\d*)?)|(?P<milliseconds>\d{12,13}(?:\.\d*)?)")
# "Mon, ", "Monday ", "Mo., "
_WEEKDAY = re.compile(
    r"(?:[^\W\d]{2,12}\.?,\s*|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?\s+)?", re.IGNORECASE
)
# Orders that are put right first: the year behind the time, as C and Twitter write it; dashes around the
# month; two digits of the year, where a time follows, as old feeds have them.
# As in "Nov 16 10:30:00 +0000 2026", "16-Nov-2026", "16-Nov-26 09:12:00 GMT".
_ORDERS = (
    (re.compile(r"([^\W\d]{3}\s\d{1,2})\s(\d\d?:\d\d:\d\d(?:\s\S+)?)\s(\d{4})"), r"\1 \3 \2"),
    (re.compile(r"(\d{1,2})-([^\W\d]{3,9})-(\d{4}|\d\d)\b"), r"\1 \2 \3"),
    (re.compile(r"(\d{1,2}\s[^\W\d]{3})\s([0-4]\d)(?=\s\d\d?:)"), r"\1 20\2"),
)
# What follows the day, if anything does. As in ", 10:30 AM", " at 10:30:00.25 p.m. ET", "T10:30+01:00",
# " 10:30:00 GMT+0100 (CET)", " 9 am".
_TIME = re.compile(
    r"(?:(?:[\s,|–—-]+(?:at\s+)?|T)(?P<hour>\d{1,2})"
    r"(?:[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?(?:\s(?:Uhr|hrs?))?"
    r"(?:\s?(?P<zone>[A-Z]{1,4}))?(?:\s?(?P<offset>[+-]\d\d(?::?\d\d)?)(?:\s\(?[A-Z ]+\)?)?)?)?",
    re.IGNORECASE,
)
# Names that mean one zone to newsrooms, in hours from UTC; IST, which means three, is not among them.
_HOURS = {
    name: hours
    for hours, names in {
        0: "Z UT UTC GMT WET", 1: "WEST BST CET", 2: "CEST EET", 3: "EEST MSK", 9: "JST",
        -4: "EDT", -5: "EST CDT", -6: "CST MDT", -7: "MST PDT", -8: "PST",
    }.items()
    for name in names.split()
}  # fmt: skip
# Names that leave it to the day whether it is summer time.
_PLACES = {"ET": "New_York", "CT": "Chicago", "MT": "Denver", "PT": "Los_Angeles"}


def read(value: str | float) -> dt.datetime | None:
    """Return the point in time that a value means, with its zone; None if it means none, or may mean several.

    Reads ISO 8601, RFC 2822, Unix seconds and milliseconds, and days as people write them, with or without a
    time. Without a zone it is UTC, without a time midnight.

    >>> read("Mon, 21 Feb 2022 18:30:00 GMT").isoformat()
    '2022-02-21T18:30:00+00:00'
    >>> read("Nov. 16, 2026 at 10:30 p.m. ET").isoformat()
    '2026-11-16T22:30:00-05:00'
    >>> read(1_795_000_000_000).isoformat()
    '2026-11-18T11:06:40+00:00'
    >>> read("16/11/2026").isoformat()
    '2026-11-16T00:00:00+00:00'

    March or April, an unknown zone, and a number that is no time:

    >>> read("03/04/2026"), read("16 Nov 2026 10:30 IST"), read(2026)
    (None, None, None)
    """
    text = " ".join(str(value).split())
    if len(text) > 100:
        return None
    try:
        found = _of_digits(text) if text[:9].isdigit() else _iso(text) or _of_words(text)
    except (ValueError, OverflowError):
        return None
    if found is None or not FIRST_YEAR <= found.year < LAST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def day_in(text: str) -> dt.date | None:
    """Return the first full date that a text names, in the most reliable form that it has.

    In a date of numbers the day comes first, unless the second number cannot be a month.
    """
    for form in _FORMS:
        if match := form.search(text):
            try:
                return _day(match, guess=True)
            except ValueError:
                return None
    return None


def _of_digits(text: str) -> dt.datetime | None:
    if _COMPACT.fullmatch(text):
        return dt.datetime.strptime(text.ljust(14, "0") + "Z", "%Y%m%d%H%M%S%z")
    if match := _UNIX.fullmatch(text):
        seconds, milliseconds = match["seconds"], match["milliseconds"]
        moment = float(seconds) if seconds else float(milliseconds) / 1000
        return dt.datetime.fromtimestamp(moment, dt.UTC)
    return None


def _iso(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _of_words(text: str) -> dt.datetime | None:
    start = _WEEKDAY.match(text)
    text = text[start.end() :] if start else text
    for pattern, order in _ORDERS:
        text = pattern.sub(order, text, count=1)
    for form in _FORMS:
        if match := form.match(text):
            time = _TIME.fullmatch(text, match.end())
            return _joined(_day(match), time) if time else None
    return None


def _day(match: "re.Match[str]", *, guess: bool = False) -> dt.date:
    """Return the day of a match; raise ValueError if it is none, or may be two."""
    parts = match.groupdict()
    year, day = int(parts["year"]), int(parts["day"])
    month = _MONTH_OF[parts["name"].lower()] if "name" in parts else int(parts["month"])
    if "mark" in parts:
        if month > 12:
            day, month = month, day
        elif parts["mark"] != "." and day <= 12 and day != month and not guess:
            raise ValueError(f"{match[0]} may be two days")
    return dt.date(year, month, day)


def _joined(day: dt.date, time: "re.Match[str]") -> dt.datetime | None:
    hour, minute, second = (int(time[name] or 0) for name in ("hour", "minute", "second"))
    if time["half"]:
        if hour > 12:
            return None
        hour = hour % 12 + (12 if time["half"] in "pP" else 0)
    elif time["hour"] and not time["minute"]:
        return None
    clock = dt.time(hour, minute, second)
    if time["offset"]:
        return dt.datetime.fromisoformat(f"{day}T{clock}{time['offset']}")
    moment = dt.datetime.combine(day, clock)
    zone = (time["zone"] or "UTC").upper()
    if zone in _HOURS:
        return moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=_HOURS[zone])))
    try:
        return (
            moment.replace(tzinfo=ZoneInfo(f"America/{_PLACES[zone]}")) if zone in _PLACES else None
        )
    except ZoneInfoNotFoundError:  # this machine has no table of zones
        return None
