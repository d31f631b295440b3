"""Signing: texts of 250 words, one core, each way in turn within a round."""

import random
import time
from collections.abc import Callable
from typing import Any

from benchmarks import dedup_ways, harness
from worker.dedup.fingerprint import fingerprint

WORDS, TEXTS, ROUNDS = 250, 1_000, 5


def texts(count: int = TEXTS, seed: int = 7) -> list[str]:
    """Return made-up texts with sentences, names and numbers."""
    chosen = random.Random(seed)
    known = [
        "".join(chosen.choices("abcdeilmnorstu", k=chosen.randint(2, 9))) for _ in range(8_000)
    ]
    made = []
    for _ in range(count):
        words = chosen.choices(known, k=WORDS)
        for place in range(0, WORDS, 14):
            words[place] = words[place].title()
            words[place + 5] = str(chosen.randint(1, 90_000))
            words[place + 9] += "."
        made.append(" ".join(words))
    return made


def measure() -> harness.Report:
    """Measure signatures a second of processor time."""
    report = harness.Report(f"Signing, {WORDS} words", "texts/s of processor time")
    ways: dict[str, Callable[[str], Any]] = {"copydesk": fingerprint}
    for name, sign in {
        "datasketch": dedup_ways.datasketch_sign,
        "rensa": dedup_ways.rensa_sign,
    }.items():
        if harness.installed(name):
            ways[name] = sign
        else:
            report.notes.append(f"{name} is not installed")
    ways["SimHash"] = dedup_ways.simhash_sign
    made = texts()
    for sign in ways.values():
        sign(made[0])
    for _ in range(ROUNDS):
        for name, sign in ways.items():
            before = time.process_time()
            for text in made:
                sign(text)
            report.add(name, len(made) / (time.process_time() - before))
    for name in ways:
        if name != "copydesk":
            report.compare(f"copydesk ÷ {name}", "copydesk", name)
    return report
