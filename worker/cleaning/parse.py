"""From markup to a tree, within limits: with lxml, or with BeautifulSoup where lxml fails."""

import re
import threading

from lxml import etree
from lxml.html import HTMLParser, soupparser

from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

MAX_ATTRIBUTES = 5_000
"""Attributes in one tag. libxml2 compares each with all before it: 40,000 take two seconds."""

# A tag with its quoted values; an open quote extends to the end: <a href=">" title='x'>. Possessive, so that
# a tag once begun never fails and the scan is linear.
_TAG = re.compile(r"""<[a-zA-Z](?:[^"'>]|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+(?:>|\Z)""")
_QUOTED = re.compile(r"""\"[^"]*+\"|'[^']*+'""")
# With a larger share of NULs and replacement characters it is an image or an archive, not text.
_BINARY_SHARE = 0.02


class _Parsers(threading.local):
    """The parsers of one thread: creating one takes a sixth of the time of parsing an article."""

    def __init__(self) -> None:
        # huge_tree lifts the depth limit from 256 to 2048; past it libxml2 returns nothing
        self.fragment, self.page = (
            kind(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
            for kind in (etree.HTMLParser, HTMLParser)  # htmldate wants the elements of lxml.html
        )


_parsers = _Parsers()


def check(markup: str, max_bytes: int) -> None:
    """Raise `RejectedError` for input that is too large to parse safely, or not text at all."""
    if len(markup) > max_bytes or len(markup.encode("utf-8", "replace")) > max_bytes:
        raise _rejected(
            Reason.TOO_LARGE,
            f"The body is larger than {max_bytes:,} bytes (setting max_article_bytes).",
        )
    junk = markup.count("\x00") + markup.count("\ufffd")
    if junk > 20 and junk > _BINARY_SHARE * len(markup):
        raise _rejected(
            Reason.BINARY,
            f"The body is not text: {junk:,} of {len(markup):,} characters are binary.",
        )
    if len(markup) < 2 * MAX_ATTRIBUTES:
        return
    for tag in _TAG.finditer(markup):
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            attributes = len(_QUOTED.sub("", tag.group()).split())
            if attributes > MAX_ATTRIBUTES:
                raise _rejected(
                    Reason.TOO_LARGE,
                    f"One tag has {attributes:,} attributes; {MAX_ATTRIBUTES:,} are allowed.",
                )


def parse(markup: str, max_depth: int, *, page: bool = False) -> etree._Element:
    """Return the `html` element of `markup`; raise `RejectedError` if it is nested too deep."""
    parser = _parsers.page if page else _parsers.fragment
    try:
        root = etree.fromstring(markup.replace("\x00", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise too_deep(max_depth)
    return root if root is not None else rescue(markup)


def rescue(markup: str) -> etree._Element:
    """Parse with BeautifulSoup and Python's own parser, which finds text where libxml2 finds none."""
    try:
        root: etree._Element = soupparser.fromstring(
            markup.replace("\x00", ""), features="html.parser"
        )
    except (etree.LxmlError, ValueError, AssertionError, RecursionError):
        return etree.fromstring(b"<html><body></body></html>", etree.HTMLParser())
    return root


def too_deep(max_depth: int) -> RejectedError:
    """Return the error for markup nested past the bound."""
    message = f"The markup is nested deeper than {max_depth:,} levels (setting max_depth)."
    return _rejected(Reason.TOO_DEEP, message)


def _rejected(reason: Reason, message: str) -> RejectedError:
    return RejectedError(reason, message, Stage.CLEAN)
