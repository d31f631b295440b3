"""The article that a page describes in JSON-LD (schema.org)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
from lxml import etree

from worker.cleaning.letters import letters

MAX_BYTES = 2_000_000
MAX_NODES = 5_000
_ARTICLES = frozenset({
    "Article", "NewsArticle", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle",
    "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting",
    "BlogPosting", "SatiricalArticle", "AdvertiserContentArticle", "Report", "TechArticle",
    "ScholarlyArticle", "SocialMediaPosting", "Review",
})  # fmt: skip
_WEAKER = frozenset(
    {"WebPage", "ItemPage", "VideoObject", "Recipe", "PodcastEpisode", "CreativeWork"}
)
# A comma before a closing bracket, which JavaScript forgives and JSON does not: {"a": 1,}
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
# <![CDATA[ … ]]>, also inside a comment: //<![CDATA[
_CDATA = re.compile(r"(?://|/\*)?\s*(?:<!\[CDATA\[|\]\]>)\s*(?:\*/)?|<!--|-->")

Node = dict[str, Any]


def nodes(root: etree._Element) -> list[Node]:
    """Return the JSON-LD objects of a page, outer ones first; objects that cannot be read are skipped."""
    found: list[Node] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = script.text or ""
        if len(text) <= MAX_BYTES:
            found.extend(_flat(_load(text)))
        if len(found) > MAX_NODES:
            break
    return found


def _load(text: str) -> Any:
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", _CDATA.sub("", text)).strip().rstrip(";")):
        try:
            return orjson.loads(attempt)
        except orjson.JSONDecodeError:
            pass
        try:
            return json.loads(attempt, strict=False)  # line breaks inside strings
        except (ValueError, RecursionError):
            continue
    return None


def _flat(data: Any) -> Iterator[Node]:
    waiting = [data]
    count = 0
    while waiting and count < MAX_NODES:
        here = waiting.pop()
        count += 1
        if isinstance(here, list):
            waiting.extend(reversed(here))
        elif isinstance(here, dict):
            yield here
            inner = [
                here[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in here
            ]
            waiting.extend(value for value in reversed(inner) if isinstance(value, dict | list))


def types(node: Node) -> set[str]:
    """Return a node's types without their namespace."""
    named = node.get("@type")
    listed = named if isinstance(named, list) else [named]
    return {str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in listed if name}


def article(found: list[Node], headlines: set[str]) -> Node | None:
    """Return the node that describes the article of this page, preferably one with a known headline."""
    for wanted in (_ARTICLES, _WEAKER):
        candidates = [node for node in found if types(node) & wanted]
        for node in candidates:
            if (
                letters(text_of(node.get("headline")) or text_of(node.get("name")) or "")
                in headlines
            ):
                return node
        if candidates and wanted is _ARTICLES:
            return candidates[0]
    return None


def text_of(value: Any) -> str | None:
    """Return a string value, the first of a list, the `@value` or `name` of an object."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return value.strip() or None if isinstance(value, str) else None


def by_id(found: list[Node]) -> dict[str, Node]:
    """Return the nodes that others may refer to, by `@id`; the fullest one for each id."""
    known: dict[str, Node] = {}
    for node in found:
        identifier = node.get("@id")
        if isinstance(identifier, str) and len(node) > len(known.get(identifier, {})):
            known[identifier] = node
    return known
