"""Quality on a stream of rows with their true clusters: pairwise F1 and false drops in 10,000."""

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from benchmarks import dedup_ways, harness
from worker.broker import EmbeddedBroker
from worker.cli.dedupe import dedupe_lines
from worker.dedup.index import RedisIndex
from worker.settings import Settings


def measure(path: str) -> harness.Report:
    """Run each way over the stream, and score what it says."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(Path(path), "rb") as stream:
        lines = [line for line in stream if line.strip()]
    rows = [orjson.loads(line) for line in lines]
    report = harness.Report(f"Quality on {Path(path).name}, {len(rows):,} rows", "F1")
    _note(report, "copydesk", rows, _ours(lines))
    ways = {"datasketch": dedup_ways.datasketch, "rensa": dedup_ways.rensa}
    for name, way in ways.items():
        if harness.installed(name):
            _note(report, name, rows, _run(way(), rows))
        else:
            report.notes.append(f"{name} is not installed")
    _note(report, "SimHash", rows, _run(dedup_ways.simhash(), rows))
    return report


def _ours(lines: list[bytes]) -> dict[Any, Any]:
    import redis

    with harness.folder() as folder, EmbeddedBroker(folder) as broker:
        settings = Settings(namespace="bench")
        index = RedisIndex(redis.Redis.from_url(broker.url), settings)
        return {row["id"]: row["duplicate_of"] for row in dedupe_lines(lines, index, settings)}


def _run(seen: dedup_ways.Seen, rows: list[dict[str, Any]]) -> dict[Any, Any]:
    return {row["id"]: seen(row["id"], f"{row.get('title') or ''}\n{row['text']}") for row in rows}


def _note(
    report: harness.Report, name: str, rows: list[dict[str, Any]], said: dict[Any, Any]
) -> None:
    for part in [None, *sorted({row["set"] for row in rows if "set" in row})]:
        chosen = [row for row in rows if part in (None, row.get("set"))]
        precision, recall, drops = score(chosen, said)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        label = f"{name}, {part or 'all'}"
        report.add(label, f1)
        report.notes.append(
            f"{label}: P {precision:.4f} R {recall:.4f} false drops {drops:.1f} in 10,000"
        )


def score(rows: list[dict[str, Any]], said: dict[Any, Any]) -> tuple[float, float, float]:
    """Return pairwise precision and recall, and false drops in 10,000 documents that are first."""
    found = {row["id"]: _root(row["id"], said) for row in rows}
    both = _pairs(Counter((row["cluster_id"], found[row["id"]]) for row in rows))
    true = _pairs(Counter(row["cluster_id"] for row in rows))
    given = _pairs(Counter(found.values()))
    met: set[Any] = set()
    seen: set[Any] = set()
    firsts = dropped = 0
    for row in rows:
        if row["cluster_id"] not in met:
            firsts += 1
            dropped += found[row["id"]] in seen
        met.add(row["cluster_id"])
        seen.add(found[row["id"]])
    return (
        both / given if given else 1.0,
        both / true if true else 1.0,
        1e4 * dropped / max(1, firsts),
    )


def _root(id_: Any, said: dict[Any, Any]) -> Any:
    while said.get(id_) is not None:
        id_ = said[id_]
    return id_


def _pairs(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
