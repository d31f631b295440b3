"""The contract with scrapers: what a raw article may hold, and its published JSON Schema."""

import datetime as dt
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from typer.testing import CliRunner

from worker import cli
from worker.articles import RawArticle
from worker.errors import RejectedError
from worker.reading import read_raw

EXAMPLES = Path(__file__).parents[1] / "examples"
BODY = {"html": "<p>The ferry is back.</p>"}


@pytest.fixture(scope="module")
def schema() -> jsonschema.protocols.Validator:
    """The schema of raw articles as the command prints it."""
    cli._register()
    printed = CliRunner().invoke(cli.app, ["schema", "raw"]).stdout
    kind = jsonschema.validators.validator_for(orjson.loads(printed))
    kind.check_schema(orjson.loads(printed))
    return kind(orjson.loads(printed))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"authors": "Anna Berg", "tags": ["harbour", {"name": "ferries"}]},
        {"authors": [{"name": "Anna Berg"}], "images": "https://a.example/1.jpg"},
        {"images": ["https://a.example/1.jpg", {"url": "https://a.example/2.jpg", "width": 9}]},
        {"id": 7, "published_at": 1_795_000_000, "modified_at": "Mon, 16 Nov 2026 09:12:00 GMT"},
        {"published_at": "", "fetched_at": None, "extra": None, "authors": None, "images": None},
        {"desk": "city", "extra": {"feed": 3}},
    ],
)
def test_what_is_accepted_is_valid_by_the_schema(
    schema: jsonschema.protocols.Validator, fields: dict[str, Any]
) -> None:
    """Given an article that the desk accepts, then it is valid by the schema."""
    article = {**BODY, **fields}

    read_raw(orjson.dumps(article), max_bytes=10_000)
    schema.validate(article)


@pytest.mark.parametrize(
    "fields",
    [{"html": ["<p>"]}, {"url": 5}, {"kind": "book"}, {"tags": 5}, {"published_at": {"day": 1}}],
)
def test_what_is_refused_is_not_valid(
    schema: jsonschema.protocols.Validator, fields: dict[str, Any]
) -> None:
    """Given a field of a wrong type, then both refuse it."""
    article = {**BODY, **fields}

    with pytest.raises(RejectedError):
        read_raw(orjson.dumps(article), max_bytes=10_000)
    assert not schema.is_valid(article)


def test_the_examples_are_valid(schema: jsonschema.protocols.Validator) -> None:
    """Given the example articles, then each is valid."""
    for line in (EXAMPLES / "articles.jsonl").read_bytes().splitlines():
        schema.validate(orjson.loads(line))


def test_a_time_that_is_empty_is_none() -> None:
    """Given a page without a date, which scrapers write as an empty string, then the article has none."""
    raw = RawArticle.model_validate({**BODY, "published_at": " ", "modified_at": "2026-11-16"})

    assert (None, dt.datetime(2026, 11, 16, tzinfo=dt.UTC)) == (raw.published_at, raw.modified_at)


def test_unknown_fields_are_kept_beside_extra() -> None:
    """Given fields that nobody knows, then they stand in `extra` with what the scraper put there itself."""
    raw = RawArticle.model_validate({**BODY, "desk": "city", "extra": {"feed": 3}})

    assert {"feed": 3, "desk": "city"} == raw.extra


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (b'{"html": NaN}', "not_json", "NaN and Infinity are not JSON"),
        (b'{"html": ', "not_json", "This is not JSON: "),
        (b'{"extra": ' + b"[" * 3000 + b"]" * 3000 + b"}", "too_deep", "1,024 levels"),
        (b"\xff\x00", "binary", "binary data"),
        (
            "{}".encode("utf-16-le"),
            "binary",
            "UTF-16",
        ),  # a line behind the first has no mark of its order
        ('{"html": "A"}'.encode("utf-16"), "not_json", "UTF-16 text; write JSON as UTF-8"),
        (b'{"body": "x", "link": "y"}', "no_content", "It has body, link\\.$"),
        (b'{"text": "", "link": "y"}', "no_content", "one is required\\.$"),
    ],
)
def test_the_message_says_what_is_wrong_and_no_more(data: bytes, reason: str, said: str) -> None:
    """Given input of one fault, then the message is about that fault."""
    with pytest.raises(RejectedError, match=said) as refused:
        read_raw(data, max_bytes=10_000)

    assert reason == refused.value.reason
    assert ("NaN" in str(refused.value)) == (b"NaN" in data)
