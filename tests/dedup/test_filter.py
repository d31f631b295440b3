"""`copydesk dedupe` and `copydesk index`: the commands themselves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.dedup.stories import HARBOUR, ORCHARD
from worker.cli.dedupe import dedupe_lines
from worker.dedup.memory import MemoryIndex
from worker.settings import Settings


def lines(*rows: object) -> list[bytes]:
    """Return rows as JSON Lines."""
    return [json.dumps(row).encode() for row in rows]


def test_rows_are_judged_in_their_order_and_named_by_their_ids() -> None:
    """Given stories, a copy, a re-scrape and rubbish, then each line has its answer in its place."""
    rows = lines(
        {"id": "one", "text": HARBOUR, "url": "https://example.com/1"},
        {"id": 2, "text": HARBOUR.replace("Tuesday", "Monday")},
        {"id": "again", "text": HARBOUR, "url": "http://www.example.com/1?utm_source=x"},
        {"id": "four", "html": f"<p>{ORCHARD}</p>"},
        {"id": "five", "text": " "},
        [],
    )
    found = list(dedupe_lines([*rows, b"{"], MemoryIndex(), Settings()))
    assert [row.get("status") for row in found] == [
        "new", "duplicate", "unchanged", "new", None, None, None,
    ]  # fmt: skip
    assert (found[1]["id"], found[1]["duplicate_of"]) == (2, "one")
    assert found[1]["evidence"]["compared_to"] == "one"
    assert [row["error"]["reason"] for row in found[4:]] == ["no_text", "not_an_object", "not_json"]


def test_two_rows_without_address_are_two_articles() -> None:
    """Given equal texts under two ids, when neither has an address, then one is a copy of the other."""
    found = list(
        dedupe_lines(
            lines({"id": "a", "text": HARBOUR}, {"id": "b", "text": HARBOUR}), MemoryIndex()
        )
    )
    assert [row["status"] for row in found] == ["new", "duplicate"]


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        input=stdin, capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_command_leaves_nothing_behind(redis_url: str, client: redis.Redis) -> None:
    """Given a scratch index, when the filter is done, then its keys are gone."""
    before = client.dbsize()
    rows = lines({"id": "a", "text": HARBOUR}, {"id": "b", "text": HARBOUR})
    done = run("dedupe", "--redis", redis_url, stdin=b"\n".join(rows))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["duplicate_of"] for row in found] == [None, "a"]
    assert client.dbsize() == before


def test_a_named_index_is_kept_measured_and_forgets(
    redis_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Given the desk's own index, when rows went through, then it can be measured and made to forget."""
    monkeypatch.setenv("COPYDESK_NAMESPACE", namespace)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(b"\n".join(lines({"id": "a", "text": HARBOUR})))
    assert run("dedupe", str(rows), "--redis", redis_url, "--index", "dedup").returncode == 0
    done = run("index", "stats", "--json", "--redis", redis_url)
    assert json.loads(done.stdout)["documents"] == 1
    assert run("index", "forget", "a", "--redis", redis_url).returncode == 0
    assert run("index", "forget", "a", "--redis", redis_url).returncode == 1
