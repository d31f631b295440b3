"""Reading a raw entry: from bytes to a `RawArticle`, or to a reason that a scraper's author understands."""

import codecs
from urllib.parse import urlsplit

import orjson
from pydantic import ValidationError

from worker.articles import RawArticle
from worker.errors import VALUE_ERROR, RejectedError
from worker.files import LARGEST
from worker.outcomes import Reason

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MOST_NAMES = 8
"""Fields that the dead letter of an article without a body names."""


def read_raw(data: bytes | None, *, max_bytes: int) -> RawArticle:
    """Read one raw article.

    Raises:
        RejectedError: it is not an article; the text says what is wrong and how to fix it.
    """
    if data is None:
        raise RejectedError(
            Reason.NO_CONTENT, "The entry has no field 'article': XADD STREAM * article '{…}'."
        )
    if len(data) > max_bytes:
        # A file's article beyond that was cut before it was published.
        size = f"{len(data):,}" if len(data) <= LARGEST else f"more than {LARGEST:,}"
        raise RejectedError(
            Reason.TOO_LARGE,
            f"The article has {size} bytes; the limit is {max_bytes:,} (COPYDESK_MAX_ARTICLE_BYTES).",
        )
    if not data.strip():
        raise RejectedError(
            Reason.NO_CONTENT, "The field 'article' is empty; it must hold one JSON object."
        )
    return with_body(parsed(data))


def _other_names(given: dict[str, object]) -> str:
    """Name the fields of an article without a body, which may be under another name."""
    if not given or "html" in given or "text" in given:
        return ""
    names = ", ".join(name[:40] for name in list(given)[:MOST_NAMES])
    return f" It has {names}{', …' if len(given) > MOST_NAMES else ''}."


def glance(data: bytes | None) -> tuple[str | None, str | None]:
    """Return the source and URL of a raw article, as far as its bytes can be read."""
    try:
        value = orjson.loads(data or b"")
    except orjson.JSONDecodeError:
        return None, None
    if not isinstance(value, dict):
        return None, None
    source, url = value.get("source"), value.get("url")
    return (source if isinstance(source, str) else None), (url if isinstance(url, str) else None)


def source_of(source: str | None, url: str | None) -> str | None:
    """Return the source by which people select an article: its own, else the host of its URL.

    >>> source_of(None, "https://www.herald.example/7")
    'herald.example'
    """
    if source or not url:
        return source
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # "https://[a.example/": it may be the very fault of a dead letter
        return None
    return host.removeprefix("www.") or None


def parsed(data: bytes) -> dict[str, object]:
    """Read one JSON object.

    Raises:
        RejectedError: it is not one; the text says what is wrong and how to fix it.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _not_json(data, error) from None
    if not isinstance(value, dict):
        kind = {list: "an array", str: "a string", type(None): "null", bool: "true or false"}.get(
            type(value), "a number"
        )
        raise RejectedError(
            Reason.NOT_AN_OBJECT,
            f'The JSON is {kind}; an article must be an object: {{"html": "<p>…</p>"}}.',
        )
    return value


def _not_json(data: bytes, error: orjson.JSONDecodeError) -> RejectedError:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as decoding:
        if data.startswith(_UTF_16):
            return RejectedError(
                Reason.NOT_JSON,
                "This is UTF-16 text; write JSON as UTF-8: iconv -f UTF-16 -t UTF-8.",
            )
        if b"\x00" in data or data[:1] not in b"{[ \t\r\n":
            return RejectedError(Reason.BINARY, "This is binary data, not JSON text.")
        return RejectedError(
            Reason.NOT_JSON,
            f"The JSON is not UTF-8: byte {decoding.start} is 0x{data[decoding.start]:02x}. "
            "Decode the page with its own encoding, then write JSON as UTF-8.",
        )
    if b"\x00" in data:
        return RejectedError(
            Reason.BINARY,
            "There are NUL bytes in it: this is binary data, or UTF-16 text (iconv -f UTF-16 -t UTF-8).",
        )
    text = str(error)
    if "surrogate" in text:
        return RejectedError(
            Reason.NOT_JSON,
            f"The JSON holds a lone surrogate ({text}): half of a character outside the basic plane. "
            "Replace such halves before publishing.",
        )
    if "depth limit" in text:
        return RejectedError(
            Reason.TOO_DEEP, f"The JSON is nested deeper than 1,024 levels ({text})."
        )
    advice = " NaN and Infinity are not JSON." if b"NaN" in data or b"Infinity" in data else ""
    return RejectedError(Reason.NOT_JSON, f"This is not JSON: {text}.{advice}")


def validated(value: dict[str, object]) -> RawArticle:
    """Read a raw article from its JSON object.

    Raises:
        RejectedError: fields are invalid; the text names them, five at most.
    """
    try:
        return RawArticle.model_validate(value)
    except ValidationError as error:
        problems = []
        for problem in error.errors(include_url=False, include_context=False)[:5]:
            place = ".".join(str(part) for part in problem["loc"])
            problems.append(f"{place}: {problem['msg'].removeprefix(VALUE_ERROR)}")
        raise RejectedError(Reason.INVALID_FIELD, "; ".join(problems) + ".") from None


def with_body(value: dict[str, object]) -> RawArticle:
    """Read a raw article that has `html` or `text` from its JSON object.

    Raises:
        RejectedError: as `validated`; or it has neither, and the text names its fields.
    """
    article = validated(value)
    if not (article.html or "").strip() and not (article.text or "").strip():
        raise RejectedError(
            Reason.NO_CONTENT,
            f"'html' and 'text' are both missing or empty; one is required.{_other_names(value)}",
        )
    return article
