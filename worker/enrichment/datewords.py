"""What dates are made of, language by language: months and weekdays from CLDR, the rest here."""

import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale

_CODES = """
bg ca cs da de el en es et fi fr hr hu id is it lt lv nb nl nn no pl pt ro ru sk sl sr sv tr uk
"""
CALENDAR = frozenset(_CODES.split())
"""Languages that write `21 [of] February [of] 2022` or `February 21, 2022`."""

NUMBERED = frozenset({"zh", "ja", "ko"})
"""Languages that number their months: `2022年2月21日`."""

DAYS_AWAY = {
    "de": {"heute": 0, "gestern": -1, "vorgestern": -2, "morgen": 1, "übermorgen": 2},
    "en": {"today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
           "yesterday": -1, "last night": -1, "tomorrow": 1},
    "es": {"hoy": 0, "ayer": -1, "anteayer": -2, "anoche": -1},
    "fr": {"aujourd'hui": 0, "aujourd’hui": 0, "hier": -1, "avant-hier": -2, "demain": 1},
    "it": {"oggi": 0, "ieri": -1, "domani": 1},
    "nl": {"vandaag": 0, "gisteren": -1, "eergisteren": -2, "morgen": 1},
    "pt": {"hoje": 0, "ontem": -1, "anteontem": -2, "amanhã": 1},
    "sv": {"idag": 0, "igår": -1, "imorgon": 1},
}  # fmt: skip
"""Words for days counted from today, without those that may mean something else (`mañana`)."""

PARTS = {
    "de": ("früh", "morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht"),
    "nl": ("ochtend", "morgen", "middag", "avond", "nacht"),
}
"""Parts of the day that are written in one with the day of the week: `Mittwochabend`."""

CAPITALS = frozenset({"en", "de"})
"""Languages that write months and weekdays with a capital; `may` and `march` are verbs."""


# What is to come, in front of a day: `wird am`, `va s'ouvrir`; right before it: `ab`, `el próximo`
_AHEAD = {
    "de": ("wird|werden|soll|sollen|dürfte|dürften|will|wollen|könnte|könnten|startet|beginnt|findet",
           "ab|bis|bis zum|nächsten|nächster|kommenden|kommender"),
    "es": (r"será|serán|va a|van a|prevé|prevén|previsto|prevista|\w{2,}(?:ará|erá|irá|arán|erán|irán)",
           "próximo|próxima|hasta el|a partir del"),
    "fr": (r"sera|seront|va|vont|doit|doivent|devrait|prévu|prévue|\w{2,}(?:era|eront|ira|iront|dra|dront)",
           "jusqu’à|jusqu'à|d’ici|d'ici|dès|à partir de"),
    "it": (r"sarà|saranno|dovrà|dovrebbe|previsto|prevista|\w{2,}(?:erà|irà|eranno|iranno)",
           "prossimo|prossima|entro|fino a"),
    "nl": ("zal|zullen|wordt|worden|gaat|gaan|moet|moeten|begint",
           "vanaf|tot|tot en met|komende|volgende|aanstaande"),
    "pt": (r"será|serão|vai|vão|deve|devem|previsto|prevista|\w{2,}(?:ará|erá|irá|arão|erão|irão)",
           "próximo|próxima|até|a partir de"),
}  # fmt: skip
AHEAD = {
    code: re.compile(rf"\b(?:(?:{words})\b[^.;:!?\n]{{0,70}}|(?:{beside}) )$", re.IGNORECASE)
    for code, (words, beside) in _AHEAD.items()
}
"""Whether a sentence looks ahead to the day that it names next, by language; English is told in `dates`."""


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of one language, in lower case, and the patterns that find them.

    The patterns begin with literals and look for nothing but the words: what stands around a match
    is looked at afterwards. That is ten times as quick as one pattern for the whole date.
    """

    months: dict[str, int]
    weekdays: dict[str, int]
    away: dict[str, int]
    month: re.Pattern[str]
    weekday: re.Pattern[str]
    capitals: bool
    """The words carry a capital, and the patterns ask for it; else they run over lower case."""


@lru_cache(maxsize=len(CALENDAR))
def date_words(code: str) -> DateWords:
    """Return the words and patterns of a language in `CALENDAR`."""
    locale = Locale.parse("nb" if code == "no" else code)
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                if not name[0].isdigit():
                    months[name.rstrip(".").lower()] = number
        weekdays |= {name.lower(): number for number, name in locale.days[context]["wide"].items()}
    if code == "en":
        months["sept"] = 9
    weekdays |= {
        name + part: number for name, number in weekdays.items() for part in PARTS.get(code, ())
    }
    capitals = code in CAPITALS
    return DateWords(
        months,
        weekdays,
        DAYS_AWAY.get(code, {}),
        _either(months, capitals=capitals),
        _either(weekdays, capitals=capitals),
        capitals,
    )


def _either(names: dict[str, int], *, capitals: bool) -> re.Pattern[str]:
    # e.g. (?:February|January|…|Feb)(?!\w)
    longest = sorted(names, key=len, reverse=True)
    words = [re.escape(name.capitalize() if capitals else name) for name in longest]
    return re.compile("(?:" + "|".join(words) + r")(?!\w)")
