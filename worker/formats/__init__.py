"""Formats: an article as others read it. `jsonl` is the article itself, whole."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import IO

import orjson

from worker.articles import Article
from worker.formats import ninjs, schema_org


class Format(StrEnum):
    """What `copydesk export` writes."""

    JSONL = "jsonl"
    """The article itself, one a line."""
    NINJS = "ninjs"
    """IPTC ninjs 3.1, one a line."""
    JSONLD = "jsonld"
    """schema.org NewsArticle, one a line."""
    PARQUET = "parquet"
    """One file of columns; needs the package pyarrow (extra `parquet`)."""


def write(articles: Iterable[Article], output: IO[bytes], format_: Format = Format.JSONL) -> int:
    """Write the articles to `output`; return how many.

    Raises:
        ConfigurationError: Parquet is asked for and pyarrow is not installed.
    """
    if format_ is Format.PARQUET:
        from worker.formats.parquet import write_parquet  # noqa: PLC0415 - optional, and large

        return write_parquet(articles, output)
    encode = _LINES[format_]
    count = 0
    for article in articles:
        output.write(encode(article) + b"\n")
        count += 1
    return count


def _jsonl(article: Article) -> bytes:
    return article.model_dump_json().encode()


def _ninjs(article: Article) -> bytes:
    return orjson.dumps(ninjs.to_ninjs(article))


def _jsonld(article: Article) -> bytes:
    return orjson.dumps(schema_org.to_json_ld(article))


_LINES: dict[Format, Callable[[Article], bytes]] = {
    Format.JSONL: _jsonl,
    Format.NINJS: _ninjs,
    Format.JSONLD: _jsonld,
}
