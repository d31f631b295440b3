"""Figures on the development stream: wire copy, re-scrapes, newsroom edits."""

import gzip

import orjson
import pytest
import redis

from benchmarks import evaluation
from benchmarks.dedup_quality import score
from worker.cli.dedupe import dedupe_lines
from worker.dedup.index import RedisIndex
from worker.settings import Settings


@pytest.mark.quality
@pytest.mark.skipif(not evaluation.is_here(), reason="no evaluation data (COPYDESK_EVAL)")
def test_copies_are_found_and_stories_kept(client: redis.Redis, settings: Settings) -> None:
    """Given the stream, when each row is judged in turn, then hardly a story is dropped or a copy missed."""
    stream = evaluation.folder() / "dedup" / "dev.jsonl.gz"
    lines = gzip.decompress(stream.read_bytes()).splitlines()
    rows = [orjson.loads(line) for line in lines]
    index = RedisIndex(client, settings)
    said = {row["id"]: row["duplicate_of"] for row in dedupe_lines(lines, index, settings)}

    precision, recall, drops = score(rows, said)
    assert 2 * precision * recall / (precision + recall) >= 0.990
    assert drops <= 15
    wire = [row for row in rows if row.get("date")]
    precision, recall, _ = score(wire, said)
    assert 2 * precision * recall / (precision + recall) >= 0.94
