"""A parsed tree to pieces of text in reading order, each with the boxes it stands in."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from worker.cleaning import marks
from worker.cleaning.repair import repair
from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

# Elements whose content is never the story's text.
SKIPPED = frozenset(
    {
        *("script", "style", "noscript", "template", "svg", "button", "select", "option", "input"),
        *(
            "textarea",
            "iframe",
            "object",
            "embed",
            "video",
            "audio",
            "canvas",
            "map",
            "math",
            "head",
        ),
        *("title", "meta", "link", "noframes", "applet", "datalist", "progress", "meter", "dialog"),
    }
)
# Elements that stand inside a line of text; every other element begins a new piece.
INLINE = frozenset(
    {
        *(
            "a",
            "abbr",
            "acronym",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "data",
            "del",
            "dfn",
            "em",
        ),
        *(
            "font",
            "i",
            "ins",
            "kbd",
            "label",
            "mark",
            "q",
            "rp",
            "rt",
            "ruby",
            "s",
            "samp",
            "small",
        ),
        *("span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "nobr"),
    }
)
_STRONG = frozenset({"b", "strong"})
_EMPHASIS = frozenset({"i", "em", "cite"})
_KINDS = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    "blockquote": "quote",
    "q": "quote",
    "li": "list",
    "dd": "list",
    "dt": "list",
    "tr": "table",
    "figcaption": "caption",
    "pre": "code",
}
STRONG, EMPHASIS = 1, 2


@dataclass(slots=True, eq=False)
class Box:
    """A block element: what it says of itself, and how much text stands in it."""

    tag: str
    marks: int
    parent: "Box | None"
    element: etree._Element
    depth: int
    chars: int = 0
    linked: int = 0
    pieces: int = 0
    prose: int = 0
    """Characters in pieces that read as sentences."""

    def line(self) -> Iterator["Box"]:
        """Yield this box and those around it, from the inside out."""
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
    words: int = 0
    reason: str | None = None
    """Why it was taken out; none: it stays."""

    @property
    def links(self) -> list[Run]:
        """The runs that are links."""
        return [run for run in self.runs if run.href]


@dataclass(slots=True)
class Picture:
    """An `img` element with the box that it stands in."""

    element: etree._Element
    box: Box


@dataclass(slots=True)
class Walk:
    """The result: the pieces, the boxes and the pictures of a document."""

    root: Box
    pieces: list[Piece] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


class _Walker:
    """The state of one walk: where it stands, and the piece that is being collected."""

    def __init__(self, root: etree._Element) -> None:
        box = Box("html", 0, None, root, 0)
        self.walk = Walk(box, boxes=[box])
        self.box = box
        self.runs: list[Run] = []
        self.href: str | None = None
        self.style = 0
        self.inline: list[tuple[str | None, int]] = []
        self.breaks = 0

    def add(self, text: str | None) -> None:
        if text:
            if self.breaks and not text.isspace():
                self.breaks = 0
            self.runs.append(Run(text, self.href, self.style))

    def line_break(self) -> None:
        """One `<br>` ends a line, two in a row end a paragraph."""
        self.breaks += 1
        if self.breaks > 1:
            self.flush()
        elif self.runs:
            self.runs.append(Run("\n", None, 0))

    def flush(self) -> None:
        runs, self.runs = self.runs, []
        self.breaks = 0
        if not runs:
            return
        box = self.box
        kind, level, group = _kind(box)
        keep_lines = kind == "code"
        cleaned: list[Run] = []
        space = True
        for run in runs:
            text = run.text
            if not (text.isascii() and "&" not in text and text.isprintable()):
                text = repair(text)
            if not keep_lines:
                text = _squeeze(text, after_space=space)
            if not text:
                continue
            space = text[-1] in " \n"
            cleaned.append(Run(text, run.href, run.style))
        text = "".join([run.text for run in cleaned]).strip()
        if not text:
            return
        cleaned[0].text = cleaned[0].text.lstrip()
        cleaned[-1].text = cleaned[-1].text.rstrip()
        linked = strong = 0
        for run in cleaned:
            if run.href is not None:
                linked += len(run.text)
            if run.style & STRONG:
                strong += len(run.text)
        piece = Piece(kind, text, cleaned, box, level, group, linked, strong, text.count(" ") + 1)
        self.walk.pieces.append(piece)
        box.chars += len(text)
        box.linked += linked
        box.pieces += 1
        if piece.words > 10 and linked * 2 < len(text):
            box.prose += len(text)


def walk(root: etree._Element, *, max_nodes: int, deadline: float) -> Walk:
    """Return the pieces of `root` in reading order.

    Raises `RejectedError`: TOO_LARGE past `max_nodes` elements, TIMEOUT past `deadline`, a reading of
    `time.monotonic`.
    """
    walker = _Walker(root)
    events = etree.iterwalk(root, events=("start", "end"))
    count = 0
    for event, element in events:
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if event == "start":
            count += 1
            if not count & 1023:
                _within(count, max_nodes, deadline)
            if tag in SKIPPED:
                events.skip_subtree()
            elif tag == "br":
                walker.line_break()
            elif tag == "img":
                walker.walk.pictures.append(Picture(element, walker.box))
            elif tag in INLINE:
                _open_inline(walker, tag, element)
            else:
                walker.flush()
                parent = walker.box
                bits = (
                    marks.of_element(tag, element.attrib)
                    if element.attrib or tag in marks.TAG_BITS
                    else 0
                )
                box = Box(tag, bits, parent, element, parent.depth + 1)
                walker.walk.boxes.append(box)
                walker.box = box
                walker.add(element.text)
        else:
            if tag in SKIPPED or tag in ("br", "img"):
                pass
            elif tag in INLINE:
                walker.href, walker.style = walker.inline.pop()
            else:
                walker.flush()
                box = walker.box
                parent = box.parent or walker.walk.root
                parent.chars += box.chars
                parent.linked += box.linked
                parent.pieces += box.pieces
                parent.prose += box.prose
                walker.box = parent
            walker.add(element.tail)
    walker.flush()
    return walker.walk


def _open_inline(walker: _Walker, tag: str, element: etree._Element) -> None:
    walker.inline.append((walker.href, walker.style))
    if tag == "a":
        walker.href = element.get("href") or walker.href
    elif tag in _STRONG:
        walker.style |= STRONG
    elif tag in _EMPHASIS:
        walker.style |= EMPHASIS
    walker.add(element.text)


def _kind(box: Box) -> tuple[str, int | None, Box | None]:
    """Return the kind of a piece that stands in `box`, its heading level and its list or table."""
    kind, level = "paragraph", None
    around: Box | None = box
    steps = 0
    while around is not None and steps < 12:
        tag = around.tag
        found = _KINDS.get(tag)
        if tag in ("ul", "ol", "dl", "table"):
            return (kind, level, around) if kind in ("list", "table") else (kind, level, None)
        if found and kind == "paragraph":
            kind = found
            if kind == "heading":
                return kind, int(tag[1]), None
            if kind not in ("list", "table"):
                return kind, None, None
        around, steps = around.parent, steps + 1
    return kind, level, None


def _squeeze(text: str, *, after_space: bool) -> str:
    """Collapse white space; line breaks that `<br>` made stay."""
    if text == "\n":
        return text
    squeezed = " ".join(text.split())
    if not squeezed:
        return "" if after_space else " "
    if text[0].isspace() and not after_space:
        squeezed = " " + squeezed
    return squeezed + " " if text[-1].isspace() else squeezed


def _within(count: int, max_nodes: int, deadline: float) -> None:
    if count > max_nodes:
        message = f"the body has more than {max_nodes:,} elements (setting max_nodes)"
        raise RejectedError(Reason.TOO_LARGE, message, Stage.CLEAN)
    if time.monotonic() > deadline:
        raise RejectedError(
            Reason.TIMEOUT, "cleaning took too long (setting clean_seconds)", Stage.CLEAN
        )
