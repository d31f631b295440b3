"""What a document is read into: pieces of text, the boxes around them, and pictures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

STRONG, EMPHASIS, AUTHOR = 1, 2, 4
"""Bits of `Run.style`."""
# Han, kana, Thai, Lao, Khmer, Burmese: scripts without gaps between words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(slots=True, eq=False)
class Box:
    """A block element: what its attributes say, and how much text it contains."""

    tag: str
    marks: int
    parent: "Box | None"
    element: etree._Element
    depth: int
    marks_around: int = 0
    """The marks of this box and of those around it."""
    tells: bool = False
    """Whether its tag, or that of a box around it, may determine the kind of a piece."""
    chars: int = 0
    linked: int = 0
    pieces: int = 0
    pictures: int = 0
    prose: int = 0
    """Characters in pieces that read as sentences."""

    def line(self) -> Iterator["Box"]:
        """Yield this box and the boxes around it, from the inside out."""
        box: Box | None = self
        while box is not None:
            yield box
            box = box.parent


@dataclass(slots=True)
class Run:
    """A stretch of text of one style."""

    text: str
    href: str | None
    style: int


@dataclass(slots=True, eq=False)
class Piece:
    """A block of text: a paragraph, a heading, one item of a list, one row of a table."""

    kind: str
    text: str
    runs: list[Run]
    box: Box
    level: int | None = None
    group: Box | None = None
    """The list or table that the item or row belongs to."""
    linked: int = 0
    strong: int = 0
    emphasised: int = 0
    """Characters in bold or italics."""
    words: int = 0
    reason: str | None = None
    """Why it was removed; None: it stays."""


@dataclass(slots=True)
class Picture:
    """An `img` element and the box around it."""

    element: etree._Element
    box: Box


@dataclass(slots=True)
class Walk:
    """The result: the pieces and pictures of a document, and the box around all of them."""

    root: Box
    pieces: list[Piece] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def count_words(text: str) -> int:
    """Count words by the blanks between them; in scripts without blanks two characters count as a word.

    >>> count_words("The dam held."), count_words("市は橋を閉鎖した。")
    (3, 5)
    """
    words = text.count(" ") + 1
    if not text.isascii():
        unspaced = sum(map(len, _UNSPACED.findall(text)))
        words += unspaced // 2
    return words
