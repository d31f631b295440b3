"""Writing many articles in a format."""

import io
import sys

import orjson
import pytest

from worker.articles import Article
from worker.errors import ConfigurationError
from worker.formats import Format, write


def test_a_line_is_an_article(full: Article, bare: Article) -> None:
    """Given two articles; when written as JSONL; then each line reads back as it was."""
    output = io.BytesIO()

    assert 2 == write([full, bare], output)
    lines = output.getvalue().splitlines()
    assert [full, bare] == [Article.model_validate_json(line) for line in lines]


@pytest.mark.parametrize(
    ("format_", "key", "value"),
    [(Format.NINJS, "type", "text"), (Format.JSONLD, "@type", "NewsArticle")],
)
def test_other_formats_have_a_line_each(
    full: Article, format_: Format, key: str, value: str
) -> None:
    """Given a format; when two articles are written; then two lines of that format stand there."""
    output = io.BytesIO()
    write([full, full], output, format_)

    assert [value, value] == [orjson.loads(line)[key] for line in output.getvalue().splitlines()]


def test_parquet_has_a_row_each(full: Article, bare: Article) -> None:
    """Given articles with everything and with nothing.

    When written as Parquet; then columns hold them.
    """
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    output = io.BytesIO()

    assert 2 == write([full, bare], output, Format.PARQUET)
    first, second = parquet.read_table(io.BytesIO(output.getvalue())).to_pylist()
    assert ("full", "update", "en") == (first["id"], first["status"], first["language"])
    assert full.published_at == first["published_at"]
    assert [{"text": "quay", "score": 0.8}] == first["keywords"]
    assert full == Article.model_validate_json(first["document"])
    assert (None, [], None) == (second["title"], second["tags"], second["entities"])


def test_no_articles_make_a_valid_file() -> None:
    """Given nothing; when written as Parquet; then the file has the columns and no row."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    output = io.BytesIO()
    write([], output, Format.PARQUET)

    assert 0 == parquet.read_table(io.BytesIO(output.getvalue())).num_rows


def test_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given no pyarrow; when Parquet is asked for; then the message names the package."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "worker.formats.parquet", raising=False)

    with pytest.raises(ConfigurationError, match="pip install pyarrow"):
        write([], io.BytesIO(), Format.PARQUET)
