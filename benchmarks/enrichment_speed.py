"""All enrichers together beside the entities alone, and the memory of a worker and its processes.

    python -m benchmarks.enrichment_speed

Memory is the proportional set size (Linux): pages that processes share count once.
"""

import multiprocessing
import time
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.evaluation import batches, rows
from benchmarks.harness import machine
from worker.articles import Article
from worker.enrichment import Enricher, build, enrich
from worker.settings import Settings

ARTICLES = 192
PROCESSES = 2


def articles() -> list[Article]:
    """Return fresh articles."""
    texts = [row["text"] for row in rows("topics_bbc_dev", ARTICLES)]
    return [
        Article(id=str(n), title=text.partition("\n")[0], text=text) for n, text in enumerate(texts)
    ]


def seconds(enrichers: list[Enricher]) -> tuple[float, Counter[str]]:
    """Return seconds an article, and milliseconds an article by enricher."""
    batch_of = articles()
    started = time.perf_counter()
    for batch in batches(batch_of):
        enrich(enrichers, batch)
    taken = (time.perf_counter() - started) / len(batch_of)
    parts: Counter[str] = Counter()
    for article in batch_of:
        for name, run in article.provenance.enrichers.items():
            parts[name] += (run.milliseconds or 0.0) / len(batch_of)
    return taken, parts


def megabytes() -> float:
    """Return the proportional set size of this process."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def memory(enrichers: list[Enricher]) -> float:
    """Return megabytes of a parent with the models and its processes, all at work."""
    context = multiprocessing.get_context("fork")
    gate = context.Barrier(PROCESSES + 1)
    sizes = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(enrichers, gate, sizes)) for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    gate.wait()
    total = megabytes() + sum(sizes.get() for _ in workers)
    gate.wait()
    for worker in workers:
        worker.join()
    return total


def _work(
    enrichers: list[Enricher], gate: Barrier, sizes: "multiprocessing.SimpleQueue[float]"
) -> None:
    seconds(enrichers)
    gate.wait()
    sizes.put(megabytes())
    gate.wait()


def main() -> None:
    """Print the figures."""
    everything = build(Settings(profile="full"))
    alone = [one for one in everything if one.name in {"language", "entities"}]
    seconds(everything)
    rounds = [(seconds(alone)[0], *seconds(everything)) for _ in range(3)]
    entities, together, parts = min(rounds, key=lambda one: one[1])
    print(
        f"speed     entities alone {1 / entities:.1f} articles/s, all {1 / together:.1f}: "
        f"{entities / together:.0%}"
    )
    print(
        "speed     ms an article: "
        + ", ".join(f"{name} {value:.2f}" for name, value in parts.most_common())
    )
    print(f"memory    a worker and {PROCESSES} processes: {memory(everything):.0f} MB")


if __name__ == "__main__":
    print(machine())
    main()
