"""Authors and times in the page itself, next to the story."""

import datetime as dt
import re
from collections.abc import Sequence
from itertools import islice

from lxml import etree

from worker.cleaning import marks
from worker.cleaning.authors import after_by, people
from worker.cleaning.dates import moment, written
from worker.cleaning.pieces import AUTHOR, Picture, Piece

BEFORE, AFTER, MOST, DATED = 30, 8, 8, 12
"""Pieces before the story's first and after its last that may hold its byline."""
ABOVE = 4
"""Pieces above the main heading that belong to it."""
SIGNED = 3
"""Pieces before the story's first, and from it on, that may be no more than its author's name."""
# In the class, the text or the address of a picture.
_PORTRAIT = re.compile(
    r"avatar|auth?or|headshot|byline|contributor|rounded-full|(?:rounded|img)-circle", re.IGNORECASE
)
LOOKED_AT, AROUND = 400, 20
"""Pictures, pieces and declared times of a page that are looked at; elements around a time."""
_TO_THE_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)|;right$", re.IGNORECASE)
# Links to an author's page: /author/ida-brandt, /autoren/…, /people/…, /by/ida-brandt.
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|a)?|auteurs?|people|persons?|profiles?|contributors?|journalists?|"
    r"writers?|staff|team|redakteur\w*|by|columnists?|reporters?|experts?)/[^/]+",
    re.IGNORECASE,
)
# "By Ida Brandt", "Von Ida Brandt", "Text: Ida Brandt", "Written by Ida Brandt | 3 May".
_OPENS = re.compile(
    r"By(?=[A-Z][a-z])|(?:(?:This \w{4,7} was written|Written|Posted|Words|Story) by|"
    r"By|BY|by|Von|VON|Par|PAR|Por|POR|Di|Door|Av|Af|Przez|"
    r"Autor(?:in)?(?:/Autor(?:in)?)?|Authors?|Auteur|Text|Texto|Tekst|Contributors)\b\s*:?\s+(?=\S)"
)
# A label by itself, the name comes next: "Written by", "Autor:".
_LABEL = re.compile(
    r"(?:(?:Article )?(?:Written|Posted|Words|Story) by|By|Von|Par|Por|Autor(?:in)?|Authors?|Auteur)"
    r"\s*:?$",
    re.IGNORECASE,
)
# Between the parts of a byline: "3 May 2024 | 14:07 | By Ida Brandt".
_BAR = re.compile(r"\s*[|•·]\s*")
# What a date beside it is: "Published:", "First published on", "Veröffentlicht am".
_FIRST_OUT = re.compile(
    r"\b(?:publish|posted|publié|publicado|pubblicato|veröffentlicht|erstellt)", re.IGNORECASE
)
# "Updated 3 May 2024", "Last reviewed", "Stand:", "Mis à jour", "Actualizado".
_CHANGED = re.compile(
    r"\b(?:updated?|modified|reviewed|edited|stand\b|aktualisiert|geändert|mis à jour|"
    r"actualizado|atualizado|aggiornato)",
    re.IGNORECASE,
)


def authors_near(
    pieces: Sequence[Piece], first: int, last: int, outlet: str, pictures: Sequence[Picture] = ()
) -> list[str]:
    """Return the people named as authors around the story that runs from `first` to `last`.

    Where no line says so, one counts that is just a name: beside a portrait of that name, or as a
    newspaper signs a story, in bold before it or to the right below.
    """
    window = _near(pieces, first, min(last + AFTER, len(pieces)))
    names = (
        _labelled(pieces, window, outlet)
        or _told(pieces, window, outlet)
        or _portrayed(pieces, window, outlet, pictures)
        or _signed(pieces, first, last)
    )
    return names[:MOST]


