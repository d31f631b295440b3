"""A labelled stream of invented news, for measuring stories.

Events of eight kinds happen over days, several of each kind at a time, in a few dozen towns that
they share. Each is reported by several outlets: an article takes a headline, a lede and three to
six further sentences of its kind at random, each written in one of several wordings; follow-ups
come hours or days later and take the later sentences. So two fires differ only in who, where and
how many; a fire and a trial of the same town share its name. The label is the event.
"""

import datetime as dt
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from worker.articles import Article, Language

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

KINDS = [
    kind.split("]\n", 1)[1].strip()
    for kind in Path(__file__).with_name("story_kinds.txt").read_text().split("\n[")[1:]
]
_THINGS = "bridge warehouse hospital library tunnel reactor market museum tower mill dam theatre"
OUTLETS = ("harbour-post.example", "daily-lantern.example", "coastal-wire.example", "north.example")
_ONSETS = "b br d dr f g gr h k kl l m n p r s st t tr v w z"
_ENDINGS = "an el in or us ard ek ow ell ini ova ett imo ansky berg field mouth stead"


@dataclass(frozen=True)
class Labelled:
    """An article and the event it reports."""

    article: Article
    event: str


def stream(events: int = 200, days: int = 10, seed: int = 7) -> list[Labelled]:
    """Return the articles of so many events within so many days, in order of time."""
    dice = random.Random(seed)
    towns = [_name(dice) for _ in range(30)]
    found = [
        labelled
        for number in range(events)
        for labelled in _event(dice, f"event-{number}", towns, days)
    ]
    found.sort(key=lambda labelled: labelled.article.published_at or START)
    return found


def _event(dice: random.Random, label: str, towns: list[str], days: int) -> Iterator[Labelled]:
    early, later = dice.choice(KINDS).split("\n/\n")
    heads, *first = early.split("\n")
    begin = START + dt.timedelta(hours=dice.uniform(0, days * 24))
    words = {
        "who": f"{_name(dice)} {_name(dice)}", "other": f"{_name(dice)} {_name(dice)}",
        "firm": f"{_name(dice)} {dice.choice(['Motors', 'Foods', 'Energy', 'Group'])}",
        "rival": _name(dice), "team": f"{_name(dice)} {dice.choice(['United', 'City', 'Rovers'])}",
        "opponent": _name(dice), "town": dice.choice(towns), "thing": dice.choice(_THINGS.split()),
        "few": str(dice.randint(2, 19)), "many": str(dice.randint(20, 900)),
        "day": f"{begin:%A}",
    }  # fmt: skip
    for copy in range(min(40, int(dice.paretovariate(1.1)))):
        late = copy > 0 and dice.random() < 0.4
        wait = dice.uniform(20, 72) if late else dice.uniform(0, 10)
        body = [dice.choice(first), *dice.sample(later.split("\n"), 2)] if late else [first[0]]
        others = [line for line in first if line not in body]
        body += dice.sample(others, dice.randint(2, len(others) - 1))
        at = begin + dt.timedelta(hours=wait)
        article = Article(
            id=f"{label}/{copy}",
            source=dice.choice(OUTLETS),
            title=_told(dice, dice.choice(heads.split(";")), words),
            text=" ".join(_told(dice, line, words) for line in body),
            published_at=at,
            language=Language(code="en", confidence=1.0),
        )
        yield Labelled(article, label)


def _told(dice: random.Random, line: str, words: dict[str, str]) -> str:
    line = re.sub(r"\{([^{}]*)\}", lambda match: dice.choice(match[1].split("|")), line)
    line = line.replace("$$many", "$" + words["many"])
    return re.sub(r"\$([a-z]+)", lambda match: words[match[1]], line)


def _name(dice: random.Random) -> str:
    vowel = dice.choice("aeiou")
    return (
        dice.choice(_ONSETS.split())
        + vowel
        + dice.choice(_ONSETS.split())
        + dice.choice(_ENDINGS.split())
    ).capitalize()
