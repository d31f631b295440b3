"""Counts syllables by rules; English has its own, for silent letters."""

import re
from collections.abc import Sequence

VOWELS = {
    "de": "aeiouyäöü", "es": "aeiouáéíóúü", "fr": "aeiouyàâéèêëîïôûùüœæ", "it": "aeiouàèéìíòóùú",
    "nl": "aeiouyáéíóúäëïöü", "pt": "aeiouáâãàéêíóôõúü", "ru": "аеёиоуыэюя",
}  # fmt: skip

# Adjacent vowels that are spoken separately: `caótico` (in Romance languages two strong vowels, or an
# accented weak one), `reëel` (a diaeresis).
APART = {
    "es": re.compile(r"[aeoáéó][aeoáéó]|[íú][aeoáéó]|[aeoáéó][íú]"),
    "it": re.compile(r"[aeo][aeo]|[ìíùú][aeo]"),
    "nl": re.compile(r"[aeiou][ëïöü]"),
    "pt": re.compile(r"[aeoáéó][aeoáéó]|[íú][aeoáéó]|[aeoáéó][íú]"),
}

# A silent e within: `statement`, `lovely`, `useful`, `someone`, `homeless`.
_ENDINGS = "ly ment ments ful fully less ness thing one body time times day where how what"
_BEHIND_SILENT = tuple(_ENDINGS.split())
_SILENT_WITHIN = re.compile(rf"(?<=[^aeiouy])e(?=(?:{'|'.join(_BEHIND_SILENT)})$)")
# `make`, `issues`, `moved`, `makes` lose their last e; `table`, `added`, `matches` keep it.
_SILENT_LAST = re.compile(
    r"(?:[^aeioul]|[aeiouy]l|ll)e$|(?:[^aeioutdl]|[aeiouy]l|ll)ed$"
    r"|(?:[^aeiouscxzghl]|[aeiouy]l|[gt]h|ll)es$"
)
# Vowels spoken separately: `Korea`, `created`, `society`, `various`, `being`, `video`, `annual`.
_APART = re.compile(
    r"(?:\b|[^aeioutcsgxnl]|[^l]l|[^aeiou]n)i[aou]|[td]ia(?=$|n$|ns$)|ie(?:t[^h]|nc)"
    r"|creat|(?:d|kor|ar)ea(?=$|s$)|re[ao](?=l|ct)|[aeo]ing|eo(?!u|p|rg)|[tdgn]ual|u[iy]ng|[iu]um"
    r"|iety|isms?\b|uou|uici"
)
_GROUP = re.compile(r"y?[aeiou]+y?|y+")
_VOWELS = bytes(code if chr(code) in "aeiou" else ord(" ") for code in range(256))
"""A table for `bytes.translate`: everything but vowels becomes a space."""


def syllables(word: str, code: str) -> int:
    """Return the number of syllables in a word, at least 1.

    >>> [syllables(word, "en") for word in ("moved", "table", "government", "media")]
    [1, 2, 3, 3]
    >>> syllables("caótico", "es")
    4
    """
    lower = word.lower()
    if code == "en":
        if lower.isalpha():
            return max(1, _english(lower))
        return max(1, sum(map(_english, re.split(r"[-’']s?", lower))))
    vowels = VOWELS[code]
    if code == "ru":
        return max(1, sum(map(vowels.count, lower)))
    groups = len(re.findall(f"[{vowels}]+", lower))
    if code == "fr" and groups > 1 and re.search(r"[^aeiouyéèêë](?:e|es|ent)$", lower):
        groups -= 1
    if code in APART:
        groups += len(APART[code].findall(lower))
    return max(1, groups)


def _english(part: str) -> int:
    if not part:
        return 0
    spoken = _SILENT_WITHIN.sub("", part) if part.endswith(_BEHIND_SILENT) else part
    groups = _groups(spoken)
    count = len(groups)
    # Only adjacent vowels can be spoken separately, and `ism`, which has two syllables.
    if max(map(len, groups), default=0) > 1 or "ism" in spoken:
        count += len(_APART.findall(spoken))
    if count > 1 and spoken.endswith(("e", "ed", "es")) and _SILENT_LAST.search(spoken):
        count -= 1
    return max(1, count)


def _groups(word: str) -> Sequence[str | bytes]:
    """Return the groups of vowels in a word; `y` may be a vowel or not, and needs the slower pattern."""
    if "y" in word:
        return _GROUP.findall(word)
    return word.encode("ascii", "replace").translate(_VOWELS).split()
