"""Parquet: one column a field, lists as lists, for DuckDB, pandas, Spark and their like."""

import itertools
from collections.abc import Iterable
from typing import IO, Any

from worker.articles import Article
from worker.errors import ConfigurationError

ROWS_A_GROUP = 1_000

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ModuleNotFoundError as error:
    raise ConfigurationError("Parquet needs the package pyarrow: pip install pyarrow") from error

_TEXT, _NUMBER, _MOMENT = pa.string(), pa.float64(), pa.timestamp("us", tz="UTC")


def _list_of(**fields: Any) -> Any:
    return pa.list_(pa.struct(list(fields.items())))


SCHEMA = pa.schema(
    {
        "id": _TEXT,
        "revision": pa.int32(),
        "status": _TEXT,
        "duplicate_of": _TEXT,
        "similarity": _NUMBER,
        "copies": pa.int32(),
        "url": _TEXT,
        "source": _TEXT,
        "source_id": _TEXT,
        "outlet": _TEXT,
        "title": _TEXT,
        "authors": pa.list_(_TEXT),
        "published_at": _MOMENT,
        "modified_at": _MOMENT,
        "fetched_at": _MOMENT,
        "processed_at": _MOMENT,
        "section": _TEXT,
        "tags": pa.list_(_TEXT),
        "text": _TEXT,
        "paragraphs": pa.list_(_TEXT),
        "html": _TEXT,
        "links": _list_of(href=_TEXT, text=_TEXT, rel=_TEXT),
        "word_count": pa.int32(),
        "content_hash": _TEXT,
        "language": _TEXT,
        "entities": _list_of(text=_TEXT, label=_TEXT, start=pa.int32(), end=pa.int32()),
        "quotes": _list_of(text=_TEXT, speaker=_TEXT, start=pa.int32(), end=pa.int32()),
        "places": _list_of(
            name=_TEXT,
            country_code=_TEXT,
            geonames_id=pa.int64(),
            latitude=_NUMBER,
            longitude=_NUMBER,
        ),
        "topics": _list_of(code=_TEXT, name=_TEXT, score=_NUMBER),
        "keywords": _list_of(text=_TEXT, score=_NUMBER),
        "summary": _TEXT,
        "reading_seconds": pa.int32(),
        "story_id": _TEXT,
        # Everything, as JSON: what has no column of its own is found here.
        "document": _TEXT,
    }
)


def write_parquet(articles: Iterable[Article], output: IO[bytes]) -> int:
    """Write the articles to `output` as one Parquet file, zstd-compressed; return how many."""
    count = 0
    with pq.ParquetWriter(output, SCHEMA, compression="zstd") as writer:
        rows = iter(articles)
        while group := [_row(article) for article in itertools.islice(rows, ROWS_A_GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, SCHEMA))
            count += len(group)
    return count


def _row(article: Article) -> dict[str, Any]:
    fields = article.model_dump()
    row = {name: fields.get(name) for name in SCHEMA.names}
    row["status"] = article.status.value
    row["language"] = article.language.code if article.language else None
    row["document"] = article.model_dump_json()
    return row
