"""Two versions of the code by turns: what a change gains on a machine whose speed moves.

`python -m benchmarks.turns OTHER [full|light|plain|copies] [COUNT] [ROUNDS]`. OTHER is a checkout of the
other version, as `git worktree add ../other COMMIT` makes one. Both run as whole desks with the Python that
runs this; in each round one carries the same articles after the other, and the other waits idle.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import harness
from benchmarks.generate import articles

HERE = Path(__file__).parents[1]
COUNTS = {"full": 2000, "light": 6000, "plain": 8000, "copies": 12_000}
SETTINGS: dict[str, dict[str, Any]] = {
    "full": {"profile": "full"},
    "light": {"profile": "light"},
    "plain": {"enrichers": [], "stories": False},
    "copies": {"profile": "light"},
}
READY = "ready"


def main(other: str, kind: str = "light", count: int = 0, rounds: int = 5) -> None:
    """Measure both and print rates, processor time, and the ratios of this code to the other."""
    folder = Path(other).resolve()
    if not (folder / "worker" / "pipeline.py").is_file():
        sys.exit(
            f"{other} is no checkout of Copydesk; `git worktree add {other} COMMIT` makes one."
        )
    if kind not in COUNTS:
        sys.exit(f"There is no kind {kind!r}; known are {', '.join(COUNTS)}.")
    rate = harness.Report(f"This code and {other} by turns, {kind}")
    spent = harness.Report("Processor time, all processes and the server", unit="ms an article")
    with ExitStack() as stack:
        sides = {
            "this": stack.enter_context(_side(HERE, kind)),
            "other": stack.enter_context(_side(folder, kind)),
        }
        for number in range(rounds):
            # Who comes first takes turns as well.
            for name in sorted(sides, reverse=number % 2 == 0):
                a_second, milliseconds = _carry(sides[name], number, count or COUNTS[kind])
                rate.add(name, a_second)
                spent.add(name, milliseconds)
    for report in (rate, spent):
        report.compare("this_to_other", "this", "other")
        report.print()


@contextmanager
def _side(folder: Path, kind: str) -> Iterator["subprocess.Popen[str]"]:
    """A desk of the code in `folder`, warm, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    # -P: `benchmarks` is that of the checkout, not the folder of this file.
    command = [sys.executable, "-P", __file__, "--side", kind]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if _line(process) != READY:
            sys.exit(f"The desk of {folder} did not start; what it said stands above.")
        yield process
        if process.stdin is not None:
            process.stdin.close()  # its end


def _carry(process: "subprocess.Popen[str]", seed: int, count: int) -> tuple[float, float]:
    """Let a side carry articles; return articles a second and milliseconds of processor time an article."""
    print(seed, count, file=process.stdin, flush=True)
    a_second, milliseconds = map(float, _line(process).split())
    return a_second, milliseconds


def _line(process: "subprocess.Popen[str]") -> str:
    return process.stdout.readline().strip() if process.stdout else ""


def _be_a_side(kind: str) -> None:
    """Carry what is asked for on the standard input, with the code of the checkout in PYTHONPATH."""
    with harness.desk(harness.encoded(articles(400, seed=1000)), **SETTINGS[kind]) as desk:
        print(READY, flush=True)
        for line in sys.stdin:
            seed, count = map(int, line.split())
            batch = harness.encoded(
                _copies(seed, count) if kind == "copies" else articles(count, seed=seed)
            )
            before = harness.processor_seconds()
            seconds = desk.carry(batch)
            used = harness.processor_seconds() - before
            print(len(batch) / seconds, 1000 * used / len(batch), flush=True)


def _copies(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield copies of a hundred stories, each at an address of its own."""
    stories = list(articles(100, seed=7, copies=0.0, updates=0.0))
    for number in range(count):
        story = stories[number % len(stories)]
        yield {**story, "url": f"https://copy.example/{seed}-{number}"}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--side", kind]:
            _be_a_side(kind)
        case [other, *given] if not other.startswith("-") and len(given) <= 3:
            main(other, *given[:1], *map(int, given[1:]))
        case _:
            sys.exit(__doc__)
