"""Metadata of a page: for each field the value from the best source, and which source that was."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from worker.articles import Image
from worker.cleaning import authors, jsonld
from worker.cleaning.dates import moment
from worker.cleaning.jsonld import Node, text_of
from worker.cleaning.letters import letters
from worker.cleaning.repair import repair
from worker.cleaning.titles import headline, site_in

_PUBLISHED = (
    "article:published_time", "og:published_time", "article:published", "datepublished", "date",
    "pubdate", "publishdate", "publish-date", "dc.date.issued", "dc.date", "dcterms.created",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "rnews:datepublished",
    "article.published", "published_at", "citation_publication_date", "last-published",
    "dc.created",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "article:modified", "datemodified", "lastmod",
    "dc.date.modified", "dcterms.modified", "last-modified", "article:updated_time",
)  # fmt: skip
_AUTHOR = (
    "author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "cxenseparse:author", "article:author_name", "authors", "citation_author",
    "og:article:author", "creator", "twitter:data1",
)  # fmt: skip
_SECTION = ("article:section", "og:section", "parsely-section", "section", "cxenseparse:section")
_SPACE = re.compile(r"\s+")
# "Brandt, Ida"
_FAMILY_FIRST = re.compile(r"^([^,]+),\s*([^,]+)$")


@dataclass(slots=True)
class Page:
    """What a page says about itself."""

    values: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    description: list[str] = field(default_factory=list)
    """Its descriptions of itself, by which the standfirst is recognised."""
    paywalled: bool = False
    site: str = ""
    """Names of the outlet, and its host."""

    namesakes: list[tuple[list[str], str]] = field(default_factory=list)
    """Authors with the outlet's name, and their source: the person behind a blog, or the outlet itself."""

    def offer(self, name: str, value: Any, source: str) -> None:
        """Set a field unless it is known already."""
        if value and name not in self.values:
            self.values[name] = value
            self.sources[name] = source

    def address_of(self, url: str) -> bool:
        """Whether the page names a canonical address on the host of `url`."""
        return "url" in self.values and _host(self.values["url"]) == _host(url)


@dataclass(slots=True)
class _Read:
    """The raw sources of a page's metadata."""

    root: etree._Element
    meta: dict[str, str]
    node: Node
    host: str


def read_page(root: etree._Element, url: str | None, headings: list[str]) -> Page:
    """Return the metadata in a page's head and JSON-LD; `headings` are its main headings."""
    page = Page()
    meta = _meta(root)
    nodes = jsonld.nodes(root)
    told = {letters(text) for text in (*headings, meta.get("og:title", ""))}
    node = jsonld.article(nodes, told) or {}
    known = jsonld.by_id(nodes)
    page.description = [
        text
        for key in ("description", "og:description", "twitter:description")
        if (text := meta.get(key))
    ]
    if summary := text_of(node.get("description")):
        page.description.append(summary)
    page.paywalled = _paywalled(node, meta)
    _address(page, root, meta, node, url)
    _outlet(page, meta, node, known)
    _title(page, _Read(root, meta, node, _host(url)), headings)
    _authors(page, root, node, known)
    for name, key, keys in (
        ("published_at", "datePublished", _PUBLISHED),
        ("modified_at", "dateModified", _MODIFIED),
    ):
        page.offer(name, moment(node.get(key)), "json-ld")
        for other in keys:
            page.offer(name, moment(meta.get(other)), _kind(other))
    _subjects(page, root, meta, node)
    _picture(page, meta, node)
    return page


def guess_date(root: etree._Element, url: str | None) -> dt.datetime | None:
    """Return the day that htmldate finds in a page whose own fields name none."""
    if not isinstance(root, HtmlElement):
        return None  # markup that lxml.html could not parse was built by another parser
    try:
        found = find_date(root, url=url, original_date=True)
    except (ValueError, OverflowError):
        return None  # a number that only looks like a date
    return moment(found) if found else None


def _meta(root: etree._Element) -> dict[str, str]:
    """Return the page's meta fields, names in lower case, the first of a name."""
    return dict(reversed(list(_pairs(root))))


def _pairs(root: etree._Element) -> Iterator[tuple[str, str]]:
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        value = element.get("content")
        if name and value and value.strip():
            yield name.strip().lower(), _SPACE.sub(" ", repair(value)).strip()[:2000]


def _kind(name: str) -> str:
    return "open-graph" if name.startswith(("og:", "article:")) else "meta"


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _address(
    page: Page, root: etree._Element, meta: dict[str, str], node: Node, url: str | None
) -> None:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            page.offer("url", _address_of(link.get("href"), url), "markup")
            break
    page.offer("url", _address_of(meta.get("og:url"), url), "open-graph")
    target = node.get("url")
    page.offer("url", _address_of(target if isinstance(target, str) else None, url), "json-ld")


