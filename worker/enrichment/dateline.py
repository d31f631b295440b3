"""The enricher `dateline`: where, when and by which agency a report was filed."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from worker.articles import Article, Dateline
from worker.enrichment.base import Skipped
from worker.settings import Settings

MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
    "nov": 11, "dec": 12, "ene": 1, "gen": 1, "jän": 1, "fév": 2, "fev": 2, "mär": 3, "avr": 4, "abr": 4,
    "mai": 5, "mag": 5, "mei": 5, "giu": 6, "juin": 6, "juil": 7, "lug": 7, "ago": 8, "aoû": 8, "set": 9,
    "okt": 10, "ott": 10, "out": 10, "dez": 12, "déc": 12, "dic": 12,
}  # fmt: skip
"""How the names of months begin, in English, Dutch, French, German, Italian, Portuguese and Spanish."""
WORD = r"[^\W\d_][^\W\d_.’'-]*(?:[.’'-][^\W\d_]*)*"
CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.’'-]+"
MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?"
    r"|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
# "19 nov", "3 de mayo", "18. November", "21 FÉVRIER"
FOREIGN = (
    r"\d{1,2}\.?\s(?:de\s)?(?i:ene|jan|gen|jän|feb|fév|fev|mar|mär|apr|abr|avr|mai|may|mag|mei|giu|jun|juin|juil|jul"
    r"|lug|ago|aoû|aug|sep|set|oct|okt|ott|out|nov|dic|déc|dez|dec)[^\W\d_]{0,7}\.?"
)
DAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?"
DATE = rf"(?P<date>{DAY}(?:{MONTH}\s\d{{1,2}}|\d{{1,2}}\s{MONTH}|{FOREIGN})(?:,?\s\d{{4}})?)"
DASH = r"\.?\s?(?:[—–]|--|-)(?=\s|[A-Z“\"])"
SMALL = (
    r"(?:dpa|afp|apa|sid|epd|kna|dts|ots|lusa|ansa|efe)\b"  # agencies that write themselves small
)
# KYIV, Feb 21 (AFP) —   NEW YORK, N.Y. (AP) --   BEIRUT/JERUSALEM -   WEST PALM BEACH, Fla. —
UPPER = re.compile(
    rf"(?P<place>{CAPITALS}(?:[ /]{CAPITALS}){{0,4}}(?:,\s(?!{MONTH}\s){WORD}(?:\s{WORD})?)?)"
    rf"(?:,\s{DATE})?(?:,?\s\((?P<agency>[^()\n]{{2,40}})\))?{DASH}"
)
# Kyiv, Ukraine (CNN) —   Oslo, 3 May (Reuters) -   where the agency alone shows what it is
MIXED = re.compile(
    rf"(?P<place>[A-ZÀ-ÖØ-Þ]{WORD}(?:[ /]{WORD}){{0,3}}(?:,\s(?!{MONTH}\s){WORD}(?:\s{WORD})?)?)"
    rf"(?:,\s{DATE})?,?\s\((?P<agency>(?:{SMALL}|[A-Z])[^()\n]{{0,40}})\){DASH}"
)
# (Reuters) -
AGENCY = re.compile(rf"\((?P<agency>(?:{SMALL}|[A-Z])[^()\n]{{0,40}})\){DASH}")
# (CNN)The, (CNN Business)“We: nothing between it and the story, where a page drew a box around it
GLUED = re.compile(r"\((?P<agency>[A-Z]\w{1,12}(?:\s[A-Z]\w{1,12})?)\)(?=[A-Z“\"])")
LINE = re.compile(r"\n+")
TITLE_END = re.compile(r"[.!?]\s(?=[A-Z]{3})")  # "Bridge closes. LEEDS (AP) - " -> behind ". "
FIRST_LINES = 3
"""A headline or a byline may stand before it."""


class DatelineEnricher:
    """Parses the dateline where a report begins with one."""

    name = "dateline"
    version = "3"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("dateline",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any] | Skipped]:
        """Return the dateline of each article."""
        values: list[dict[str, Any] | Skipped] = []
        for article in batch:
            found = find_dateline(article.text, article.published_at)
            values.append({"dateline": found} if found else Skipped("the text has no dateline"))
        return values


def find_dateline(text: str, published: dt.datetime | None = None) -> Dateline | None:
    """Return the dateline at the head of a text.

    The date is ISO 8601; its year is the text's own, else the last before publication, else
    it is left out (`--02-21`).

    >>> find_dateline("KYIV, Feb 21 (AFP) — Shelling resumed.").model_dump(exclude={"start", "end"})
    {'text': 'KYIV, Feb 21 (AFP) —', 'place': 'KYIV', 'date': '--02-21', 'agency': 'AFP'}
    >>> find_dateline("NASA - the agency - said so") is None
    True
    """
    for start in _beginnings(text):
        for pattern in (UPPER, MIXED, AGENCY, GLUED):
            match = pattern.match(text, start)
            if match and _is_sure(match):
                found = match.groupdict()
                return Dateline(
                    text=match[0],
                    start=match.start(),
                    end=match.end(),
                    place=found.get("place"),
                    date=_date(found.get("date"), published),
                    agency=found.get("agency"),
                )
    return None


def _beginnings(text: str) -> list[int]:
    """Return where the story may begin: the first lines, and behind a title that was run in."""
    beginnings = [0]
    for match in LINE.finditer(text):
        beginnings.append(match.end())
        if len(beginnings) == FIRST_LINES:
            break
    run_in = TITLE_END.search(text, 0, 250)
    return [*beginnings, run_in.end()] if run_in else beginnings


def _is_sure(match: "re.Match[str]") -> bool:
    """Whether it is no acronym followed by a dash: a short one needs an agency or a date."""
    found = match.groupdict()
    if found.get("agency") or found.get("date"):
        return True
    place = found.get("place") or ""
    return len(place) > 4 and "-" not in match[0][len(place) : len(place) + 1]


def _date(written: str | None, published: dt.datetime | None) -> str | None:
    if written is None:
        return None
    lower = written.lower()
    month = next(MONTHS[name] for name in MONTHS if re.search(rf"\b{name}", lower))
    day = int(re.findall(r"\b\d{1,2}\b", written)[0])
    year = re.search(r"\d{4}", written)
    if year is None and published is None:
        return f"--{month:02}-{day:02}"
    years = [int(year[0])] if year else [published.year + shift for shift in (-1, 0, 1)]  # type: ignore[union-attr]
    dates = []
    for one in years:
        try:
            dates.append(dt.date(one, month, day))
        except ValueError:
            continue  # 29 February, or a slip of the desk
    if not dates:
        return None
    if published is not None:
        today = published.date()
        # A report is filed before it is published, but for a day or two of time zones and clocks.
        return max([one for one in dates if (one - today).days <= 3] or dates).isoformat()
    return dates[0].isoformat()
