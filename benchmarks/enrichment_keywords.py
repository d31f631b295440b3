"""Keywords on 500N-KPCrowd, Inspec and WikiNews, which is French, beside YAKE.

    python -m benchmarks.enrichment_keywords

F1 of the first ten, mean over documents. A phrase is right when it equals a gold one after lower
case, without punctuation (the gold of 500N has lost its own: "wellacted"), each word reduced by
Porter's stemmer; gold phrases count once.
"""

import re
import time
from collections.abc import Callable
from functools import cache

import Stemmer

from benchmarks import evaluation
from benchmarks.harness import installed, machine
from worker.enrichment.keywords import keywords
from worker.enrichment.words import vocabulary

_PORTER = Stemmer.Stemmer("porter")


@cache
def key(phrase: str) -> str:
    """Return what two phrases that match have in common."""
    return " ".join(_PORTER.stemWords(re.sub(r"[^\w\s]", "", phrase.lower()).split()))


def f1_at_10(gold: list[str], found: list[str]) -> float:
    """Return the F1 of the first ten phrases."""
    wanted = {key(phrase) for phrase in gold} - {""}
    drawn = list(dict.fromkeys(key(phrase) for phrase in found[:10]))
    right = sum(phrase in wanted for phrase in drawn)
    return 2 * right / (len(wanted) + len(drawn)) if wanted or drawn else 0.0


def ours(text: str, code: str = "en") -> list[str]:
    """Return Copydesk's keywords."""
    [found] = keywords([("", text)], vocabulary(code))
    return [keyword.text for keyword in found]


def yakes() -> dict[str, Callable[[str, str], list[str]]]:
    """Return YAKE with phrases of at most three words, its default, and of one."""
    import yake

    def extractor(longest: int) -> Callable[[str, str], list[str]]:
        yakers = {code: yake.KeywordExtractor(lan=code, n=longest, top=10) for code in ("en", "fr")}
        return lambda text, code: [phrase for phrase, _ in yakers[code].extract_keywords(text)]

    return {"YAKE, up to 3 words": extractor(3), "YAKE, 1 word": extractor(1)}


def main() -> None:
    """Print the figures."""
    print(machine())
    ways: dict[str, Callable[[str, str], list[str]]] = {"Copydesk": ours}
    if installed("yake"):
        ways |= yakes()
    else:
        print("YAKE is not installed")
    for name, code in (("500N-KPCrowd-v1.1", "en"), ("Inspec", "en"), ("WikiNews", "fr")):
        rows = evaluation.rows(f"keywords_{name}_dev")
        print(f"\n{name}: {len(rows)} documents, F1@10")
        for way, draw in ways.items():
            started = time.perf_counter()
            scores = [f1_at_10(row["keys"], draw(row["text"], code)) for row in rows]
            rate = len(rows) / (time.perf_counter() - started)
            print(f"  {way:20} {sum(scores) / len(scores):.3f}   {rate:,.0f} documents/s")


if __name__ == "__main__":
    main()
