"""Kinds of block that the tag does not show: embedded posts, live-blog entries, datelines."""

import re
from itertools import islice

from worker.cleaning import marks
from worker.cleaning.pieces import Box, Piece

NEAR = 4
"""How many boxes up a class name can still determine the kind of a piece."""
# "AARHUS, May 3 (KNB) —", "NEW DELHI (PTI) -", "KYIV —": a place in capitals and a sign that ends it.
_DATELINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ .'’/-]{2,40}(?:, \w{3,9}\.? \d{1,2})?\s*"
    r"(?:\([\w .:/-]{2,30}\)\s*[-–—:]{0,2}|[-–—]{1,2})"
)


def name(pieces: list[Piece]) -> None:
    """Set the kinds `embed`, `entry` and `dateline`."""
    opened: set[Box] = set()
    wanted = marks.EMBED | marks.ENTRY
    for piece in pieces:
        if piece.kind == "paragraph" and piece.words <= 8 and _DATELINE.fullmatch(piece.text):
            piece.kind = "dateline"
        if not piece.box.marks_around & wanted:
            continue
        for box in islice(piece.box.line(), NEAR):
            if box.marks & marks.EMBED and piece.kind in ("quote", "paragraph"):
                piece.kind = "embed"
            if box.marks & marks.ENTRY:
                if box not in opened:
                    piece.kind, piece.level = "entry", None
                opened.update(box.line())
                break
