"""The phrases of `phrases.toml`, as one linear pattern per table."""

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources

_ANY_APOSTROPHE = "['’‘ʼ]"
FIRST = 5
"""Letters of a phrase that are enough to rule out most paragraphs."""
_REASONS = ("promotion", "prompt", "share", "tags", "advertisement", "credit", "comments")


def opening(text: str) -> tuple[str, int] | None:
    """Return the reason whose phrase a casefolded text opens with, and where the longest one ends.

    >>> opening("also read: the storm")
    ('promotion', 9)
    >>> opening("readiness of the fleet")
    """
    best: tuple[str, int] | None = None
    for table in _begins(text[:FIRST]):
        match = _openings()[table].match(text) if table in _REASONS else None
        if match and (best is None or match.end() > best[1]):
            best = table, match.end()
    return best


def opens(table: str, text: str) -> bool:
    """Whether a casefolded text opens with a phrase of one table: `always` or `stamp`.

    >>> opens("always", "we use cookies to make this page better")
    True
    """
    return table in _begins(text[:FIRST]) and _openings()[table].match(text) is not None


def invites(text: str) -> bool:
    """Whether a casefolded text asks its reader to sign up, subscribe, follow or download.

    >>> invites("want the harbour news in your inbox? sign up for our morning letter")
    True
    """
    return _invitation().search(text) is not None


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    source = resources.files("worker.cleaning").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


@cache
def _openings() -> dict[str, re.Pattern[str]]:
    tables = _tables()
    unspaced = frozenset(tables["unspaced"])
    return {name: _pattern(tables[name], unspaced) for name in (*_REASONS, "always", "stamp")}


@cache
def _beginnings() -> dict[str, frozenset[str]]:
    """Return the first letters of the phrases in each table."""
    return {
        name: frozenset(
            phrase.casefold()[:FIRST] for listed in _tables()[name].values() for phrase in listed
        )
        for name in _openings()
    }


@lru_cache(maxsize=8192)
def _begins(letters: str) -> tuple[str, ...]:
    """Return the tables that have a phrase with these first letters: for most texts none."""
    heads = {letters[:length] for length in range(1, FIRST + 1)}
    return tuple(name for name, known in _beginnings().items() if not heads.isdisjoint(known))


@cache
def _invitation() -> re.Pattern[str]:
    words = {phrase for phrases in _tables()["invitation"].values() for phrase in phrases}
    return re.compile("|".join(map(_escaped, sorted(words, key=len, reverse=True))))


def _pattern(languages: dict[str, list[str]], unspaced: frozenset[str]) -> re.Pattern[str]:
    spaced: set[str] = set()
    joined: set[str] = set()
    for code, phrases in languages.items():
        (joined if code in unspaced else spaced).update(map(str.casefold, phrases))
    # "read more:" matches, "readiness" does not; Japanese has no blank after the phrase
    parts = [f"(?:{_longest_first(spaced)})(?!\\w)"] if spaced else []
    parts += [f"(?:{_longest_first(joined)})"] if joined else []
    return re.compile("|".join(parts))


def _longest_first(phrases: set[str]) -> str:
    return "|".join(map(_escaped, sorted(phrases, key=len, reverse=True)))


def _escaped(phrase: str) -> str:
    return re.escape(phrase).replace("'", _ANY_APOSTROPHE)