def authors_in(pieces: Sequence[Piece]) -> list[str]:
    """Return the people whom the bylines name that were taken out of a fragment.

    One that does not say "by" counts before and after the text alone: within it, it is mostly a credit.
    """
    kept = [index for index, piece in enumerate(pieces) if piece.reason is None]
    cut = [(index, piece) for index, piece in enumerate(pieces) if piece.reason == "byline"]
    for index, piece in cut:
        label = index and _LABEL.match(pieces[index - 1].text)
        if names := _worded(piece, "") or (people([piece.text]) if label else []):
            return names[:MOST]
    for index, piece in cut:
        within = kept and kept[0] < index < kept[-1]
        if not within and "/" not in piece.text and (names := _boxed(piece, "")):
            return names[:MOST]
    return []


def _labelled(pieces: Sequence[Piece], window: Sequence[int], outlet: str) -> list[str]:
    for index in window:
        following = pieces[index + 1 : index + 2]
        if following and following[0].words <= 20 and _LABEL.match(pieces[index].text):
            names = people([following[0].text], outlet)
            if names:
                return names
    return []


def _told(pieces: Sequence[Piece], window: Sequence[int], outlet: str) -> list[str]:
    for reader in (_linked, _boxed, _worded):
        for index in window:
            names = reader(pieces[index], outlet)
            if names:
                beside = (
                    piece
                    for piece in pieces[index + 1 : index + 3]
                    if _beside(pieces[index], piece)
                )
                near = [name for piece in beside for name in reader(piece, outlet)]
                return list(dict.fromkeys([*names, *near]))
    return []


def _portrayed(
    pieces: Sequence[Piece], window: Sequence[int], outlet: str, pictures: Sequence[Picture]
) -> list[str]:
    """Return the name in a line that an author's portrait is of, or stands beside."""
    portraits = [one for one in pictures[:LOOKED_AT] if _is_portrait(one)]
    for index in window[:LOOKED_AT] if portraits else ():
        piece = pieces[index]
        names = people([piece.text], outlet) if piece.words <= 12 else []
        for portrait in portraits if names else ():
            title = portrait.element.get("alt", "").casefold()
            if names[0].casefold() in title or portrait.box in (piece.box, piece.box.parent):
                return names[:1]
    return []


def _is_portrait(picture: Picture) -> bool:
    """Whether a picture says of itself that it shows an author."""
    attributes = picture.element.attrib
    return any(_PORTRAIT.search(attributes.get(name, "")[:300]) for name in ("class", "alt", "src"))


def _signed(pieces: Sequence[Piece], first: int, last: int) -> list[str]:
    """Return the names of a line that holds nothing else: in bold at the start, to the right at the end."""
    for piece in pieces[max(0, first - SIGNED) : min(first + SIGNED, last)]:
        if piece.strong == len(piece.text) and (names := _only_names(piece)):
            return names
    for piece in pieces[last : last + 1]:
        look = piece.box.element.attrib
        if _TO_THE_RIGHT.search(f"{look.get('style', '')};{look.get('align', '')}"):
            return _only_names(piece)
    return []


def _only_names(piece: Piece) -> list[str]:
    names = people([piece.text]) if piece.kind == "paragraph" and piece.words <= 8 else []
    return names if len(piece.text) - sum(map(len, names)) <= 5 * len(names) else []


def _heading(pieces: Sequence[Piece], first: int) -> int:
    """Return the index of the main heading before the story; that of its first piece if there is none."""
    for index in range(min(first, len(pieces) - 1), max(0, first - BEFORE) - 1, -1):
        if pieces[index].kind == "heading" and pieces[index].level == 1:
            return index
    return first


def _near(pieces: Sequence[Piece], first: int, end: int) -> list[int]:
    """Return the places up to `end` that may hold a byline: from the heading on, then those above it."""
    begin = max(0, first - BEFORE)
    near = max(begin, _heading(pieces, first) - ABOVE)
    return [*range(near, end), *range(begin, near)]


def _beside(one: Piece, other: Piece) -> bool:
    """Whether two pieces are entries of one row: the same depth under the same grandparent."""
    a, b = one.box, other.box
    if a.depth != b.depth or a.parent is None or b.parent is None:
        return False
    return a.parent is b.parent or a.parent.parent is b.parent.parent


def _linked(piece: Piece, _outlet: str) -> list[str]:
    if piece.words > 25:
        return []
    names: list[str] = []
    for run in piece.runs:
        found = (
            people([run.text], declared=bool(run.style & AUTHOR)) if run.href or run.style else []
        )
        if found and (run.style & AUTHOR or _is_page_of(found[0], run.href or "")):
            names += found
    return names


