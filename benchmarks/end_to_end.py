"""End to end, publish to stored, against the pipeline that people write by hand.

`python -m benchmarks.end_to_end full|light|plain [COUNT] [ROUNDS]`. Both sides stand ready and warm; in each
round one runs after the other, on the same articles, and the other side waits idle.
"""

import statistics
from typing import Any

from benchmarks import harness
from benchmarks.generate import articles
from benchmarks.handwritten.run import handwritten

COUNTS = {"full": (2000, 200), "light": (8000, 800), "plain": (8000, 800)}
"""Articles a round, for us and for the hand-written pipeline: each side runs five seconds and more."""
SETTINGS: dict[str, dict[str, Any]] = {
    "full": {"profile": "full"},
    "light": {"profile": "light"},
    "plain": {"enrichers": [], "stories": False},
}


def measure(kind: str = "full", *, count: int = 0, rounds: int = 3) -> harness.Report:
    """Measure a profile; `light` is compared with the same pipeline without spaCy.

    `plain` does what that one does: it cleans, deduplicates and stores, and enriches nothing.
    """
    ours, theirs = (count, max(20, count // 10)) if count else COUNTS[kind]
    report = harness.Report(f"End to end, {kind}, 35 % copies, 5 % updates")
    warm = harness.encoded(articles(200, seed=1000))
    with (
        harness.desk(warm, **SETTINGS[kind]) as desk,
        handwritten(warm[:40], nlp=kind == "full") as other,
    ):
        before = desk.stage_seconds()
        for number in range(rounds):
            batch = harness.encoded(articles(ours, seed=number))
            report.carry("copydesk", desk.carry, batch)
            batch = harness.encoded(articles(theirs, seed=number))
            report.carry("hand-written", other.carry, batch)
        spent = {name: after - before[name] for name, after in desk.stage_seconds().items()}
    whole = sum(spent.values())
    shares = ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in spent.items())
    per = ", ".join(f"{name} {1000 * s / ours / rounds:.2f}" for name, s in spent.items())
    report.notes += [f"share of a worker's time: {shares}", f"milliseconds an article: {per}"]
    report.compare(f"end_to_end_{kind}", "copydesk", "hand-written")
    pairs = zip(report.spent["copydesk"], report.spent["hand-written"], strict=True)
    report.ratios[f"processor_time_{kind}"] = statistics.median(its / mine for mine, its in pairs)
    return report


if __name__ == "__main__":
    harness.run(measure)
