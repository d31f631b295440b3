"""`copydesk enrich` as a function: rows in, the same rows with more fields out."""

import orjson

from worker.cli.enrich import enrich_lines
from worker.enrichment import build
from worker.settings import Settings

LIGHT = build(Settings(enrichers=["language"]))


def test_rows_keep_their_order_ids_and_fields() -> None:
    """Given rows with fields of their own, then they come back in order with `language` added."""
    rows = [
        {"id": 7, "text": "The council met on Monday to vote.", "desk": "city"},
        {"id": "b", "text": ""},
    ]
    results = list(enrich_lines(map(orjson.dumps, rows), LIGHT))
    assert [row["id"] for row in results] == [7, "b"]
    assert results[0]["desk"] == "city"
    assert results[0]["language"]["code"] == "en"
    assert results[0]["provenance"]["language"]["status"] == "done"


def test_a_bad_line_does_not_stop_the_others() -> None:
    """Given lines that are no articles, then each says so in its place."""
    lines = [b"{", b"[1]", b'{"id": "x"}', b'{"id": "y", "text": "All is well in town today."}']
    results = list(enrich_lines(lines, LIGHT))
    assert ["error" in row for row in results] == [True, True, True, False]
    reasons = [row["error"]["reason"] for row in results[:3]]
    assert ["not_json", "not_an_object", "no_content"] == reasons
    assert "x" == results[2]["id"]
