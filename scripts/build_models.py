"""Builds `worker/enrichment/data/words.npz` and `topics.json`: word vectors and topic votes.

    python -m scripts.build_models mediatopics.json.gz

reads the IPTC Media Topics export (CC BY 4.0), `topic_seeds.txt` beside this file, the word
frequencies of wordfreq and all-MiniLM-L6-v2 (Apache-2.0). Nothing is learnt from any article.

*Vectors.* The 30,000 most frequent English words, each put through the encoder alone, less their
mean, on their first principal components (Tulkens & van Dongen, Model2Vec, 2024).

*Votes.* How much a word speaks for a topic is how near it lies to the topic's seed words: the mean
of exp(7 (cos - 1)) over the three nearest. Votes of one word are divided by their sum and a
constant, so that a word near to nothing votes for nothing and an ambiguous one splits its vote.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import wordfreq
from numpy.typing import NDArray

from scripts.minilm import MiniLM

DATA = Path(__file__).parents[1] / "worker" / "enrichment" / "data"
SEEDS = Path(__file__).with_name("topic_seeds.txt")

WORDS = 30_000
DIMENSIONS = 128
SHARPNESS = 7.0
NEAREST = 3
DOUBT = 0.6
"""Share of the vote that nothing gets: a word must lie near to outvote it."""
SECOND_DOUBT = 0.2
EVENNESS = 0.2
"""Power of a topic's vote over all English by which it is scaled down."""
RARE = 1e-4
"""A word of this frequency weighs half (smooth inverse frequency, Arora et al. 2017)."""
SEED_RARITY = 6e-4
"""A more frequent seed says too little to lead others."""
SEED_VOTE = 0.5

Matrix = NDArray[np.float32]


def main() -> None:
    """Build both files."""
    concepts = _concepts(Path(sys.argv[1]))
    listed = wordfreq.top_n_list("en", WORDS + 10_000)
    words = [w for w in listed if w.isalpha() and w.isascii() and len(w) > 1][:WORDS]
    frequency = np.array([wordfreq.word_frequency(w, "en", "small") or 1e-8 for w in words])
    vectors = MiniLM().encode(words)
    vectors -= vectors.mean(0)
    _, _, axes = np.linalg.svd(vectors[:20_000], full_matrices=False)
    near = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    seeds = _seeds({word: row for row, word in enumerate(words)}, frequency)
    tops = sorted({concepts[code]["parent"] for code in seeds})
    weight = RARE / (RARE + frequency)

    groups = [
        sorted({r for s in seeds if concepts[s]["parent"] == t for r in seeds[s]}) for t in tops
    ]
    first = _votes(near, groups)
    first /= first.sum(1, keepdims=True) + DOUBT
    everyday = (first * (frequency * weight)[:, None]).sum(0)
    first /= (everyday / everyday.mean()) ** EVENNESS
    second = _votes(near, list(seeds.values())) ** 2
    second /= second.sum(1, keepdims=True) + SECOND_DOUBT**2

    DATA.mkdir(exist_ok=True)
    reduced = vectors @ axes[:DIMENSIONS].T
    scale = np.abs(reduced).max(1, keepdims=True)
    np.savez_compressed(
        DATA / "words.npz",
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        weights=weight.astype(np.float32),
        vectors=np.round(reduced / scale * 127).astype(np.int8),
        scales=(scale[:, 0] / 127).astype(np.float32),
        topics=np.round(first / first.max() * 255).astype(np.uint8),
        subtopics=np.round(second / second.max() * 255).astype(np.uint8),
    )
    named = [{"code": f"medtop:{code}", **concepts[code]} for code in (*tops, *seeds)]
    (DATA / "topics.json").write_text(json.dumps({"tops": len(tops), "concepts": named}, indent=0))


def _concepts(path: Path) -> dict[str, Any]:
    """Return name and top concept of every concept in force, by its code."""
    with gzip.open(path) as file:
        listed = json.load(file)["conceptSet"]
    broader = {c["qcode"]: c.get("broader", []) for c in listed}
    found = {}
    for concept in listed:
        name = concept["prefLabel"].get("en-US")
        if not name or concept.get("retired"):
            continue
        top = concept["qcode"]
        while broader.get(top):
            top = "medtop:" + broader[top][0].split("/")[-1].split(":")[-1]
        found[concept["qcode"][7:]] = {"name": name, "parent": top[7:]}
    return found


def _seeds(rows: dict[str, int], frequency: NDArray[np.float64]) -> dict[str, list[int]]:
    seeds: dict[str, list[int]] = {}
    for line in SEEDS.read_text().splitlines():
        if line.startswith("#"):
            continue
        code, text = line.split(": ")
        known = {rows[word] for word in text.replace("_", " ").split() if word in rows}
        seeds[code] = sorted(row for row in known if frequency[row] < SEED_RARITY)
    return seeds


def _votes(near: Matrix, groups: list[list[int]]) -> Matrix:
    votes = np.zeros((len(near), len(groups)), np.float32)
    for column, group in enumerate(groups):
        kernel = np.exp(SHARPNESS * (near @ near[group].T - 1))
        votes[:, column] = np.sort(kernel, axis=1)[:, -NEAREST:].mean(1)
        votes[group, column] = np.maximum(votes[group, column], SEED_VOTE)
    return votes


if __name__ == "__main__":
    main()
