"""The story's container in a whole page."""

import trafilatura
from lxml import etree

from worker.cleaning.parse import parse


def page_body(markup: str, root: etree._Element) -> etree._Element:
    """Return the part of a page that holds the story, as a tree of its own."""
    found = trafilatura.extract(
        markup, output_format="html", favor_precision=True, include_links=True
    )
    return parse(found, 1_000) if found else root
