"""From a parsed tree to pieces of text in reading order, each with the boxes around it."""

import re
import time

from lxml import etree

from worker.cleaning import marks
from worker.cleaning.parse import too_deep
from worker.cleaning.pieces import (
    AUTHOR,
    EMPHASIS,
    STRONG,
    Box,
    Picture,
    Piece,
    Run,
    Walk,
    count_words,
)
from worker.cleaning.repair import repair
from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

# Elements whose content is never the story's text.
SKIPPED = frozenset({
    "script", "style", "noscript", "template", "svg", "button", "select", "option", "input",
    "textarea", "iframe", "object", "embed", "video", "audio", "canvas", "map", "math", "head",
    "title", "meta", "link", "noframes", "applet", "datalist", "progress", "meter", "dialog",
})  # fmt: skip
# Some are left open by mistake and swallow the page: with a paragraph inside they count as boxes.
_LEFT_OPEN = frozenset({"button", "object", "dialog", "video", "audio", "head", "applet", "canvas"})
# Elements within a line of text; every other element begins a new piece.
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "nobr",
})  # fmt: skip
_STYLES = {"b": STRONG, "strong": STRONG, "i": EMPHASIS, "em": EMPHASIS, "cite": EMPHASIS}
_KINDS = {
    **{f"h{level}": "heading" for level in range(1, 7)},
    "blockquote": "quote",
    "li": "list",
    "dd": "list",
    "dt": "list",
    "tr": "table",
    "figcaption": "caption",
    "pre": "code",
}
_SEPARATORS = frozenset({"", ".", "|", "-", "–", "—", "•", "·", "*"})
_GROUPS = frozenset({"ul", "ol", "dl", "table"})
_TELLING = _GROUPS | _KINDS.keys()
FAR = 12
"""How many boxes up an element can still determine the kind of a piece."""
SENTENCE = 10
"""Words that a piece needs to count as prose."""
_NOT_SHOWN = marks.HOVER | marks.HIDDEN
# White space that is only layout: "\n      ".
_GAP = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u3000]+")


def walk(root: etree._Element, *, max_nodes: int, max_depth: int = 1_000, deadline: float) -> Walk:
    """Return the pieces of `root` in reading order.

    Raises `RejectedError`: TOO_DEEP, TOO_LARGE past `max_nodes` elements, TIMEOUT past `deadline`, a reading
    of `time.monotonic`.
    """
    walker = _Walker(root)
    enter, leave = walker.enter, walker.leave
    events = etree.iterwalk(root, events=("start", "end"))
    count = depth = 0
    for event, element in events:
        if event == "start":
            count += 1
            depth += 1
            if depth > max_depth:
                raise too_deep(max_depth)
            if not count & 1023:
                _within(count, max_nodes, deadline)
            if not enter(element):
                events.skip_subtree()
        else:
            depth -= 1
            leave(element)
    walker.flush()
    return walker.walk


