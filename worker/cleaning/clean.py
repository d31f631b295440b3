"""The verb: a raw article to its text, blocks and metadata."""

import re
import time

from lxml import etree

from worker.articles import RawArticle, Removed
from worker.cleaning.base import Cleaned
from worker.cleaning.judge import judge
from worker.cleaning.page import page_body
from worker.cleaning.parse import check, parse
from worker.cleaning.render import NOT_IN_TEXT, blocks_of, html_of, links_of
from worker.cleaning.walk import Box, Piece, Run, walk
from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

_LINK_REL = {"promotion": "promotion", "tags": "tag", "share": "share", "credit": "credit"}
# A page says so within its first tags: "<!DOCTYPE html>", "<html lang=…", "<head>".
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
# A part of a page that still carries the site's frame.
_FRAME = re.compile(r"<(?:nav|footer|header|meta|title)[\s>]", re.IGNORECASE)


def kind_of(markup: str) -> str:
    """Tell a body fragment from a whole page by its markup.

    >>> kind_of("<p>The dam held.</p>.<p>So did the town.</p>")
    'fragment'
    >>> kind_of("<!DOCTYPE html><html><body><p>The dam held.</p></body></html>")
    'page'
    """
    if _PAGE.search(markup[:4000]):
        return "page"
    frame = {match.group().lower()[:4] for match in _FRAME.finditer(markup)}
    return "page" if len(frame) > 2 else "fragment"


def clean(
    raw: RawArticle,
    *,
    max_bytes: int = 5_000_000,
    max_depth: int = 1_000,
    max_nodes: int = 500_000,
    seconds: float = 20.0,
) -> Cleaned:
    """Return the story of `raw`: text and typed blocks, what was taken out and why, metadata.

    Raises `RejectedError`: NO_CONTENT (neither html nor text), NO_TEXT (nothing is left), TOO_LARGE
    (bytes, elements, attributes of one tag), TOO_DEEP, BINARY, TIMEOUT.
    """
    deadline = time.monotonic() + seconds
    if raw.html and raw.html.strip():
        check(raw.html, max_bytes)
        kind = raw.kind or kind_of(raw.html)
        root = parse(raw.html, max_depth)
        if kind == "page":
            root = page_body(raw.html, root)
        pieces = walk(root, max_nodes=max_nodes, deadline=deadline).pieces
    elif raw.text and raw.text.strip():
        check(raw.text, max_bytes)
        kind, pieces = "text", _plain(raw.text)
    else:
        raise RejectedError(Reason.NO_CONTENT, "the article has neither html nor text", Stage.CLEAN)
    judge(pieces)
    return _result(raw, kind, pieces)


def _result(raw: RawArticle, kind: str, pieces: list[Piece]) -> Cleaned:
    kept = [piece for piece in pieces if piece.reason is None]
    told = [piece for piece in kept if piece.kind not in NOT_IN_TEXT]
    if not told:
        raise RejectedError(Reason.NO_TEXT, f"no text is left of {len(pieces)} blocks", Stage.CLEAN)
    blocks = blocks_of(kept)
    paragraphs = [block.text for block in blocks if block.kind not in NOT_IN_TEXT]
    gone = [piece for piece in pieces if piece.reason not in (None, "separator")]
    links = [link for piece in kept for link in links_of(piece, raw.url, "body")]
    for piece in gone:
        links += links_of(piece, raw.url, _LINK_REL.get(piece.reason or "", "promotion"))
    return Cleaned(
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        blocks=blocks,
        html=html_of(kept, raw.url),
        extractor=kind,
        links=links,
        removed=[
            Removed.model_construct(text=piece.text, reason=piece.reason or "") for piece in gone
        ],
        credits=[piece.text for piece in gone if piece.reason == "credit"],
        title=raw.title,
        authors=list(raw.authors),
        published_at=raw.published_at,
        modified_at=raw.modified_at,
        url=raw.url,
        language=raw.language,
        section=raw.section,
        tags=list(raw.tags),
        images=list(raw.images),
        outlet=raw.source,
    )


def _plain(text: str) -> list[Piece]:
    """Split plain text at blank lines; where there are none, at line ends."""
    gap = r"\n\s*\n" if re.search(r"\n[ \t\r]*\n", text) else r"\n"
    box = Box("text", 0, None, etree.Element("text"), 0)
    pieces = []
    for part in re.split(gap, text):
        line = " ".join(part.split())
        if line:
            pieces.append(
                Piece("paragraph", line, [Run(line, None, 0)], box, words=line.count(" ") + 1)
            )
    box.chars = sum(len(piece.text) for piece in pieces)
    return pieces
