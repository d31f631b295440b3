"""The phrases of `phrases.toml` as one linear pattern a reason."""

import re
import tomllib
from functools import cache
from importlib import resources

_ANY_APOSTROPHE = "['’‘ʼ]"


@cache
def table() -> dict[str, re.Pattern[str]]:
    """Return reason → pattern that matches one of its phrases at the start of a casefolded text."""
    source = resources.files("worker.cleaning").joinpath("phrases.toml").read_text(encoding="utf-8")
    data = tomllib.loads(source)
    unspaced = frozenset(data.pop("unspaced"))
    return {reason: _pattern(languages, unspaced) for reason, languages in data.items()}


def _pattern(languages: dict[str, list[str]], unspaced: frozenset[str]) -> re.Pattern[str]:
    spaced = {
        phrase for code, phrases in languages.items() if code not in unspaced for phrase in phrases
    }
    joined = {
        phrase for code, phrases in languages.items() if code in unspaced for phrase in phrases
    }
    alternatives = [
        "|".join(
            re.escape(phrase).replace("'", _ANY_APOSTROPHE)
            for phrase in sorted(phrases, key=len, reverse=True)
        )
        for phrases in (spaced, joined)
    ]
    # "read more:" matches, "readiness" does not; Japanese has no gap after the phrase
    return re.compile(rf"(?:(?:{alternatives[0]})(?!\w)|(?:{alternatives[1] or '(?!)'}))")


def opening(text: str) -> tuple[str, int] | None:
    """Return the reason whose phrase `text` opens with, and where the longest such phrase ends.

    >>> opening("also read: the storm")
    ('promotion', 9)
    >>> opening("readiness of the fleet")
    """
    best: tuple[str, int] | None = None
    for reason, pattern in table().items():
        match = pattern.match(text)
        if match and (best is None or match.end() > best[1]):
            best = reason, match.end()
    return best
