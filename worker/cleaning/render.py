"""From the pieces that stay to blocks, text and HTML."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from urllib.parse import urljoin

import nh3
from pydantic import TypeAdapter

from worker.articles import Block, Link
from worker.cleaning.pieces import EMPHASIS, STRONG, Box, Piece, Run

_TAGS = {
    "a", "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "table", "tbody",
    "tr", "td", "pre", "figure", "figcaption", "strong", "em", "br",
}  # fmt: skip
_SANITISER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
# `<p>The dam held.</p>`: a paragraph in which there is nothing to sanitise or to escape. A no-break space
# would become `&nbsp;`.
_PLAIN = re.compile(r"<p>[^<>&\x00-\x1f\x7f-\xa0\ud800-\udfff]*+</p>")
# Blocks created in one call cost two thirds of blocks created one by one.
_BLOCKS = TypeAdapter(list[Block])
NOT_IN_TEXT = frozenset({"caption"})
"""Kinds of block that are kept, but belong to a picture and not to the text."""


def blocks_of(groups: Iterable[list[Piece]]) -> list[Block]:
    """Return a block for each of `grouped`."""
    blocks: list[dict[str, object]] = []
    for group in groups:
        first = group[0]
        items = [_row_text(row) for row in _rows(group)] if first.group is not None else None
        text = first.text if items is None else "\n".join(items)
        blocks.append({"kind": first.kind, "text": text, "level": first.level, "items": items})
    return _BLOCKS.validate_python(blocks)


def parts_of(groups: Iterable[list[Piece]], base: str | None) -> list[str]:
    """Return the HTML of each block that `blocks_of` returns for the same groups."""
    parts: list[str] = []
    for group in groups:
        box = group[0].group
        if box is None:
            parts.append(_wrapped(group[0], _inline(group[0].runs, base)))
        elif group[0].kind == "table":
            parts.append(
                "<table>" + "".join(_row_html(row, base) for row in _rows(group)) + "</table>"
            )
        else:
            name = box.tag if box.tag in ("ul", "ol") else "ul"
            items = "".join(f"<li>{_inline(piece.runs, base)}</li>" for piece in group)
            parts.append(f"<{name}>{items}</{name}>")
    return parts


def grouped(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Join the items of a list and the rows of a table; every other piece stands alone."""
    groups: list[list[Piece]] = []
    last: Box | None = None
    for piece in pieces:
        if last is not None and piece.group is last:
            groups[-1].append(piece)
        else:
            groups.append([piece])
            last = piece.group
    return groups


def _rows(group: list[Piece]) -> Iterator[list[Piece]]:
    """Yield the cells of each row of a table, or each item of a list by itself."""
    for _, row in groupby(group, key=_row):
        yield list(row)


def _row(piece: Piece) -> Box | Piece:
    if piece.kind != "table":
        return piece
    return next((box for box in piece.box.line() if box.tag == "tr"), piece.box)


def _row_text(row: list[Piece]) -> str:
    return "\t".join(piece.text for piece in row)


def _row_html(row: list[Piece], base: str | None) -> str:
    return "<tr>" + "".join(f"<td>{_inline(piece.runs, base)}</td>" for piece in row) + "</tr>"


def sanitised(parts: Iterable[str]) -> str:
    """Join the HTML of blocks: only known tags, no attribute except `href`, only http(s) and mailto links."""
    return "".join(part if _PLAIN.fullmatch(part) else _SANITISER.clean(part) for part in parts)


_FRAMES = {
    "quote": "<blockquote><p>{}</p></blockquote>",
    "embed": "<blockquote><p>{}</p></blockquote>",
    "caption": "<figure><figcaption>{}</figcaption></figure>",
    "code": "<pre>{}</pre>",
}


def _wrapped(piece: Piece, inner: str) -> str:
    if piece.kind == "paragraph":
        return f"<p>{inner}</p>"
    if piece.kind == "heading":
        return f"<h{piece.level}>{inner}</h{piece.level}>"
    return _FRAMES.get(piece.kind, "<p>{}</p>").replace("{}", inner)


def _inline(runs: list[Run], base: str | None) -> str:
    parts: list[str] = []
    for run in runs:
        text = escape(run.text, quote=False).replace("\n", "<br>")
        if run.style:
            if run.style & EMPHASIS:
                text = f"<em>{text}</em>"
            if run.style & STRONG:
                text = f"<strong>{text}</strong>"
        if run.href:
            text = f'<a href="{escape(absolute(run.href, base))}">{text}</a>'
        parts.append(text)
    return "".join(parts)


def absolute(href: str, base: str | None) -> str:
    """Resolve `href` against the article's URL; if that fails it stays as it is."""
    href = href.strip()
    if not base or "://" in href[:12]:
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def links_of(piece: Piece, base: str | None, rel: str) -> list[Link]:
    """Return the links of a piece; adjacent runs of the same link are one."""
    links: list[Link] = []
    for run in piece.runs:
        if not run.href or run.href.startswith(("#", "javascript:")):
            continue
        href = absolute(run.href, base)
        if links and links[-1].href == href:
            links[-1].text += run.text
        else:
            links.append(Link(href=href, text=run.text, rel=rel))
    return links