def _address_of(href: str | None, base: str | None) -> str | None:
    if not href or len(href) > 2000:
        return None
    try:
        full = urljoin(base or "", href.strip())
        parts = urlsplit(full)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    if base and parts.path in ("", "/") and urlsplit(base).path not in ("", "/"):
        return None  # a canonical link to the front page is a mistake of the publisher
    return full


def _outlet(page: Page, meta: dict[str, str], node: Node, known: dict[str, Node]) -> None:
    publisher = node.get("publisher")
    if isinstance(publisher, dict) and "name" not in publisher:
        publisher = known.get(str(publisher.get("@id")), publisher)
    page.offer("outlet", text_of(publisher), "json-ld")
    page.offer("outlet", meta.get("og:site_name"), "open-graph")
    page.offer("outlet", meta.get("application-name"), "meta")


def _title(page: Page, read: "_Read", headings: list[str]) -> None:
    root, meta, node = read.root, read.meta, read.node
    element = root.find(".//head/title")
    tag = _SPACE.sub(" ", repair(element.text or "")).strip() if element is not None else ""
    names = [page.values.get("outlet", ""), meta.get("og:site_name", ""), site_in(tag), read.host]
    page.site = " ".join(names)
    own = repair(text_of(node.get("headline")) or "")
    shared = meta.get("og:title", "")
    title = headline(headings, [own, shared], tag, page.site)
    if title is None:
        return
    sources = {"markup": headings, "json-ld": [own], "open-graph": [shared], "meta": [tag]}
    named = (
        name for name, texts in sources.items() if any(title in text for text in texts if text)
    )
    page.offer("title", title, next(named, "meta"))


def _authors(page: Page, root: etree._Element, node: Node, known: dict[str, Node]) -> None:
    _offer_authors(page, authors.from_jsonld(node, known), "json-ld")
    named = [(key, value) for key, value in _pairs(root) if key in _AUTHOR]
    for name in _AUTHOR:
        values = [
            value for key, value in named if key == name and not value.startswith(("http", "/"))
        ]
        if name == "citation_author":
            values = [_FAMILY_FIRST.sub(r"\2 \1", value) for value in values]
        _offer_authors(page, values, _kind(name))


def _offer_authors(page: Page, values: list[str], source: str) -> None:
    found = authors.people(values, page.site, declared=True)
    others = [name for name in found if not authors.is_named_after(name, page.site)]
    page.offer("authors", others, source)
    if found and not others:
        page.namesakes.append((found, source))


def _subjects(page: Page, root: etree._Element, meta: dict[str, str], node: Node) -> None:
    page.offer("section", text_of(node.get("articleSection")), "json-ld")
    for name in _SECTION:
        page.offer("section", meta.get(name), _kind(name))
    tags = [
        value
        for element in root.iter("meta")
        if (element.get("property") or "").lower() == "article:tag"
        and (value := element.get("content"))
    ]
    page.offer("tags", _listed(node.get("keywords")), "json-ld")
    page.offer("tags", _listed(tags), "open-graph")
    page.offer("tags", _listed(meta.get("news_keywords") or meta.get("keywords")), "meta")
    language = text_of(node.get("inLanguage")) or root.get("lang") or meta.get("og:locale")
    if language and (code := re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", language.strip())):
        page.offer(
            "language", code.group().lower(), "json-ld" if node.get("inLanguage") else "markup"
        )


def _listed(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    texts = [_SPACE.sub(" ", repair(part)).strip() for part in parts if isinstance(part, str)]
    return list(dict.fromkeys(text for text in texts if 1 < len(text) <= 60))[:30]


def _picture(page: Page, meta: dict[str, str], node: Node) -> None:
    image = node.get("image")
    if isinstance(image, list):
        image = image[0] if image else None
    if isinstance(image, dict):
        address, caption = text_of(image.get("url")), text_of(image.get("caption"))
        credit = text_of(image.get("creditText"))
    else:
        address, caption, credit = image if isinstance(image, str) else None, None, None
    if address and address.startswith("http"):
        page.offer("images", [Image(url=address, caption=caption, credit=credit)], "json-ld")
    shared = meta.get("og:image") or meta.get("twitter:image")
    if shared and shared.startswith("http"):
        page.offer("images", [Image(url=shared, caption=meta.get("og:image:alt"))], "open-graph")


def _paywalled(node: Node, meta: dict[str, str]) -> bool:
    free = node.get("isAccessibleForFree")
    if free is False or str(free).lower() == "false":
        return True
    return meta.get("article:content_tier", "").lower() in ("locked", "metered") or (
        meta.get("og:article:content_tier", "").lower() == "locked"
    )
