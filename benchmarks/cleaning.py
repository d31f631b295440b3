"""Cleaning: text, metadata, speed and memory beside other extractors, by source and language.

`python -m benchmarks.cleaning [pages|fragments|small] [STEP] [TOOL,TOOL]`. The evaluation data is the folder
that COPYDESK_EVAL names, else `../shared/eval` beside the checkout; `small` needs none. Each tool runs in a
process of its own, one after the other on the same documents; STEP takes every n-th document.
"""

import gzip
import json
import multiprocessing
import resource
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import evaluation, harness
from benchmarks.cleaning_score import Score, judge, mean
from benchmarks.cleaning_tools import TOOLS, installed, lines_of

CORE = ("aeb", "fundus_eval", "fundus_tests")
Row = dict[str, Any]


def data(kind: str) -> Path:
    """Return the file with the documents of one kind."""
    return evaluation.folder() / "extraction" / f"{kind}_dev.jsonl.gz"


def load(path: Path, step: int = 1) -> list[Row]:
    """Return every `step`-th document."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for number, line in enumerate(lines) if number % step == 0]


def small(count: int = 400) -> list[Row]:
    """Return made-up fragments of 2 kB in the shape that feeds hand over."""
    told = (
        "The council of Nordhavn voted on Tuesday night to close the fish market for the winter, after "
        "“a crack as long as a boat” was found in its roof, said Ida Brandt of the building office."
    )
    promotion = (
        '<p><strong>Also read: <a href="https://news.example/r">Why nobody saw it</a></strong></p>'
    )
    rows = []
    for number in range(count):
        parts = [f"<p>{told} Hall {number}, row {line}.</p>" for line in range(9)]
        parts.insert(4, promotion)
        rows.append({"id": str(number), "url": "https://news.example/a", "html": ".".join(parts)})
    return rows


def run(name: str, rows: list[Row], pipe: Any) -> None:
    """Clean all rows with one tool; send the answers, seconds a row, and memory in MB."""
    tool = TOOLS[name][1]()
    tool(rows[0]["html"], rows[0]["url"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers, spent = [], []
    for row in rows:
        begun = time.process_time()
        try:
            answer = tool(row["html"], row["url"])
        except Exception as error:  # noqa: BLE001 - a rival that fails has no answer, and we go on
            answer = {"error": repr(error)[:100]}
        spent.append(time.process_time() - begun)
        answers.append(answer)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pipe.send((answers, spent, peak / 1024, (peak - before) / 1024))


def measured(name: str, rows: list[Row]) -> tuple[list[Row], list[float], float, float]:
    """Run a tool in a fresh process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(name, rows, there))
    process.start()
    result: tuple[list[Row], list[float], float, float] = here.recv()
    process.join()
    return result


def groups_of(row: Row) -> list[str]:
    """Return the groups that a document counts in: its source, core, all, its language."""
    source = row["source"]
    named = [source, "core"] if source in CORE else [source]
    language = [f"language {row['lang']}"] if row.get("lang") else []
    return [*named, "all", *language]


def table(scores: dict[str, dict[str, Score]], sizes: dict[str, int]) -> None:
    """Print the figures of every group, one line a tool."""
    order = sorted(sizes, key=lambda name: (name.startswith("language"), name))
    for group in order:
        if group.startswith("language") and sizes[group] < 3:
            continue
        print(f"\n{group} ({sizes[group]})")
        for name, by_group in scores.items():
            score = by_group[group]
            line = f"  {name:<17} P {mean(score.precision):.3f}  R {mean(score.recall):.3f}"
            line += f"  F1 {score.f1:.4f}"
            if score.leaked:
                line += f"  leak {mean(score.leaked):5.1%} of {len(score.leaked)}"
            if score.title and not group.startswith("language"):
                line += f"  title {mean(score.title):.2f}  authors {mean(score.authors):.2f}"
                line += f"  invented {mean(score.invented):.2f}  date {mean(score.date):.2f}"
            print(line)


def main(kind: str = "pages", step: int = 1, tools: Sequence[str] = tuple(TOOLS)) -> None:
    """Measure and print."""
    print(harness.machine())
    rows = small() if kind == "small" else load(data(kind), step)
    lines = [lines_of(row["html"]) for row in rows] if kind != "small" else []
    scores: dict[str, dict[str, Score]] = {}
    sizes: dict[str, int] = defaultdict(int)
    for row in rows if kind != "small" else ():
        for group in groups_of(row):
            sizes[group] += 1
    rates: list[str] = []
    ours = 0.0
    for name in tools:
        release = installed(name)
        if release is None:
            print(f"not installed: {name}")
            continue
        answers, spent, peak, grown = measured(name, rows)
        scores[name] = defaultdict(Score)
        for row, answer, listed in zip(rows, answers, lines or [[]] * len(rows), strict=True):
            for group in groups_of(row) if kind != "small" else ():
                judge(row, answer, listed, scores[name][group])
        rate = len(rows) / sum(spent)
        ours = ours or rate
        middle = 1000 * statistics.median(spent)
        rates.append(
            f"  {name:<17} {rate:8.1f}/s  ×{rate / ours:.2f}  median {middle:.2f} ms"
            f"  slowest {max(spent):.2f} s  memory {peak:.0f} MB, grew {grown:.0f} MB  ({release})"
        )
    table(scores, sizes)
    size = statistics.fmean(len(row["html"]) for row in rows) / 1000
    print(f"\nspeed, one process each, {len(rows)} documents of {size:.1f} kB", *rates, sep="\n")


if __name__ == "__main__":
    arguments = dict(enumerate(sys.argv))
    chosen = arguments[3].split(",") if 3 in arguments else tuple(TOOLS)
    main(arguments.get(1, "pages"), int(arguments.get(2, 1)), chosen)