class _Walker:
    """The state of one walk: where it is, and the piece that is being collected."""

    def __init__(self, root: etree._Element) -> None:
        box = Box("html", 0, None, root, 0)
        self.walk = Walk(box)
        self.box = box
        self.runs: list[Run] = []
        self.href: str | None = None
        self.style = 0
        self.outer: list[tuple[str | None, int]] = []
        self.breaks = 0

    def enter(self, element: etree._Element) -> bool:
        """Handle the start of an element; return whether its content is wanted."""
        tag = element.tag
        if tag in INLINE:
            return self._enter_inline(tag, element)
        if tag in SKIPPED and not (tag in _LEFT_OPEN and element.find(".//p") is not None):
            return False
        if tag == "br":
            self._line_break()
        elif tag == "img":
            self.walk.pictures.append(Picture(element, self.box))
            self.box.pictures += 1
        else:
            if self.runs:
                self.flush()
            self.breaks = 0
            parent = self.box
            attributes = element.attrib
            bits = 0
            if attributes or tag in marks.TAG_BITS:
                bits = marks.of_element(tag, attributes)
            tells = parent.tells or tag in _TELLING
            around = bits | parent.marks_around
            self.box = Box(tag, bits, parent, element, parent.depth + 1, around, tells)
            text = element.text
            if text:
                self.runs.append(Run(text, self.href, self.style))
        return True

    def leave(self, element: etree._Element) -> None:
        """Handle the end of an element and the text after it."""
        tag = element.tag
        if tag in INLINE:
            self.href, self.style = self.outer.pop()
        elif self.box.element is element:
            if self.runs:
                self.flush()
            self.breaks = 0
            box = self.box
            parent = box.parent or self.walk.root
            if box.pieces:
                parent.chars += box.chars
                parent.linked += box.linked
                parent.pieces += box.pieces
                parent.prose += box.prose
            parent.pictures += box.pictures
            self.box = parent
        tail = element.tail
        if tail:
            self._add(tail)

    def _enter_inline(self, tag: str, element: etree._Element) -> bool:
        self.outer.append((self.href, self.style))
        attributes = element.attrib
        if attributes:
            words = attributes.get("class")
            if words and marks.of_words(words[: marks.LONGEST]) & _NOT_SHOWN:
                return False
            if tag == "a":
                self.href = attributes.get("href") or self.href
            if attributes.get("itemprop") == "author" or "author" in attributes.get("rel", ""):
                self.style |= AUTHOR
        self.style |= _STYLES.get(tag, 0)
        text = element.text
        if text:
            self._add(text)
        return True

    def _add(self, text: str) -> None:
        if self.breaks and not text.isspace():
            self.breaks = 0
        self.runs.append(Run(text, self.href, self.style))

    def _line_break(self) -> None:
        """One `<br>` ends a line, two in a row end a paragraph."""
        self.breaks += 1
        if self.breaks > 1:
            self.flush()
        elif self.runs:
            self.runs.append(Run("\n", None, 0))

    def flush(self) -> None:
        """Make a piece of the text collected so far."""
        self.breaks = 0
        if not self.runs:  # between two boxes, as a rule
            return
        runs, self.runs = self.runs, []
        if len(runs) == 1 and len(only := runs[0].text.strip()) <= 1 and only in _SEPARATORS:
            return
        kind, level, group = _kind(self.box)
        runs = _tidy(runs, keep_space=kind == "code")
        if not runs:
            return
        text = runs[0].text if len(runs) == 1 else "".join([run.text for run in runs])
        box, words = self.box, count_words(text)
        linked = strong = emphasised = 0
        for run in runs:
            if run.href is not None:
                linked += len(run.text)
            if run.style:
                if run.style & STRONG:
                    strong += len(run.text)
                if run.style & (STRONG | EMPHASIS):
                    emphasised += len(run.text)
        self.walk.pieces.append(
            Piece(kind, text, runs, box, level, group, linked, strong, emphasised, words)
        )
        length = len(text)
        box.chars += length
        box.linked += linked
        box.pieces += 1
        if words > SENTENCE and linked * 2 < length:
            box.prose += length


def _tidy(runs: list[Run], *, keep_space: bool) -> list[Run]:
    """Repair the text of runs and collapse white space; line breaks from `<br>` stay."""
    if len(runs) == 1 and not keep_space:  # nearly all
        runs[0].text = _tidied(runs[0].text, keep_space=False).strip()
        return runs if runs[0].text else []
    tidy: list[Run] = []
    space = True
    for run in runs:
        text = _tidied(run.text, keep_space=keep_space)
        if space and not keep_space and text[:1] == " ":
            text = text[1:]
        if text:
            space = text[-1] in " \n"
            run.text = text
            tidy.append(run)
    return _stripped(tidy)


def _tidied(text: str, *, keep_space: bool) -> str:
    printable = text.isprintable()
    if not (printable or keep_space) or not text.isascii() or "&" in text:
        text = repair(text)
        printable = text.isprintable()
    if keep_space or (printable and "  " not in text) or text == "\n":
        return text
    return _GAP.sub(" ", text)


def _stripped(runs: list[Run]) -> list[Run]:
    """Strip white space from both ends of a line."""
    while runs and not (last := runs[-1].text.rstrip()):
        runs.pop()
    if runs:
        runs[-1].text = last
    while runs and not (first := runs[0].text.lstrip()):
        runs.pop(0)
    if runs:
        runs[0].text = first
    return runs


def _kind(box: Box) -> tuple[str, int | None, Box | None]:
    """Return the kind of a piece in `box`, its heading level, and its list or table."""
    kind = "paragraph"
    if not box.tells:
        return kind, None, None
    around: Box | None = box
    steps = 0
    while around is not None and steps < FAR:
        tag = around.tag
        if tag in _GROUPS:
            return kind, None, around if kind in ("list", "table") else None
        found = _KINDS.get(tag)
        if found is not None and kind == "paragraph":
            if found == "heading":
                return found, int(tag[1]), None
            if found not in ("list", "table"):
                return found, None, None
            kind = found
        around, steps = around.parent, steps + 1
    return kind, None, None


def _within(count: int, max_nodes: int, deadline: float) -> None:
    if count > max_nodes:
        message = f"The body has more than {max_nodes:,} elements (setting max_nodes)."
        raise RejectedError(Reason.TOO_LARGE, message, Stage.CLEAN)
    if time.monotonic() > deadline:
        message = "Cleaning took too long (setting clean_seconds)."
        raise RejectedError(Reason.TIMEOUT, message, Stage.CLEAN)
