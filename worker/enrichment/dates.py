"""Dates that a text names, normalised to ISO 8601 against the day it was published."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from worker.articles import Article, NamedDate
from worker.enrichment.datesteps import Found, steps
from worker.enrichment.datewords import AHEAD, CALENDAR, NUMBERED, date_words
from worker.enrichment.numbers import look_for_numbers, numbers
from worker.settings import Settings

# `2022-02-21`; `21.02.2022`, `21/02/2022` (only where the day cannot be a month)
_ISO = re.compile(r"(?:1[5-9]|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])")
_POINTED = re.compile(
    r"(?P<d>[0-3]?\d)(?P<mark>[./])(?P<m>[01]?\d)(?P=mark)(?P<y>(?:19|20)\d\d)(?!\d)"
)
_POINTS = frozenset("./")
# `2022年2月21日`, `2022년 2월 21일`
_NUMBERED = re.compile(r"(?P<y>\d{4})[年년]\s?(?P<m>\d{1,2})[月월](?:\s?(?P<d>\d{1,2})[日일])?")

# What may stand around a month: `21st of `, `21. `, `1er `, `21 de ` before it; ` 21`, ` 21st` and
# `, 2022`, ` de 2022`, ` of 2022` behind.
_DAY_BEFORE = re.compile(r"\b(?P<d>[0-3]?\d)(?:\.|st|nd|rd|th|er|[º°])?(?:\s(?:of|de|d[’']))?\s?$")
_DAY_AFTER = re.compile(r"\.?\s(?P<d>[0-3]?\d)(?:st|nd|rd|th)?\b(?![.:,]\d)")
_YEAR_AFTER = re.compile(r"\.?,?(?:\s(?:of|de|del))?\s(?P<y>(?:1[5-9]|20)\d\d)\b")

# English: `in 2019`, `since 1994`; `in March`, `late May`, `last June`
_WHEN = re.compile(
    r"\b(?P<when>in|since|until|by|from|during|of|before|after|early|late|mid|last|next|this)[ -]$",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?:1[89]|20)\d\d(?![\w%]|[-.,:]\d| (?:people|pages|men|women|met(?:re|er)s)\b)"
)
# English: `last` in `last Monday`
_WHICH = re.compile(r"\b(?P<which>last|next|this|coming) $", re.IGNORECASE)
# what stands between the name of a day and its date: `Montag, den 1. Mai`, `Friday, April 28`
_OF_DAY = re.compile(r",?\s(?:(?:the|den|dem|der|le|el|il|den)\s)?")
_NEUTRAL = frozenset({"in", "during", "early", "late", "mid"})
_TO_COME = range(1, 9)
"""How many months on one may be where the sentence looks ahead."""
_NEAR, _FAR = 92, 275
"""Days: a day without a year is one of so many ahead or, farther, behind; or the other way round."""
# What is to come: `will meet on`, `is due on`; `opens on`; `until`, `by early`
_AHEAD = re.compile(
    r"\b(?:(?:will|shall|to be|due|scheduled|expected|set (?:to|for)|plan(?:s|ned)?|upcoming|vowed to"
    r"|is to|are to)\b[^.;]{0,80}"
    r"|(?:begins?|starts?|opens?|faces?|looms?|deadline|launches|premieres|airs|hosts|kicks? off|takes place"
    r"|comes out|goes (?:on sale|into effect|live)|reports (?:earnings|results)|ahead of)\b[^.;]{0,40}"
    r"|(?<![-’'])(?:until|by)\b(?: (?:the|at least|early|late|mid|end of|next))*[ -]?)$"
)
# `“It will hold,” she said late on Monday`: the day of the words, whatever they look ahead to
_SAID = re.compile(
    r"(?<!\bbe )\b(?:said|says|told|tells|added|announced|asked|wrote|tweeted|warned|reported"
    r"|confirmed|testified)(?: (?!that\b|it\b|they\b|he\b|she\b|will\b)[\w’'-]+){0,3} $"
)


class DateEnricher:
    """Sets `dates`, in the order of the text.

    Without `published_at` only dates that carry their year are told. A bare weekday is the last one
    up to the day of publication, or the next one where the sentence looks ahead; so is a month.
    """

    name = "dates"
    version = "3"
    languages: frozenset[str] | None = CALENDAR | NUMBERED
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("dates",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[NamedDate]]]:
        """Return the dates of each article."""
        look_for_numbers([article.text for article in batch])
        values = []
        for article in batch:
            code = article.language.code if article.language else None
            today = article.published_at.date() if article.published_at else None
            values.append({"dates": named_dates(article.text, code or "en", today)})
        return values


def named_dates(text: str, code: str, today: dt.date | None) -> list[NamedDate]:
    """Return the dates in a text, without overlaps; the longer of two that overlap stays.

    >>> today = dt.date(2022, 2, 23)
    >>> text = "On Monday she left; on 3 March she will return."
    >>> [found.date for found in named_dates(text, "en", today)]
    ['2022-02-21', '2022-03-03']
    """
    found = sorted(_all(text, code, today), key=lambda item: (item[0], -item[1]))
    dates: list[NamedDate] = []
    for start, end, date in found:
        if start > 0 and (text[start - 1].isalnum() or text[start - 1] in "/$£€"):
            continue
        if dates and start < dates[-1].end:
            continue
        # "Friday, April 28": the day of the month says which Friday
        joined = dates and _is_of(text, dates[-1], start, end, date)
        first = dates.pop().start if joined else start
        dates.append(NamedDate(text=text[first:end], start=first, end=end, date=date))
    return dates


def _is_of(text: str, day: NamedDate, start: int, end: int, date: str) -> bool:
    """Whether a date of the calendar stands right behind the name of its day."""
    return (
        len(date) == len(day.date) == len("2022-02-21")
        and _OF_DAY.fullmatch(text, day.end, start) is not None
        and any(map(str.isdigit, text[start:end]))
        and not any(map(str.isdigit, day.text))
    )


def _all(text: str, code: str, today: dt.date | None) -> Iterator[Found]:
    yield from _numeric(text)
    if code in NUMBERED:
        yield from _numbered(text)
        return
    words = date_words(code)
    lower = text if words.capitals else _lower(text)
    english = code == "en"
    for match in words.month.finditer(lower):
        yield from _around(text, match, words.months[match[0].lower()], today, english=english)
    if english:
        yield from _years(text)
    if today is None:
        return
    for match in words.weekday.finditer(lower):
        back = (today.weekday() - words.weekdays[match[0].lower()]) % 7
        start, days = (
            _english_weekday(text, match, back) if english else _weekday(text, match, back, code)
        )
        yield start, match.end(), (today + dt.timedelta(days=days)).isoformat()
    for phrase, days in words.away.items():
        if phrase[1:] in text:  # few are
            yield from _phrase(text, phrase, (today + dt.timedelta(days=days)).isoformat())
    if english:
        yield from steps(text, today)


def _years(text: str) -> Iterator[Found]:
    for start, end in numbers(text):
        if end - start != 4 or not (match := _YEAR.match(text, start)):
            continue
        if _WHEN.search(text, max(0, start - 7), start):
            yield start, end, match[0]


def _lower(text: str) -> str:
    """Return the text in lower case, each character in its place (`İ` would become two)."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(map(_lower_one, text))


