"""Cleaning: from a raw article to its text, blocks and metadata."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from worker.articles import RawArticle, Removed
from worker.cleaning import kinds
from worker.cleaning.base import Cleaned, Known
from worker.cleaning.bios import leave_out
from worker.cleaning.bylines import authors_in, authors_near, published_near
from worker.cleaning.images import pictures_of
from worker.cleaning.judge import judge
from worker.cleaning.metadata import Page, guess_date, read_page
from worker.cleaning.page import story
from worker.cleaning.parse import check, parse
from worker.cleaning.pieces import Box, Picture, Piece, Run, Walk, count_words
from worker.cleaning.render import NOT_IN_TEXT, blocks_of, grouped, links_of, parts_of, sanitised
from worker.cleaning.repair import repair, straighten
from worker.cleaning.walk import walk
from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

_LINK_REL = {"tags": "tag", "share": "share", "credit": "credit"}
# A page is recognised by its first tags: "<!DOCTYPE html>", "<html lang=…", "<head>".
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
# Markup that still has the frame of the site has all three.
_FRAME = re.compile(r"<(?:nav|footer|header)[\s>]", re.IGNORECASE)
_FIELDS = (
    "title", "authors", "published_at", "modified_at", "url", "section", "tags", "images",
    "language", "outlet",
)  # fmt: skip
_WORDS = frozenset({"title", "authors", "section", "tags"})
"""Fields that hold text for people: the scraper's values are repaired in the same way as the body."""


@dataclass(slots=True)
class _Body:
    """What was read from an article, before it is judged."""

    kind: str
    pieces: list[Piece]
    chars: int = 0
    """Characters of text in the whole page that the pieces were taken from."""
    page: Page = field(default_factory=Page)
    pictures: list[Picture] = field(default_factory=list)


def kind_of(markup: str) -> str:
    """Tell a body fragment from a whole page by its markup.

    >>> kind_of("<p>The dam held.</p>.<p>So did the town.</p>")
    'fragment'
    >>> kind_of("<!DOCTYPE html><html><body><p>The dam held.</p></body></html>")
    'page'
    """
    if _PAGE.search(markup[:4000]):
        return "page"
    if "<nav" not in markup.lower():
        return "fragment"
    frame = {match.group().lower()[:4] for match in _FRAME.finditer(markup)}
    return "page" if len(frame) == 3 else "fragment"


def clean(
    raw: RawArticle,
    *,
    max_bytes: int = 5_000_000,
    max_depth: int = 1_000,
    max_nodes: int = 200_000,
    seconds: float = 10.0,
    straight_quotes: bool = False,
) -> Cleaned:
    """Return the story of `raw`: text and typed blocks, what was taken out and why, metadata.

    `seconds` bounds the time for one article. Quotes and dashes stay as the publisher set them;
    `straight_quotes` makes them plain.

    Raises `RejectedError`: NO_CONTENT (neither html nor text), NO_TEXT (nothing is left), TOO_LARGE
    (bytes, elements, attributes of one tag), TOO_DEEP, BINARY, TIMEOUT.
    """
    deadline = time.monotonic() + seconds
    if raw.html and raw.html.strip():
        check(raw.html, max_bytes)
        page = (raw.kind or kind_of(raw.html)) == "page"
        root = parse(raw.html, max_depth, page=page)
        found = walk(root, max_nodes=max_nodes, max_depth=max_depth, deadline=deadline)
        if page:
            body = _page(raw, root, found)
        else:
            body = _Body("fragment", found.pieces, pictures=found.pictures)
            body.page.offer("title", _main_heading(found.pieces), "markup")
    elif raw.text and raw.text.strip():
        check(raw.text, max_bytes)
        body = _Body("text", _plain(raw.text))
    else:
        raise RejectedError(
            Reason.NO_CONTENT, "The article has neither html nor text.", Stage.CLEAN
        )
    kinds.name(body.pieces)
    judge(body.pieces, body.chars)
    if not _told(body.pieces):
        judge(body.pieces, body.chars, believe=False)
    if body.kind != "page" and not raw.authors:
        body.page.offer("authors", authors_in(body.pieces), "markup")
    leave_out(body.pieces, raw.authors or body.page.values.get("authors", []))
    if straight_quotes:
        _straighten(body.pieces)
    return _result(raw, body)


