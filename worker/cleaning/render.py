"""Pieces that stay to blocks, text and HTML."""

from collections.abc import Iterable
from html import escape
from urllib.parse import urljoin

import nh3

from worker.articles import Block, Link
from worker.cleaning.pieces import EMPHASIS, STRONG, Piece, Run

_TAGS = {
    *("a", "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "table"),
    *("tbody", "tr", "td", "pre", "figure", "figcaption", "strong", "em", "br"),
}
_SANITISER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
NOT_IN_TEXT = frozenset({"caption"})
"""Kinds of block that are kept, but belong to a picture and not to the running text."""


def blocks_of(pieces: Iterable[Piece]) -> list[Block]:
    """Join the items of a list and the rows of a table; every other piece is a block of its own."""
    blocks: list[Block] = []
    group = None
    for piece in pieces:
        if piece.group is not None and piece.group is group:
            last = blocks[-1]
            last.text += "\n" + piece.text
            if last.items is not None:
                last.items.append(piece.text)
            continue
        group = piece.group
        items = [piece.text] if group is not None else None
        blocks.append(
            Block.model_construct(kind=piece.kind, text=piece.text, level=piece.level, items=items)  # type: ignore[arg-type]
        )
    return blocks


def html_of(pieces: Iterable[Piece], base: str | None) -> str:
    """Return the pieces as sanitised HTML: known tags, no attribute but `href`, safe links."""
    parts: list[str] = []
    group = None
    close = ""
    for piece in pieces:
        if group is not None and piece.group is not group:
            parts.append(close)
            group = None
        if piece.group is not None and group is None:
            group = piece.group
            name = group.tag if group.tag in ("ul", "ol", "table") else "ul"
            parts.append(f"<{name}>")
            close = f"</{name}>"
        parts.append(_wrapped(piece, _inline(piece.runs, base)))
    parts.append(close if group is not None else "")
    return _SANITISER.clean("".join(parts))


_FRAMES = {
    "quote": "<blockquote><p>{}</p></blockquote>",
    "embed": "<blockquote><p>{}</p></blockquote>",
    "caption": "<figure><figcaption>{}</figcaption></figure>",
    "code": "<pre>{}</pre>",
}


def _wrapped(piece: Piece, inner: str) -> str:
    if piece.kind == "heading":
        return f"<h{piece.level}>{inner}</h{piece.level}>"
    if piece.group is not None and piece.kind == "list":
        return f"<li>{inner}</li>"
    if piece.group is not None and piece.kind == "table":
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in inner.split("\t")) + "</tr>"
    return _FRAMES.get(piece.kind, "<p>{}</p>").replace("{}", inner)


def _inline(runs: list[Run], base: str | None) -> str:
    parts = []
    for run in runs:
        text = escape(run.text, quote=False).replace("\n", "<br>")
        if run.style & EMPHASIS:
            text = f"<em>{text}</em>"
        if run.style & STRONG:
            text = f"<strong>{text}</strong>"
        if run.href:
            text = f'<a href="{escape(absolute(run.href, base))}">{text}</a>'
        parts.append(text)
    return "".join(parts)


def absolute(href: str, base: str | None) -> str:
    """Resolve `href` against the article's URL; what cannot be resolved stays as it is."""
    href = href.strip()
    if not base or "://" in href[:12]:
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def links_of(piece: Piece, base: str | None, rel: str) -> list[Link]:
    """Return the links of a piece; runs of one link in a row are one."""
    links: list[Link] = []
    for run in piece.runs:
        if not run.href or run.href.startswith(("#", "javascript:")):
            continue
        href = absolute(run.href, base)
        if links and links[-1].href == href:
            links[-1].text += run.text
        else:
            links.append(Link.model_construct(href=href, text=run.text, rel=rel))  # type: ignore[arg-type]
    return links
