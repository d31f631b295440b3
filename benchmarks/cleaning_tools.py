"""Copydesk's cleaning and the extractors that it is compared with, behind one signature."""

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

Answer = dict[str, Any]
Tool = Callable[[str, str], Answer]


def copydesk() -> Tool:
    """Return the product's own way."""
    from worker.articles import RawArticle
    from worker.cleaning import clean
    from worker.errors import RejectedError

    def run(html: str, url: str) -> Answer:
        try:
            found = clean(RawArticle(html=html, url=url))
        except RejectedError:
            return {}
        day = found.published_at.isoformat() if found.published_at else None
        return {"text": found.text, "title": found.title, "authors": found.authors, "date": day}

    return run


def trafilatura() -> Tool:
    """Return trafilatura with its best settings for news: precision, no deduplication."""
    from trafilatura import bare_extraction

    def run(html: str, url: str) -> Answer:
        found = bare_extraction(html, url=url, favor_precision=True, with_metadata=True)
        if found is None:
            return {}
        authors = found.author.split("; ") if found.author else []
        return {"text": found.text, "title": found.title, "authors": authors, "date": found.date}

    return run


def readability() -> Tool:
    """Return readability-lxml; it knows no metadata but the title."""
    from lxml.html import fromstring
    from readability import Document

    def run(html: str, url: str) -> Answer:
        document = Document(html, url=url)
        body = fromstring(document.summary() or "<p></p>")
        lines = (line.strip() for line in body.itertext())
        return {"text": "\n".join(line for line in lines if line), "title": document.short_title()}

    return run


def newspaper() -> Tool:
    """Return newspaper4k, kept from fetching images."""
    from newspaper import Article, Config

    config = Config()
    config.fetch_images = False

    def run(html: str, url: str) -> Answer:
        article = Article(url, config=config)
        article.download(input_html=html)
        article.parse()
        day = article.publish_date.isoformat() if article.publish_date else None
        return {
            "text": article.text,
            "title": article.title,
            "authors": article.authors,
            "date": day,
        }

    return run


def resiliparse() -> Tool:
    """Return resiliparse's main content; it knows no metadata."""
    from resiliparse.extract.html2text import extract_plain_text

    def run(html: str, url: str) -> Answer:  # noqa: ARG001 - one signature for all
        return {"text": extract_plain_text(html, main_content=True, alt_texts=False)}

    return run


def keep_all() -> Tool:
    """Return the text of every block, the least that a tool must beat."""

    def run(html: str, url: str) -> Answer:  # noqa: ARG001 - one signature for all
        return {"text": "\n".join(lines_of(html))}

    return run


def lines_of(html: str) -> list[str]:
    """Return the lines of a document's whole text."""
    from lxml.html import HTMLParser, fromstring

    root = fromstring(
        html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8", huge_tree=True)
    )
    for element in root.iter("script", "style", "noscript", "template", "svg"):
        element.text = None
        for child in list(element):
            element.remove(child)
    for element in root.iter("p", "div", "li", "h1", "h2", "h3", "h4", "br", "td", "section"):
        element.tail = "\n" + (element.tail or "")
        if element.tag != "br":
            element.text = "\n" + (element.text or "")
    lines = (line.strip() for line in root.text_content().split("\n"))
    return [line for line in lines if line]


TOOLS: dict[str, tuple[str, Callable[[], Tool]]] = {
    "copydesk": ("copydesk", copydesk),
    "trafilatura": ("trafilatura", trafilatura),
    "readability-lxml": ("readability", readability),
    "newspaper4k": ("newspaper", newspaper),
    "resiliparse": ("resiliparse", resiliparse),
    "keep everything": ("lxml", keep_all),
}
"""Name of a tool to the module that it needs and what makes it."""
_PACKAGES = {
    "readability-lxml": "readability-lxml",
    "newspaper4k": "newspaper4k",
    "keep everything": "lxml",
}


def installed(name: str) -> str | None:
    """Return the version of a tool, or none where it is not installed."""
    module, _ = TOOLS[name]
    try:
        if name != "copydesk":
            import_module(module)
        return version(_PACKAGES.get(name, name))
    except ImportError:
        return None if name != "copydesk" else "this checkout"
