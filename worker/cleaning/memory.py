"""What an outlet repeats: lines that appear in many of its articles are boilerplate.

Counts are kept in Redis for two periods. The first articles of an outlet keep such a line, because nobody can
know yet. The decision for an article id is stored, and applies to every replay of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import redis
import xxhash

from worker.articles import Removed
from worker.cleaning.base import Cleaned, Known
from worker.cleaning.render import NOT_IN_TEXT, sanitised
from worker.scripts import Script, source_of

REASON = "recurring"
"""The reason that `Cleaned.removed` gives for such a line."""


@dataclass(frozen=True, slots=True)
class Article:
    """What the memory needs to know about an article: its outlet, its id, its paragraphs."""

    outlet: str
    id: str
    lines: Sequence[str]


class PublisherMemory:
    """Counts the lines in each outlet's articles and finds those that recur.

    A line recurs if at least `least` earlier articles of the outlet contained it, and at least the share
    `share` of all articles in this period and the one before. Lines longer than `longest` characters never
    count: paragraphs of background recur, too, but on purpose.
    """

    def __init__(
        self,
        client: "redis.Redis",
        namespace: str,
        *,
        period: float = 7 * 86_400.0,
        most_lines: int = 20_000,
        least: int = 6,
        share: float = 0.1,
        longest: int = 400,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._script = Script(source_of("worker.cleaning", "memory"))
        self._client = client
        self._prefix = f"{namespace}:memory"
        self._period = period
        self._limits = (int(2 * period), most_lines, least, share)
        self._longest = longest
        self._clock = clock

    def boilerplate(self, articles: Sequence[Article]) -> list[set[str]]:
        """Return the lines to drop from each article; one round trip for all of them.

        Nothing is dropped from articles without an outlet.

        Raises:
            redis.RedisError: the server is away.
        """
        number = int(self._clock() // self._period)
        asked = [
            _hashes(tuple(article.lines), self._longest) if article.outlet else {}
            for article in articles
        ]
        outlets: dict[str, list[int]] = {}
        for place, (article, lines) in enumerate(zip(articles, asked, strict=True)):
            if lines:
                outlets.setdefault(article.outlet, []).append(place)
        calls = []
        for outlet, places in outlets.items():
            base = f"{self._prefix}:{{{outlet}}}"
            keys = [f"{base}:{number}", f"{base}:{number - 1}"]
            keys += [f"{base}:={articles[place].id}" for place in places]
            pieces = ["".join(asked[place]) for place in places]
            calls.append([len(keys), *keys, *self._limits, *pieces])
        answers = self._script.run(self._client, calls)
        dropped: list[set[str]] = [set() for _ in articles]
        for places, found in zip(outlets.values(), answers, strict=True):
            for place, answer in zip(places, found, strict=True):
                dropped[place] = _named(asked[place], answer)
        return dropped


@lru_cache(maxsize=256)  # a copy brings its lines again
def _hashes(lines: tuple[str, ...], longest: int) -> dict[str, str]:
    """Return the lines that count, by their hashes, which the server knows them by."""
    return {_hash(line): line for line in lines if len(line) <= longest}


@lru_cache(maxsize=4096)  # so does an outlet
def _hash(line: str) -> str:
    line = line.casefold().strip()
    if "  " in line or not line.isprintable():  # blanks of other kinds are not printable
        line = " ".join(line.split())
    return xxhash.xxh3_64_hexdigest(line.encode("utf-8", "replace"))


def _named(lines: dict[str, str], answer: bytes | str) -> set[str]:
    text = answer.decode() if isinstance(answer, bytes) else answer
    dropped = (text[start : start + 16] for start in range(0, len(text), 16))
    return {lines[line] for line in dropped if line in lines}


def without(cleaned: Cleaned, lines: set[str]) -> Cleaned:
    """Return an article without the recurring `lines`.

    An article that would be left without text keeps what it has.
    """
    keep = [block.text not in lines for block in cleaned.blocks]
    told = [block for block, kept in zip(cleaned.blocks, keep, strict=True) if kept]
    paragraphs = [block.text for block in told if block.kind not in NOT_IN_TEXT]
    if not paragraphs or all(keep):
        return cleaned
    gone = [block.text for block, kept in zip(cleaned.blocks, keep, strict=True) if not kept]
    parts = [part for part, kept in zip(cleaned.parts, keep, strict=True) if kept]
    return replace(
        cleaned,
        blocks=told,
        paragraphs=paragraphs,
        parts=parts,
        text="\n\n".join(paragraphs),
        html=sanitised(parts),
        removed=[*cleaned.removed, *(Removed(text=text, reason=REASON) for text in gone)],
        known=Known(),
    )