def _page(raw: RawArticle, root: etree._Element, found: Walk) -> _Body:
    headings = [
        piece.text for piece in found.pieces if piece.kind == "heading" and piece.level == 1
    ]
    page = read_page(root, raw.url, headings)
    pieces = story(found, page.description)
    order = {id(piece): index for index, piece in enumerate(found.pieces)}
    first, last = (order[id(pieces[0])], order[id(pieces[-1])]) if pieces else (0, 0)
    if "authors" not in page.values and not raw.authors:
        named = authors_near(found.pieces, first, last, page.site, found.pictures)
        page.offer("authors", named, "markup")
        for namesakes, source in page.namesakes:
            page.offer("authors", namesakes, source)
    if "published_at" not in page.values and raw.published_at is None:
        page.offer("published_at", published_near(root, found.pieces, first, last), "markup")
        if "published_at" not in page.values:
            page.offer("published_at", guess_date(root, raw.url), "htmldate")
    return _Body("page", pieces, found.root.chars, page)


def _main_heading(pieces: list[Piece]) -> str | None:
    headings = (piece.text for piece in pieces if piece.kind == "heading" and piece.level == 1)
    return next(headings, None)


def _straighten(pieces: list[Piece]) -> None:
    for piece in pieces:
        piece.text = straighten(piece.text)
        for run in piece.runs:
            run.text = straighten(run.text)


def _told(pieces: list[Piece]) -> bool:
    return any(piece.reason is None and piece.kind not in NOT_IN_TEXT for piece in pieces)


def _result(raw: RawArticle, body: _Body) -> Cleaned:
    kept = [piece for piece in body.pieces if piece.reason is None]
    if not _told(kept):
        count = len(body.pieces)
        message = f"No text is left of {count} blocks." if count else "The body holds no text."
        raise RejectedError(Reason.NO_TEXT, message, Stage.CLEAN)
    if body.pictures and not raw.images:
        body.page.offer("images", pictures_of(body.pictures, body.pieces, raw.url), "markup")
    values, sources = _merged(raw, body.page)
    base = raw.url or values["url"]
    groups = grouped(kept)
    blocks = blocks_of(groups)
    parts = parts_of(groups, base)
    paragraphs = [block.text for block in blocks if block.kind not in NOT_IN_TEXT]
    gone = [piece for piece in body.pieces if piece.reason not in (None, "separator")]
    links = [link for piece in kept for link in links_of(piece, base, "body")]
    for piece in gone:
        links += links_of(piece, base, _LINK_REL.get(piece.reason or "", "promotion"))
    removed = [Removed(text=piece.text, reason=piece.reason or "") for piece in gone]
    return Cleaned(
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        blocks=blocks,
        html=sanitised(parts),
        parts=parts,
        extractor=body.kind,
        links=links,
        removed=removed,
        credits=[piece.text for piece in gone if piece.reason == "credit"],
        paywalled=body.page.paywalled,
        sources=sources,
        known=Known(words=_words(kept)),
        **values,
    )


def _words(pieces: list[Piece]) -> int | None:
    """Return the number of words in the text of pieces, or None if a list joins several of them.

    The walk has counted most of them: it leaves only single blanks in a line of ASCII.
    """
    words = 0
    for piece in pieces:
        if piece.group is not None:
            return None
        if piece.kind in NOT_IN_TEXT:
            continue
        counted = len(piece.runs) == 1 and piece.kind != "code" and piece.text.isascii()
        words += piece.words if counted else len(piece.text.split())
    return words


def _merged(raw: RawArticle, page: Page) -> tuple[dict[str, Any], dict[str, str]]:
    """Merge the scraper's values, which have priority, with those of the page."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name in _FIELDS:
        given = getattr(raw, "source" if name == "outlet" else name)
        if name == "url" and given and page.address_of(given):
            given = None
        elif name in _WORDS and given:
            given = _repaired(given)
        if given:
            values[name], sources[name] = given, "raw"
        elif name in page.values:
            values[name], sources[name] = page.values[name], page.sources[name]
        else:
            values[name] = [] if name in ("authors", "tags", "images") else None
    return values, sources


def _repaired(given: str | list[str]) -> str | list[str]:
    """Repair a text, or each text of a list; texts of nothing but litter are dropped."""
    return _line(given) if isinstance(given, str) else [*filter(None, map(_line, given))]


def _line(text: str) -> str:
    return " ".join(repair(text).split())


def _plain(text: str) -> list[Piece]:
    """Split plain text at blank lines; where there are none, at line ends."""
    gap = r"\n\s*\n" if re.search(r"\n[ \t\r]*\n", text) else r"\n"
    box = Box("text", 0, None, etree.Element("text"), 0)
    pieces = []
    for part in re.split(gap, text):
        line = _line(part)
        if line:
            pieces.append(
                Piece("paragraph", line, [Run(line, None, 0)], box, words=count_words(line))
            )
    box.chars = sum(len(piece.text) for piece in pieces)
    return pieces
