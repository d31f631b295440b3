"""What the tag, class, id and role of an element say about it, as a set of bits."""

import re
import tomllib
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final

from lxml import etree

PROMOTION: Final = 1
SHARE: Final = 2
TAGS: Final = 4
BYLINE: Final = 8
ADVERT: Final = 16
CAPTION: Final = 32
COMMENT: Final = 64
NAVIGATION: Final = 128
PROMPT: Final = 256
HIDDEN: Final = 512
BODY: Final = 1024
EMBED: Final = 2048
ENTRY: Final = 4096
TITLE: Final = 8192
SUMMARY: Final = 16384
WEAK: Final = 32768
FIGURE: Final = 65536
HOVER: Final = 131072
INFOBOX: Final = 262144

REASONS: Final = {
    PROMOTION: "promotion",
    SHARE: "share",
    TAGS: "tags",
    BYLINE: "byline",
    ADVERT: "advertisement",
    COMMENT: "comments",
    NAVIGATION: "navigation",
    PROMPT: "prompt",
    HIDDEN: "hidden",
    INFOBOX: "infobox",
    WEAK: "promotion",
}
"""Bits that can condemn an element, with the reason that `removed` gives."""

_TABLE = tomllib.loads(
    resources.files("worker.cleaning").joinpath("marks.toml").read_text(encoding="utf-8")
)
_BIT_OF = {
    word: globals()[name.upper()] for name, words in _TABLE.items() for word in words.split()
}
_PAIRS = frozenset(word for word in _BIT_OF if len(word) > 6)

_STEM = re.compile(
    "teaser|(?<!un)(?<!cor)related|recommend|newsletter|caption|byline|promo|advert|sponsor|subscri"
)
_STEM_BITS = {"newsletter": PROMPT, "caption": CAPTION, "byline": BYLINE}
_ALL = (1 << 20) - 1
# A class on the whole page says nothing about its text; one on a line is often only about its looks.
_MEANT_BY = {
    **dict.fromkeys(("html", "body", "main"), BODY),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _ALL & ~(NAVIGATION | WEAK | INFOBOX)),
    "p": _ALL & ~WEAK,
}
LONGEST = 300
"""Characters of a class attribute that are read."""
_MAX_PARTS = 8
"""A name of more words is the slug of a headline, and says nothing about the element."""
TAG_BITS = {
    "nav": NAVIGATION,
    "footer": NAVIGATION,
    "figcaption": CAPTION,
    "aside": INFOBOX,
    "dialog": PROMPT,
    "form": PROMPT,
    "figure": FIGURE,
}
_PROPERTY_BITS = {"articleBody": BODY, "author": BYLINE, "datePublished": BYLINE}
_ROLE_BITS = {
    "navigation": NAVIGATION,
    "contentinfo": NAVIGATION,
    "search": NAVIGATION,
    "dialog": PROMPT,
    "alertdialog": PROMPT,
    "complementary": WEAK,
    "menu": NAVIGATION,
}
_HIDDEN_NAMES = frozenset({"hidden", "hide", "invisible", "d-none", "sr-only", "visually-hidden"})
# camelCase to words: "relatedArticles" to "related Articles".
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# "display:none", "display : none !important".
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@lru_cache(maxsize=8192)
def of_words(words: str) -> int:
    """Return the bits of a class attribute or an id.

    >>> of_words("article__relatedLinks") == PROMOTION
    True
    >>> of_words("unrelated") == 0
    True
    """
    bits = 0
    for name in words.split():
        if name in _HIDDEN_NAMES:
            bits |= HIDDEN
        parts = [part for part in re.split(r"[^a-z0-9]+", _HUMP.sub(" ", name).lower()) if part]
        if len(parts) > _MAX_PARTS:
            continue
        for part in parts:
            known = _BIT_OF.get(part, 0)
            if not known and (stem := _STEM.search(part)):
                known = _STEM_BITS.get(stem.group(), WEAK)
            bits |= known
        for one, two in pairwise(parts):
            if one + two in _PAIRS:
                bits |= _BIT_OF[one + two]
    return bits


def of_element(tag: str, attributes: etree._Attrib) -> int:
    """Return the bits of an element."""
    bits = TAG_BITS.get(tag, 0)
    if not attributes:
        return bits
    for name in ("class", "id", "data-component", "data-testid"):
        words = attributes.get(name)
        if words:
            bits |= of_words(words[:LONGEST])
    role = attributes.get("role")
    if role:
        bits |= _ROLE_BITS.get(role, 0)
    bits |= _PROPERTY_BITS.get(attributes.get("itemprop", ""), 0)
    if "hidden" in attributes or _NOT_SHOWN.search(attributes.get("style", "")):
        bits |= HIDDEN
    return bits & _MEANT_BY.get(tag, _ALL)
