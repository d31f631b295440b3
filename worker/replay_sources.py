"""The sources of a replay: files, an archive, a raw stream. Each yields positions and articles in order."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import redis

from worker.errors import ConfigurationError
from worker.files import Located, read_files
from worker.lanes import FIELD, ORIGIN_FIELD, Keys, Lane
from worker.reading import glance, source_of
from worker.sinks.archive import RawArchive

PAGE = 500
"""Entries of a raw stream read per round trip."""
# An id of a stream, or the beginning of one: 1772438400000-3, 1772438400000. Not a day: 20260221.
_STREAM_ID = re.compile(r"\d{9,}(-\d+)?|\d+-\d+")


def from_files(paths: Iterable[str], after: str = "") -> Iterator[tuple[str, Located]]:
    """Yield the articles of files; the position is the article's number, from 1."""
    yield from _numbered(read_files(paths), after)


def from_archive(
    url: str,
    *,
    since: dt.date | None = None,
    until: dt.date | None = None,
    after: str = "",
    say: Callable[[str], None] = lambda _what: None,
) -> Iterator[tuple[str, bytes]]:
    """Yield the articles of an archive, from the day `since` to before `until`.

    `say` is told what is damaged.

    Raises:
        ConfigurationError: there is no archive, or it is empty.
    """
    archive = RawArchive(url)
    if archive.empty():
        raise ConfigurationError(f"There is no archive at {url}, or it is empty.")
    return archive.lines(since, until, after, say)


def end_of_stream(client: redis.Redis, keys: Keys, lane: Lane, until: str = "+") -> str:
    """Return the id of the last entry in a raw stream, up to the id `until`; empty if there is none."""
    last: Any = client.xrevrange(keys.raw(lane), max=until, count=1)
    return last[0][0].decode() if last else ""


def from_stream(
    client: redis.Redis,
    keys: Keys,
    lane: Lane,
    *,
    until: str,
    since: str = "-",
    source: str | None = None,
    after: str = "",
) -> Iterator[tuple[str, Located]]:
    """Yield the entries still in a raw stream, from the id `since` to `until`; the position is the id.

    Take `until` from `end_of_stream`: otherwise a replay would read the entries that it publishes itself.
    """
    low = f"({after}" if after else since
    while until:
        page: Any = client.xrange(keys.raw(lane), min=low, max=until, count=PAGE)
        for entry_id, fields in page:
            data = fields.get(FIELD)
            if data is not None and _is_of(source, data):
                origin = fields.get(ORIGIN_FIELD, b"").decode("utf-8", "replace")
                yield entry_id.decode(), Located(data, origin)
        if len(page) < PAGE:
            return
        low = f"({page[-1][0].decode()}"


def stream_id(text: str) -> str:
    """Return the stream id for an id, or for a time in ISO 8601 (UTC unless it has an offset).

    >>> stream_id("2026-03-02T08:00:00Z")
    '1772438400000'
    >>> stream_id("1772438400000-3")
    '1772438400000-3'

    Raises:
        ValueError: it is neither; the text says what to write.
    """
    if _STREAM_ID.fullmatch(text):
        return text
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is neither a time (2026-02-21T18:30:00Z) nor the id of an entry (1772438400000-0)"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return str(int(moment.timestamp() * 1000))


def of_source(
    articles: Iterable[tuple[str, Located]] | Iterable[tuple[str, bytes]], source: str | None
) -> Iterator[tuple[str, bytes | Located]]:
    """Keep the articles of one source, or of its host where they name none; positions stay the same."""
    for position, article in articles:
        if _is_of(source, article.data if isinstance(article, Located) else article):
            yield position, article


def _is_of(source: str | None, data: bytes) -> bool:
    return source is None or source_of(*glance(data)) == source


def _numbered(articles: Iterable[Located], after: str) -> Iterator[tuple[str, Located]]:
    skip = int(after or 0)
    for number, article in enumerate(articles, start=1):
        if number > skip:
            yield str(number), article
