"""Signing: texts of 250 words, one core, each way in turn within a round."""

import random
import time
from collections.abc import Callable
from typing import Any

from benchmarks import dedup_ways, harness
from worker.dedup.fingerprint import fingerprint, fingerprints

WORDS, TEXTS, ROUNDS, BATCH = 250, 1_000, 5, 64
COPYDESK = f"copydesk, {BATCH} at once"


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
    ways: dict[str, Callable[[list[str]], Any]] = {
        COPYDESK: _in_batches,
        "copydesk, one by one": _one_by_one(fingerprint),
    }
    for name, sign in {
        "datasketch": dedup_ways.datasketch_sign,
        "rensa": dedup_ways.rensa_sign,
    }.items():
        if harness.installed(name):
            ways[name] = _one_by_one(sign)
        else:
            report.notes.append(f"{name} is not installed")
    ways["SimHash"] = _one_by_one(dedup_ways.simhash_sign)
    made = texts()
    for sign in ways.values():
        sign(made[:BATCH])
    for _ in range(ROUNDS):
        for name, sign in ways.items():
            before = time.process_time()
            sign(made)
            report.add(name, len(made) / (time.process_time() - before))
    for name in ways:
        if name != COPYDESK:
            report.compare(f"{COPYDESK} ÷ {name}", COPYDESK, name)
    return report


def _in_batches(made: list[str]) -> None:
    for at in range(0, len(made), BATCH):
        fingerprints([(text, None) for text in made[at : at + BATCH]])


def _one_by_one(sign: Callable[[str], Any]) -> Callable[[list[str]], None]:
    def all_of(made: list[str]) -> None:
        for text in made:
            sign(text)

    return all_of
