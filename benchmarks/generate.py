"""A seeded stream of made-up articles with realistic lengths, copies and updates.

The sentences are put together from small tables, so that two articles share words but no sentences; a
copy is the same story from another outlet, word for word or lightly edited; an update is the same URL
with a changed paragraph.
"""

import random
from collections.abc import Iterator
from typing import Any

SUBJECTS = (
    "The harbour board", "A spokesman for the ministry", "Mayor Elin Rask", "The central bank of Norland",
    "The rail union", "Opposition leader Tomas Verhagen", "The aid agency Clearwater", "A panel of judges",
    "The airline Transpolar", "Finance minister Adaeze Obi", "The coast guard", "A group of farmers",
    "Researchers at the University of Leiden", "The city council of Antwerp", "The chip maker Halden",
)  # fmt: skip
VERBS = (
    "said it would postpone", "has approved", "voted against", "is reviewing", "welcomed", "rejected",
    "announced", "called for", "warned of delays to", "signed off on", "published details of", "defended",
)  # fmt: skip
OBJECTS = (
    "the plan to widen the northern canal", "a budget of {n} million euros for new trams",
    "the sale of {n} hectares of farmland", "the inquiry into last winter's floods",
    "a strike of {n} hours at three terminals", "the merger of two regional hospitals",
    "new limits on night flights over the delta", "a loan of {n} million dollars to small ports",
    "the first census of seabirds in {n} years", "a contract for {n} electric buses",
)  # fmt: skip
TAILS = (
    "after weeks of talks in {place}", "despite protests from residents of {place}",
    "in a letter seen by reporters in {place}", "two days before a vote in {place}",
    "as prices in {place} rose for the {n}th month", "while officials in {place} declined to comment",
    "and promised a second report by the end of the year", "according to figures released on {day}",
)  # fmt: skip
PLACES = (
    "Rotterdam",
    "Lagos",
    "Bergen",
    "Gdansk",
    "Valparaiso",
    "Mombasa",
    "Trieste",
    "Halifax",
    "Busan",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
OUTLETS = tuple(f"outlet-{number}.example" for number in range(40))


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
            story = _story(number, words, chance)
            recent.append(story)
            del recent[:-500]
            yield _raw(story)


def _story(number: int, words: int, chance: random.Random) -> dict[str, Any]:
    length = max(40, int(chance.lognormvariate(0, 0.4) * words))
    paragraphs: list[str] = []
    while sum(len(paragraph.split()) for paragraph in paragraphs) < length:
        paragraphs.append(_paragraph(chance))
    outlet = chance.choice(OUTLETS)
    return {
        "url": f"https://{outlet}/news/{number}",
        "source": outlet,
        "title": _sentence(chance).rstrip("."),
        "paragraphs": paragraphs,
    }


def _copy(story: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    outlet = chance.choice(OUTLETS)
    paragraphs = list(story["paragraphs"])
    if chance.random() < 0.5:  # the other outlet cut the end, as outlets do
        paragraphs = paragraphs[: max(1, len(paragraphs) - 1)]
    return _raw(
        {
            **story,
            "url": f"https://{outlet}/wire/{number}",
            "source": outlet,
            "paragraphs": paragraphs,
        }
    )


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
    sentences = [_sentence(chance) for _ in range(chance.choice((1, 2, 2, 3)))]
    if chance.random() < 0.2:
        speaker = chance.choice(SUBJECTS)
        sentences.append(f'"{_sentence(chance)[:-1]}," {speaker[0].lower()}{speaker[1:]} said.')
    return " ".join(sentences)


def _sentence(chance: random.Random) -> str:
    text = f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(OBJECTS)} {chance.choice(TAILS)}"
    return (
        text.format(n=chance.randint(2, 999), place=chance.choice(PLACES), day=chance.choice(DAYS))
        + "."
    )
