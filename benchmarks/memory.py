"""Bytes an article: in flight on the Redis server, in the index, in the output stream; a worker's own memory.

`python -m benchmarks.memory [COUNT] [--record]`. The capacity table reads `bytes.json`.
"""

import sys
from pathlib import Path
from typing import Any, Literal

from benchmarks import harness
from benchmarks.generate import articles
from worker import services
from worker.broker import EmbeddedBroker
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.work import process_batch

BYTES = Path(__file__).with_name("bytes.json")
RAW, OUTPUT, STORED = "in flight on the server", "output stream, an entry", "store, an article"


def measure(*, count: int = 3000, profile: Literal["light", "full"] = "full") -> harness.Report:
    """Measure the server's memory as articles are published, read, and carried through."""
    report = harness.Report(f"Memory, {count:,} articles, profile {profile}", unit="bytes")
    bodies = harness.encoded(articles(count))
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(data_dir=path, redis_url=broker.url, profile=profile, log_level="error")
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
        report.add(RAW, flight)
        report.compare("redis_bytes_in_flight", RAW, "raw article")
        outcomes = 0
        for at in range(0, count, 64):
            result = process_batch(built, Lane.LIVE, ids[at : at + 64])
            outcomes += sum(one.outcome.value == "new" for one in result.settlements)
        kept = 0
        for key in client.scan_iter(match="*dedup*", count=1000):
            kept += int(client.memory_usage(key, samples=0) or 0)
        report.add("index, a new article", kept / outcomes)
        output: Any = client.memory_usage(built.streams.keys.articles, samples=0)
        report.add(OUTPUT, output / client.xlen(built.streams.keys.articles))
        built.close()  # now nothing of the store is left in its write-ahead log
        store = Path(settings.store_url().removeprefix("sqlite:///"))
        report.add(STORED, store.stat().st_size / count)
    for one in () if count < 1000 else ("light", "full"):
        with harness.desk(bodies[:100], profile=one) as desk:
            for name, size in _worker_memory(desk.settings.data_dir).items():
                report.add(f"worker, {one}: {name}", size)
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


def read_bytes() -> dict[str, float]:
    """Return the recorded bytes an article."""
    return harness.read_figures(BYTES)


def main() -> None:
    """Measure, print, and record where that is asked for."""
    harness.quiet()
    print(harness.machine())
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    report = measure(**({"count": numbers[0]} if numbers else {}))
    report.print()
    if "--record" in sys.argv:
        sizes = {name: round(report.median(name)) for name in (RAW, OUTPUT, STORED)}
        harness.record_figures(BYTES, sizes)


if __name__ == "__main__":
    main()
