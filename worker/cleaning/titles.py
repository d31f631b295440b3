"""The headline of a page, without the site's name."""

import html
import re

from worker.cleaning.letters import letters

# " | The Courier", " - The Courier", " – Kultur – Kurier", " :: Courier", "• Courier".
_SEPARATOR = re.compile(r"\s+[|•·»«–—‒:\-]+\s+|\s*\|\s*")
MAX_LENGTH = 300


def headline(headings: list[str], told: list[str], title_tag: str, site: str) -> str | None:
    """Return the main heading that the page's metadata agrees with, else the best headline in the metadata.

    `told` are headlines from JSON-LD and Open Graph, in order of trust; `site` is the outlet's name and
    domain. A heading that is the name of the site never counts.
    """
    known = [text for text in (*told, title_tag) if text]
    names = letters(site)
    best, score = None, 0.0
    for heading in headings:
        if not heading or len(heading) > MAX_LENGTH or (known and letters(heading) in names):
            continue
        agreed = max((_shared(heading, text) for text in known), default=1.0)
        if len(heading.split()) == 1:
            agreed /= 2
        if agreed > score:
            best, score = heading, agreed
    if best is not None and score >= 0.3:
        # "Floods Two towns cut off" on two lines, which the metadata separates with a colon
        return next((text for text in told if text.replace(": ", " ", 1) == best), best)
    for text in known:
        return without_site(text, site)
    return best


def site_in(title_tag: str) -> str:
    """Return what follows the last separator of a page title: the outlet's name, as a rule.

    >>> site_in("Dam holds | The Courier")
    'The Courier'
    """
    parts = _SEPARATOR.split(title_tag)
    return parts[-1] if len(parts) > 1 else ""


def without_site(title: str, site: str) -> str:
    """Cut the site's name and section from the end of a title.

    >>> without_site("Dam holds – Region | The Courier", "The Courier courier.example")
    'Dam holds – Region'
    """
    title = " ".join(html.unescape(title).split())
    cuts = list(_SEPARATOR.finditer(title))
    end = len(title)
    while cuts:
        cut = cuts.pop()
        tail, head = title[cut.end() : end], title[: cut.start()]
        is_site = bool(letters(tail)) and letters(tail) in letters(site)
        is_short = "|" in cut.group() and len(tail.split()) <= 4 <= len(head.split())
        if not (is_site or is_short):
            break
        end = cut.start()
    return title[:end].strip()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _shared(one: str, two: str) -> float:
    """Return the share of the shorter text's words that the other text has as well."""
    a, b = _words(one), _words(two)
    return len(a & b) / max(1, min(len(a), len(b)))
