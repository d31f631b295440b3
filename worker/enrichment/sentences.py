"""A fast sentence splitter for news text in any language that ends sentences with a mark."""

import re
from collections.abc import Iterator

from worker.enrichment.remembered import OfTexts

# A mark, closing quotes and white space: `he said." She`; or a mark of a script that needs no white space:
# `。`; or a line break. The look-behind keeps `.....` linear. The set at the start holds every possible
# first character, so that the engine can skip to the next one: seven times as fast.
_END = re.compile(
    r"[.!?…。！？।\n](?:(?<=[.!?…])(?<![.!?…]{2})[.!?…]*+[\"'”’»)\]]*+[^\S\n]++"
    r"|(?<=[。！？।])(?<![。！？।]{2})[。！？।]*+[”」』’]*+|(?<=\n)\s*+)"
)

# The last word before a full stop: `Mr` of `said Mr.`, `U.S` of `the U.S.`
_LAST_WORD = re.compile(r"(?:[^\W\d_]\.)*[^\W_]+$")

_WORD = re.compile(r"[\w’']+")

_OPENING = "\"'“‘«„([¿¡—–-"

_TITLES = """
mr mrs ms dr prof gen col lt maj capt sgt cpl sen rep gov pres rev hon messrs fr st mt ft vs no nos
art fig vol pp op cf e.g i.e al adm cmdr supt det insp dep asst amb atty pvt m mm mme mlle dott sig
hr nr bzw z.b bspw sra srta
"""
NEVER_LAST = frozenset(_TITLES.split())
"""Abbreviations that never end a sentence: titles and the like."""

_OTHERS = """
u.s u.k u.n e.u u.s.a u.a.e d.c l.a n.y a.m p.m inc corp ltd co cos bros plc llc jr sr etc jan feb
mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ph.d m.d b.a
m.a ave blvd rd approx est dept univ assn calif fla mass mich minn pa tex va wash wis ill ind conn
colo ariz ga ala ark del kan ky la md mo mont neb nev okla ore tenn ca ct usw inkl
"""
SOMETIMES_LAST = frozenset(_OTHERS.split())
"""Abbreviations that end a sentence only if one of `FIRST_WORDS` follows."""

_OPENERS = """
a after all although an and as at but by despite during each earlier every for from he her his
however i if in instead is it its last later many meanwhile more most mr no not nothing now of on
once one only other our police prime she since so some still such that the their then there these
they this those though two under until we what when where whether which while who why with yet you
"""
FIRST_WORDS = frozenset(_OPENERS.split())
"""Words that usually begin a sentence if they are capitalised after an abbreviation."""

# "am 3. März": a German ordinal
_ORDINAL = re.compile(r"\b(?:am|dem|den|der|vom|zum|bis|seit) \d{1,2}$", re.IGNORECASE)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the sentences in order, without white space at either end.

    A line break ends a sentence, unless the next line continues in lower case (hard-wrapped text).

    >>> text = 'Mr. Orr left at 5 p.m. on Friday. "It was time," he said.'
    >>> [text[start:end] for start, end in sentences(text)]
    ['Mr. Orr left at 5 p.m. on Friday.', '"It was time," he said.']
    """
    return _found[text]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    length = len(text)
    start = length - len(text.lstrip())
    for match in _END.finditer(text, start):
        mark, after = match.span()
        if after >= length:
            break
        found = match[0]
        if "\n" in found:
            if text[after].islower() and found.count("\n") == 1:
                continue
            end = (
                mark
                if mark == start or not text[mark - 1].isspace()
                else start + len(text[start:mark].rstrip())
            )
        else:
            if text[mark] in ".!?…" and not _ends(text, start, mark, after):
                continue
            end = mark + len(found.rstrip())
        if end > start:
            yield start, end
        start = after
    end = len(text.rstrip())
    if end > start:
        yield start, end


def _ends(text: str, start: int, mark: int, after: int) -> bool:
    """Tell whether the mark ends a sentence; `after` is where the next word begins."""
    opening = after
    while opening < len(text) and text[opening] in _OPENING:
        opening += 1
    if opening < len(text) and text[opening].islower():
        return False  # "Yes!" he said; 5 p.m. on Friday
    if text[mark] != ".":
        return True
    found = _last_word(text, max(start, mark - 20), mark)
    if not found:
        return True
    word = found.lower()
    if word in NEVER_LAST:
        return text[after - 2] in "\"'”’»)]"
    initial = len(word) == 1 and found.isupper()
    if initial or word in SOMETIMES_LAST or "." in word:
        following = _WORD.match(text, opening)
        return following is not None and following[0].lower() in FIRST_WORDS
    return not (word.isdigit() and _ORDINAL.search(text, max(start, mark - 10), mark))


def _last_word(text: str, start: int, mark: int) -> str:
    """Return the word that ends at the mark; empty if there is none."""
    word = text[start:mark].rpartition(" ")[2]
    if word.isalpha():  # nearly always; the pattern would try every character before
        return word
    found = _LAST_WORD.search(text, start, mark)
    return found[0] if found else ""


_found = OfTexts(lambda text: tuple(_spans(text)))