def _lower_one(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character


def _numeric(text: str) -> Iterator[Found]:
    for start, end in numbers(text):
        mark, length = text[end : end + 1], end - start
        if mark == "-" and length == 4 and (match := _ISO.match(text, start)):
            if _date(*map(int, match[0].split("-"))):
                yield start, match.end(), match[0]
        elif mark in _POINTS and length <= 2 and (match := _POINTED.match(text, start)):
            day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
            if mark == "/" and day <= 12:
                continue  # 04/05/2022 is two dates
            if date := _date(year, month, day):
                yield start, match.end(), date.isoformat()


def _numbered(text: str) -> Iterator[Found]:
    for match in _NUMBERED.finditer(text):
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"] or 1)
        if date := _date(year, month, day):
            yield match.start(), match.end(), date.isoformat()[: 10 if match["d"] else 7]


def _around(
    text: str, name: re.Match[str], month: int, today: dt.date | None, *, english: bool
) -> Iterator[Found]:
    """Yield the date that a month's name belongs to, if there is one."""
    start, end = name.span()
    day = _DAY_BEFORE.search(text, max(0, start - 10), start)
    if day:
        start = day.start()
    elif day := _DAY_AFTER.match(text, end):
        end = day.end()
    year = _YEAR_AFTER.match(text, end)
    if year:
        end = year.end()
    if day:
        number = int(day["d"])
        if year:
            date = _date(int(year["y"]), month, number)
        else:
            date = _nearest(
                month, number, today, text[max(0, start - 100) : start] if english else ""
            )
        if date:
            yield start, end, date.isoformat()
    elif year:
        yield start, end, f"{year['y']}-{month:02}"
    elif english and today and (when := _WHEN.search(text, max(0, start - 7), start)):
        said = when["when"].lower()
        if said not in {"of", "before", "after"}:
            yield start, end, _month(month, said, today, text, start)


def _is_ahead(text: str, start: int) -> bool:
    """Tell whether the sentence looks ahead to what begins there, and does not tell who spoke then."""
    low = max(0, start - 100)
    return _AHEAD.search(text, low, start) is not None and not _SAID.search(text, low, start)


def _month(month: int, when: str, today: dt.date, text: str, start: int) -> str:
    """Return the month of that name: the next one after `next`, `until` and `by`, else the last.

    After `in` it is the next one as well where the sentence looks ahead, three months or more from the last.
    """
    neutral = when in _NEUTRAL and (month - today.month) % 12 in _TO_COME
    if when in {"next", "until", "by"} or (neutral and _is_ahead(text, start)):
        year = today.year + (month < today.month or (when == "next" and month == today.month))
    elif when == "this":
        year = today.year
    else:
        year = today.year - (month > today.month or (when == "last" and month == today.month))
    return f"{year}-{month:02}"


def _english_weekday(text: str, name: re.Match[str], back: int) -> tuple[int, int]:
    """Return where the date begins and how many days it is away; `back` if it is the last one."""
    start = name.start()
    which = _WHICH.search(text, max(0, start - 8), start)
    if which is None:
        return start, -back % 7 if _is_ahead(text, start) else -back
    word = which["which"].lower()
    if word == "last":
        return which.start(), -(back or 7)
    return which.start(), 7 - back if back or word != "this" else 0


def _weekday(text: str, name: re.Match[str], back: int, code: str) -> tuple[int, int]:
    """Return the same in another language."""
    start = name.start()
    ahead = AHEAD.get(code)
    if ahead and ahead.search(text, max(0, start - 100), start):
        return start, -back % 7
    return start, -back


def _phrase(text: str, phrase: str, date: str) -> Iterator[Found]:
    """Yield each place of a phrase, in lower case or at a sentence's beginning, that is a word of its own.

    A capital elsewhere makes another word of it: "am frühen Morgen", "USA Today".
    """
    for written in (phrase, phrase.capitalize()):
        start = text.find(written)
        while start >= 0:
            end = start + len(written)
            if not text[end : end + 1].isalnum() and (written == phrase or _begins(text, start)):
                yield start, end, date
            start = text.find(written, end)


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins there."""
    before = text[max(0, start - 4) : start].rstrip(" ")
    return not before or not (before[-1].isalnum() or before[-1] in ",;-–")


def _nearest(month: int, day: int, today: dt.date | None, before: str) -> dt.date | None:
    """Return the day of that name from nine months back to three months ahead.

    Where the words before it look ahead, it is from three months back to nine months ahead.
    """
    if today is None:
        return None
    for year in (today.year, today.year - 1, today.year + 1):
        date = _date(year, month, day)
        if date and -_FAR <= (date - today).days <= _NEAR:
            if (today - date).days > _NEAR and _is_ahead(before, len(before)):
                return _date(year + 1, month, day)
            return date
    return None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
