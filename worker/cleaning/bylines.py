"""Authors and times that stand in the page itself, beside the story."""

import datetime as dt
import re
from collections.abc import Sequence

from lxml import etree

from worker.cleaning import marks
from worker.cleaning.authors import after_by, people
from worker.cleaning.dates import moment, written
from worker.cleaning.pieces import AUTHOR, Piece

BEFORE, AFTER, MOST, DATED = 30, 8, 8, 12
"""Pieces before the story's first and after its last that may hold its byline."""
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


def authors_near(pieces: Sequence[Piece], first: int, last: int, outlet: str) -> list[str]:
    """Return the people named as authors around the story that runs from `first` to `last`."""
    window = range(max(0, first - BEFORE), min(last + AFTER, len(pieces)))
    for index in window[:-1]:
        if _LABEL.match(pieces[index].text) and pieces[index + 1].words <= 20:
            names = people([pieces[index + 1].text], outlet)
            if names:
                return names[:MOST]
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
                return list(dict.fromkeys([*names, *near]))[:MOST]
    return []


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
    near = (box for _, box in zip(range(3), piece.box.line(), strict=False))
    if piece.words > 14 or not any(box.marks & marks.BYLINE for box in near):
        return []
    return people([after_by(piece.text)], outlet)


def _worded(piece: Piece, _outlet: str) -> list[str]:
    if piece.words > 20:
        return []
    for part in (piece.text, *_BAR.split(piece.text)[1:]):
        if match := _OPENS.match(part):
            return people([part[match.end() :]])
    return []


def published_near(root: etree._Element, pieces: Sequence[Piece], first: int) -> dt.datetime | None:
    """Return the time that the page shows beside its headline.

    A `datePublished` property counts most, then a line that says "published", then the first
    `time` element after the main heading, then a date in a short line before the story or at its start.
    """
    headed = False
    for element in root.iter("h1", "time", "meta", "span", "div", "p"):
        if element.get("itemprop") == "datePublished":
            found = moment(element.get("datetime") or element.get("content") or element.text)
            if found:
                return found
    dated = _dated(pieces, first)
    if dated and dated[0] == 0:
        return dated[1]
    for element in root.iter("h1", "time"):
        headed = headed or element.tag == "h1"
        if headed and element.tag == "time":
            found = moment(element.get("datetime")) or written(element.text or "")
            if found:
                return found
    return dated[1] if dated else None


def _dated(pieces: Sequence[Piece], first: int) -> tuple[int, dt.datetime] | None:
    """Return the date of a short line near the story, and how well it is meant.

    0: it says that it is the day of publication; 1: it says nothing; 2: it is that of a change.
    """
    found: list[tuple[int, dt.datetime]] = []
    order = [
        *range(max(0, first - BEFORE), first)[::-1],
        *range(first, min(first + 3, len(pieces))),
    ]
    for index in order:
        piece = pieces[index]
        if piece.words > 14 or not (date := written(piece.text)):
            continue
        label = piece.text
        if piece.words <= 4 and index and pieces[index - 1].words <= 3:
            label = f"{pieces[index - 1].text} {label}"
        rank = 0 if _FIRST_OUT.search(label) else 2 if _CHANGED.search(label) else 1
        if rank == 0 or index >= first - DATED:
            found.append((rank, date))
    return min(found, key=lambda one: one[0], default=None)
