"""Bytes an article: in flight on the Redis server, in the index, in the output stream; a worker's own memory.

`python -m benchmarks.memory [COUNT]`.
"""

import sys
from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.generate import articles
from worker import services
from worker.broker import EmbeddedBroker
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.work import process_batch


def measure(*, count: int = 3000) -> harness.Report:
    """Measure the server's memory as articles are published, read, and carried through."""
    report = harness.Report(f"Memory, {count:,} articles, profile light", unit="bytes")
    bodies = harness.encoded(articles(count))
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(data_dir=path, redis_url=broker.url, profile="light", log_level="error")
        settings.raw_retention = 0
        built = services.build(settings)
        built.streams.create_groups()
        client = built.client

        def used() -> int:
            memory: Any = client.info("memory")
            return int(memory["used_memory"]) - int(memory["mem_aof_buffer"])

        empty = used()
        for _ in Publisher(settings, client=client).publish_many(bodies):
            pass
        ids: list[str] = []
        while len(ids) < count:
            ids += built.streams.read(Lane.LIVE, "intake:bench", 1000)
        flight = (used() - empty) / count
        report.add("raw article", sum(map(len, bodies)) / count)
        report.add("in flight on the server", flight)
        report.compare("redis_bytes_in_flight", "in flight on the server", "raw article")
        outcomes = 0
        for at in range(0, count, 64):
            result = process_batch(built, Lane.LIVE, ids[at : at + 64])
            outcomes += sum(one.outcome.value == "new" for one in result.settlements)
        kept = 0
        for key in client.scan_iter(match="*dedup*", count=1000):
            kept += int(client.memory_usage(key, samples=0) or 0)
        report.add("index, a new article", kept / outcomes)
        output: Any = client.memory_usage(built.streams.keys.articles, samples=0)
        report.add("output stream, an entry", output / client.xlen(built.streams.keys.articles))
        store = Path(settings.store_url().removeprefix("sqlite:///"))
        report.add("store, an article", store.stat().st_size / count)
        built.close()
    for profile in () if count < 1000 else ("light", "full"):
        with harness.desk(bodies[:100], profile=profile) as desk:
            for name, size in _worker_memory(desk.settings.data_dir).items():
                report.add(f"worker, {profile}: {name}", size)
    return report


def _worker_memory(folder: Path) -> dict[str, float]:
    """Return the proportional set size of a desk's processes: memory that is shared counts once."""
    sizes: dict[str, float] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            mine = str(folder).encode() in (process / "environ").read_bytes()
            lines = (process / "smaps_rollup").read_text().splitlines() if mine else []
        except OSError:
            continue
        size = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        if "worker" in command and size:
            role = "intake" if " intake" in command else "main and child processes"
            sizes[role] = sizes.get(role, 0.0) + size
    return sizes


if __name__ == "__main__":
    harness.quiet()
    print(harness.machine())
    measure(**({"count": int(sys.argv[1])} if len(sys.argv) > 1 else {})).print()
