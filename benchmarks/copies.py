"""Exact copies: the same bodies at other addresses, as a wire's customers publish them.

`python -m benchmarks.copies [COUNT] [ROUNDS]`: a hundred stories first, then COUNT copies of them.
"""

import random

import orjson

from benchmarks import harness
from benchmarks.generate import articles


def measure(*, count: int = 12_000, rounds: int = 3) -> harness.Report:
    """Measure the rate of copies, against that of articles that are all new, in the light profile."""
    report = harness.Report("Exact copies, profile light")
    stories = list(articles(100, seed=7, copies=0.0, updates=0.0))
    chance = random.Random(1)
    with harness.desk(harness.encoded(iter(stories)), profile="light") as desk:
        for number in range(rounds):
            copies = [
                orjson.dumps(
                    {**chance.choice(stories), "url": f"https://copy.example/{number}-{n}"}
                )
                for n in range(count)
            ]
            report.add("copies", len(copies) / desk.carry(copies))
            new = harness.encoded(articles(count // 5, seed=100 + number, copies=0.0, updates=0.0))
            report.add("new articles", len(new) / desk.carry(new))
    report.compare("copies_to_new", "copies", "new articles")
    return report


if __name__ == "__main__":
    harness.run(measure)
