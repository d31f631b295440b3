"""Runs the benchmarks: `python -m benchmarks [PART…]`; without a part it lists them.

`all` runs every part; `--smoke` a small form of those that finish within a minute; `--record` writes the
ratios to `recorded.json`; `--check` ends with status 1 where one is over 20 % worse than recorded. Nothing
is installed: rivals that are missing are named and left out.
"""

import argparse
import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import harness

RECORDED = Path(__file__).with_name("recorded.json")
TOLERANCE = 0.2
SMALLER_IS_BETTER = frozenset({"redis_bytes_in_flight", "cost_at_size"})


def _part(module: str, *arguments: Any, **options: Any) -> Callable[..., harness.Report]:
    def run(**smaller: Any) -> harness.Report:
        measure = importlib.import_module(f"benchmarks.{module}").measure
        report: harness.Report = measure(*arguments, **{**options, **smaller})
        return report

    return run


PARTS: dict[str, tuple[str, Callable[..., harness.Report], dict[str, Any] | None]] = {
    "full": (
        "end to end against the hand-written pipeline, full profile",
        _part("end_to_end", "full"),
        None,
    ),
    "light": (
        "the same without entities, against the same without spaCy",
        _part("end_to_end", "light"),
        {"count": 300, "rounds": 1},
    ),
    "plain": (
        "cleaning, deduplication and storing alone, against the same without spaCy",
        _part("end_to_end", "plain"),
        None,
    ),
    "ceiling": (
        "end to end against a plain loop × cores, full profile",
        _part("ceiling", "full"),
        None,
    ),
    "ceiling-light": ("the same, light profile", _part("ceiling", "light"), None),
    "engine": (
        "the engine alone against a stream loop and other task queues",
        _part("engine"),
        {"count": 2000, "rounds": 1, "rivals": False},
    ),
    "copies": ("exact copies", _part("copies"), None),
    "scaling": ("one and two processes, one to four hosts", _part("scaling"), None),
    "latency": (
        "published to stored at 1, 10 and 50 % load, full profile",
        _part("latency", "full"),
        None,
    ),
    "memory": (
        "bytes an article, and a worker's memory",
        _part("memory"),
        {"count": 500, "profile": "light"},
    ),
    "growth": ("cost as index and store grow to a million", _part("growth"), None),
}
"""Part to what it measures, how, and how much of it the smoke form does; None: nothing."""

STAGES = ("cleaning", "dedup", "enrichment", "enrichment_topics", "sinks")
"""Programs of the stages, each against the libraries it beats."""


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    stages = [name for name in STAGES if Path(__file__).with_name(f"{name}.py").exists()]
    if not asked.parts and not asked.smoke:
        for name, (what, _, _) in PARTS.items():
            print(f"{name:<14} {what}")
        for name in stages:
            print(f"{name:<14} the stage against other libraries: python -m benchmarks.{name}")
        return 0
    everything = "all" in asked.parts
    chosen = [*PARTS, *stages] if everything or not asked.parts else asked.parts
    unknown = [name for name in chosen if name not in PARTS and name not in stages]
    if unknown:
        parser.error(f"there is no part {unknown[0]}; known are {', '.join([*PARTS, *stages])}")
    harness.quiet()
    print(harness.machine(), flush=True)
    ratios: dict[str, float] = {}
    for name in chosen:
        if name in PARTS:
            ratios |= _run(name, smoke=asked.smoke)
        elif not asked.smoke:
            subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
    recorded = read_recorded()
    if asked.record:
        written = {**recorded, **{name: round(ratio, 3) for name, ratio in ratios.items()}}
        harness.record_figures(RECORDED, dict(sorted(written.items())))
    worse = regressions(ratios, recorded)
    for line in worse:
        print(line)
    return int(asked.check and bool(worse))


def read_recorded() -> dict[str, float]:
    """Return the ratios of the last recorded run."""
    return harness.read_figures(RECORDED)


def regressions(ratios: dict[str, float], recorded: dict[str, float]) -> list[str]:
    """Say which ratios are worse than recorded by more than `TOLERANCE`.

    >>> regressions({"end_to_end_full": 4.0}, {"end_to_end_full": 6.0})
    ['end_to_end_full is 4.00, recorded is 6.00: 33 % worse']
    >>> regressions({"end_to_end_full": 5.0}, {"end_to_end_full": 6.0})
    []
    """
    lines = []
    for name in ratios.keys() & recorded.keys():
        better = recorded[name] / ratios[name]
        if name in SMALLER_IS_BETTER:
            better = 1 / better
        if better > 1 / (1 - TOLERANCE):
            lines.append(
                f"{name} is {ratios[name]:.2f}, recorded is {recorded[name]:.2f}: "
                f"{1 - 1 / better:.0%} worse".replace("%", " %")
            )
    return sorted(lines)


def _run(name: str, *, smoke: bool) -> dict[str, float]:
    _, run, smaller = PARTS[name]
    if smoke and smaller is None:
        return {}
    report = run(**(smaller or {} if smoke else {}))
    report.print()
    sys.stdout.flush()
    return report.ratios


if __name__ == "__main__":
    sys.exit(main())
