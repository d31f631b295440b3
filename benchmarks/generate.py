"""A seeded stream of made-up articles with realistic lengths, copies and updates.

Sentences are put together from patterns whose slots are filled with English words by their frequency and
with names, so that two articles share words and names but hardly a run of five words, as real news does. A
copy is the same story from another outlet, word for word or with its end cut; an update is the same URL
with a changed paragraph.

`python -m benchmarks.generate 1000 > articles.jsonl` writes such articles to a file.
"""

import random
import sys
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Any

FIRST = ("Elin", "Tomas", "Adaeze", "Marta", "Kofi", "Ingrid", "Pavel", "Lucia", "Samir", "Hana", "Owen",
         "Noor", "Diego", "Freya", "Anton", "Leila", "Hugo", "Mirela", "Jonas", "Aiko")  # fmt: skip
LAST = ("Rask", "Verhagen", "Obi", "Lindqvist", "Mensah", "Castellan", "Dvorak", "Haddad", "Marsh", "Okafor",
        "Brandt", "Silva", "Kowalska", "Tanaka", "Byrne", "Moreau", "Petrov", "Nkosi", "Farrell",
        "Ibsen")  # fmt: skip
PLACES = ("Rotterdam", "Lagos", "Bergen", "Gdansk", "Valparaiso", "Mombasa", "Trieste", "Halifax", "Busan",
          "Norland", "Antwerp", "Leiden", "Split", "Tampere", "Oran", "Cork", "Aarhus", "Malaga")  # fmt: skip
BODIES = ("Council", "Union", "Ministry", "Authority", "Bank", "Institute", "Airlines", "Holdings", "Court",
          "University", "Commission", "Party")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
TITLES = ("minister", "mayor", "spokeswoman", "director", "judge", "analyst", "engineer", "coach")
# N name, B body, P place, D day, T title, # number, w any word
PATTERNS = (
    "The w w of P B w the w w on D , N said .",
    "N , a w T at the P B , w that # w had w since D .",
    "In P , some # w were w by a w w after the B w w .",
    "The T w w w the w , and the w w w in P .",
    "A w of # million euros w the w w , according to the P B .",
    "But N w w w w to the w w w before the w .",
    "It w w for the w w , which w # w a w .",
    "On D the w w w w with N and the w of the P B .",
    '"The w w w w a w w , and we w w the w , " N said .',
    '"We w w to w the w w in P , " said N , a T w w w .',
    "Most of the w w w w w in the w , while w w w w .",
    "The w , w by w w , is w to w more than # w w .",
)
SLOTS = {"B": BODIES, "P": PLACES, "D": DAYS, "T": TITLES}
OUTLETS = tuple(f"outlet-{number}.example" for number in range(40))
SPACES = ((" ,", ","), (" .", "."), (', " ', '," '))


def articles(
    count: int, *, seed: int = 1, words: int = 300, copies: float = 0.35, updates: float = 0.05
) -> Iterator[dict[str, Any]]:
    """Yield `count` raw articles in the shape that scrapers hand over, about `words` words each."""
    chance = random.Random(seed)
    recent: list[dict[str, Any]] = []
    for number in range(count):
        draw = chance.random()
        if recent and draw < copies:
            story = chance.choice(recent)
            yield _copy(story, number, chance)
        elif recent and draw < copies + updates:
            story = chance.choice(recent)
            story["paragraphs"] = [*story["paragraphs"][:-1], _paragraph(chance)]
            yield _raw(story)
        else:
            story = _story(f"{seed}-{number}", words, chance)
            recent.append(story)
            del recent[:-500]
            yield _raw(story)


def _story(name: str, words: int, chance: random.Random) -> dict[str, Any]:
    length = max(40, int(chance.lognormvariate(0, 0.4) * words))
    paragraphs: list[str] = []
    written = 0
    while written < length:
        paragraphs.append(_paragraph(chance))
        written += paragraphs[-1].count(" ") + 1
    outlet = chance.choice(OUTLETS)
    return {
        "url": f"https://{outlet}/news/{name}",
        "source": outlet,
        "title": _sentence(chance).strip('."'),
        "paragraphs": paragraphs,
    }


def _copy(story: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    outlet = chance.choice(OUTLETS)
    paragraphs = list(story["paragraphs"])
    if chance.random() < 0.5:  # the other outlet cut the end, as outlets do
        paragraphs = paragraphs[: max(1, len(paragraphs) - 1)]
    url = f"https://{outlet}/wire/{number}-{story['url'].rpartition('/')[2]}"
    return _raw({**story, "url": url, "source": outlet, "paragraphs": paragraphs})


def _raw(story: dict[str, Any]) -> dict[str, Any]:
    body = [f"<p>{paragraph}</p>" for paragraph in story["paragraphs"]]
    middle = len(body) // 2
    link = f'<a href="{story["url"]}-more" target="_blank">What we know so far</a>'
    body.insert(middle, f"<p><strong>Also read: {link}</strong></p>")
    return {
        "url": story["url"],
        "source": story["source"],
        "title": story["title"],
        "html": ".".join(body),
    }


def _paragraph(chance: random.Random) -> str:
    return " ".join(_sentence(chance) for _ in range(chance.choice((1, 2, 2, 3))))


def _sentence(chance: random.Random) -> str:
    pattern = chance.choice(PATTERNS).split()
    vocabulary, weights = _vocabulary()
    words = iter(chance.choices(vocabulary, cum_weights=weights, k=pattern.count("w")))
    text = " ".join(next(words) if slot == "w" else _fill(slot, chance) for slot in pattern)
    for spaced, joined in SPACES:
        text = text.replace(spaced, joined)
    return text


def _fill(slot: str, chance: random.Random) -> str:
    if slot == "N":
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    if slot == "#":
        return str(chance.randint(2, 9999))
    return chance.choice(SLOTS[slot]) if slot in SLOTS else slot


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Return words and their running weights: rank 150 to 12,000, by Zipf's law."""
    from wordfreq import top_n_list

    words = [word for word in top_n_list("en", 12_000)[150:] if word.isalpha() and len(word) > 2]
    return words, list(accumulate(1 / (rank + 20) for rank in range(len(words))))


def main() -> None:
    """Write articles as JSONL to stdout: COUNT, and SEED where it is given."""
    import orjson

    count, seed = [*map(int, sys.argv[1:]), 1][:2]
    for article in articles(count, seed=seed):
        sys.stdout.buffer.write(orjson.dumps(article) + b"\n")


if __name__ == "__main__":
    main()
