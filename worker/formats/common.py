"""What the formats share: names an article goes by, and values without the empty ones."""

import datetime as dt
import re
import uuid
from typing import Any

# An absolute address as RFC 3986 has it, in ASCII: https://example.com/news?id=7
_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:@-]+[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")


def web_address(url: str | None) -> str | None:
    """Return `url` if it is an absolute web address that a validator accepts, else None.

    >>> web_address("https://herald.example/news/7")
    'https://herald.example/news/7'
    >>> web_address("/news/7") is None, web_address("https://herald.example/a b") is None
    (True, True)
    """
    return url if url and _WEB_ADDRESS.fullmatch(url) else None


def uri_of(article_id: str) -> str:
    """Return the identifier of an article as a URN: the same for all its revisions and addresses.

    >>> uri_of("a1")
    'urn:uuid:81a574b4-4caf-5b36-b5a1-f43b9d4a2e13'
    """
    return uuid.uuid5(uuid.NAMESPACE_OID, f"copydesk:{article_id}").urn


def moment(value: dt.datetime | None) -> str | None:
    """Return an RFC 3339 date-time.

    >>> moment(dt.datetime(2026, 11, 16, 9, 12, tzinfo=dt.UTC))
    '2026-11-16T09:12:00+00:00'
    """
    return value.isoformat() if value else None


def filled(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that hold something: null, the empty string and the empty list say nothing.

    >>> filled({"name": "Eden", "role": None, "places": [], "count": 0})
    {'name': 'Eden', 'count': 0}
    """
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