def _is_page_of(name: str, href: str) -> bool:
    """Whether a link leads to an author's page whose address spells the name."""
    match = _AUTHOR_PAGE.search(href)
    return match is not None and any(
        len(word) > 2 and word in href[match.start() :].lower() for word in name.lower().split()
    )


def _boxed(piece: Piece, outlet: str) -> list[str]:
    if piece.words > 14 or not any(box.marks & marks.BYLINE for box in islice(piece.box.line(), 3)):
        return []
    return people([after_by(piece.text)], outlet)


def _worded(piece: Piece, _outlet: str) -> list[str]:
    if piece.words > 20:
        return []
    for part in (piece.text, *_BAR.split(piece.text)[1:]):
        if match := _OPENS.match(part):
            return people([part[match.end() :]])
    return []


def published_near(
    root: etree._Element, pieces: Sequence[Piece], first: int, last: int
) -> dt.datetime | None:
    """Return the time that the page shows beside its headline.

    A `datePublished` property counts most, then a line that says "published", then a date in a short
    line beside the main heading, then the first `time` element after it, then any other short line.
    """
    declared = root.iterfind(".//*[@itemprop='datePublished']")
    for element in islice(declared, LOOKED_AT):
        found = moment(element.get("datetime") or element.get("content") or element.text)
        if found and not _in_comment(element):
            return found
    rank, date = _dated(pieces, first, last)
    if date and rank == _SAID:
        return date
    time = _timed(root)
    if date and rank == _BESIDE and not (time and _same_day(time, date)):
        return date
    return time or date


def _same_day(time: dt.datetime, date: dt.datetime) -> bool:
    """Whether a date in numbers may be that of a time: nobody knows whether 3/5 is in March or in May."""
    swapped = (time.year, time.day, time.month) == (date.year, date.month, date.day)
    return time.date() == date.date() or swapped


def _in_comment(element: etree._Element) -> bool:
    return any(
        marks.of_element(around.tag, around.attrib) & marks.COMMENT
        for around in islice(element.iterancestors(), AROUND)
        if isinstance(around.tag, str)
    )


def _timed(root: etree._Element) -> dt.datetime | None:
    """Return the time of the first `time` element after the main heading, which may tell the hour."""
    headed = False
    for element in root.iter("h1", "time"):
        headed = headed or element.tag == "h1"
        if headed and element.tag == "time":
            found = moment(element.get("datetime")) or written(element.text or "")
            if found and not _in_comment(element):
                return found
    return None


_SAID, _BESIDE, _AROUND, _OF_CHANGE = range(4)
"""How well a date in a line is meant: the line says that it is the day of publication; it says nothing and
stands at the main heading, or farther off; it is the day of a change."""


def _dated(pieces: Sequence[Piece], first: int, last: int) -> tuple[int, dt.datetime | None]:
    """Return the date of a short line near the story, and how well it is meant."""
    found: list[tuple[int, dt.datetime]] = []
    headed = _heading(pieces, first)
    beside = [
        *range(headed, min(first + 3, len(pieces))),
        *range(headed - 1, headed - 1 - ABOVE, -1),
    ]
    above = range(headed - 1 - ABOVE, first - 1 - BEFORE, -1)
    below = range(last + 1, min(last + 1 + AFTER, len(pieces)))
    for index in (*beside, *above, *below):
        if index < 0 or pieces[index].words > 14 or not (date := written(pieces[index].text)):
            continue
        label = pieces[index].text
        if pieces[index].words <= 4 and index and pieces[index - 1].words <= 3:
            label = f"{pieces[index - 1].text} {label}"
        if _FIRST_OUT.search(label):
            found.append((_SAID, date))
        elif index in beside or first - DATED <= index < first:
            rank = _BESIDE if index in beside else _AROUND
            found.append((_OF_CHANGE if _CHANGED.search(label) else rank, date))
    return min(found, key=lambda one: one[0], default=(_OF_CHANGE, None))
