"""A feed whose truth is known: stories, their copies and updates, and some poison, from a seed."""

import random
from dataclasses import dataclass, field
from typing import Any

ONSETS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "z",
]
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "oo"]
ENDS = ["l", "n", "r", "s", "t", "m", "nd", "rk", "st", ""]


@dataclass
class Feed:
    """Raw articles in the order of publishing, and what must come of them."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    stories: dict[str, set[str]] = field(default_factory=dict)
    """Story -> URLs it is published at."""
    latest: dict[str, str] = field(default_factory=dict)
    """URL -> a word that only the last version of its text holds."""
    poison: set[str] = field(default_factory=set)
    """URLs of the articles that kill."""


def make_feed(seed: int, count: int, *, poison: tuple[str, ...] = ()) -> Feed:
    """Make some `count` articles: of ten stories, one has copies and one is updated."""
    chance = random.Random(seed)
    words = ["".join(chance.choice(part) for part in (ONSETS, VOWELS, ENDS)) for _ in range(900)]
    feed, number = Feed(), 0
    while len(feed.articles) < count - len(poison):
        story, kind = f"s{number}", number % 10
        url = f"https://{words[number % 7]}.example/{number}"
        text = _text(chance, words, story)
        feed.articles.append(_raw(url, text, minute=0))
        feed.stories[story] = {url}
        feed.latest[url] = story
        if kind == 3:
            for copy in range(chance.randint(1, 3)):
                other = f"https://copy{copy}.example/{number}"
                feed.articles.append(_raw(other, text, minute=copy))
                feed.stories[story].add(other)
                feed.latest[other] = story
        elif kind == 7:
            changed = f"{text}\n\nU{story} {_text(chance, words, story)}"
            feed.articles.append(_raw(url, changed, minute=30))
            feed.latest[url] = f"U{story}"
        number += 1
    # Copies and updates come close after, seldom in the same batch: a window of some batches is shuffled.
    for start in range(0, len(feed.articles), 200):
        window = feed.articles[start : start + 200]
        chance.shuffle(window)
        feed.articles[start : start + 200] = window
    for kind_ in poison:
        url = f"https://poison.example/{kind_}"
        article = _raw(url, _text(chance, words, kind_), minute=0)
        article["title"] = f"{kind_} in the news"
        feed.articles.insert(chance.randrange(len(feed.articles)), article)
        feed.poison.add(url)
    return feed


def _text(chance: random.Random, words: list[str], mark: str) -> str:
    sentences = [" ".join(chance.choices(words, k=12)).capitalize() + f" {mark}." for _ in range(8)]
    return "\n\n".join(" ".join(sentences[at : at + 4]) for at in (0, 4))


def _raw(url: str, text: str, *, minute: int) -> dict[str, Any]:
    return {
        "url": url,
        "source": url.split("/")[2],
        "text": text,
        "published_at": "2026-03-02T08:00:00Z",
        "modified_at": f"2026-03-02T09:{minute:02d}:00Z",
        "language": "en",
    }


def slow(seed: int, count: int) -> list[dict[str, Any]]:
    """Return articles that take a twentieth of a second each."""
    return [{**article, "title": "SLOW going"} for article in make_feed(seed, count).articles]
