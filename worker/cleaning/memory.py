"""What an outlet repeats: lines that stand in many of its articles are boilerplate.

Counts live in Redis, two periods long. The first articles of an outlet keep such a line, since nobody
can know yet; what was decided for an article id is stored and answers every replay of it.
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
    """What memory wants to know of an article: where it stood, which it is, its paragraphs."""

    outlet: str
    id: str
    lines: Sequence[str]


class PublisherMemory:
    """Counts the lines of each outlet's articles and tells which of them recur.

    A line recurs when at least `least` earlier articles of the outlet held it, and at least `share` of
    all those seen in this period and the one before. Lines over `longest` characters never count:
    background paragraphs recur, too, and are told on purpose.
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
        """Return for each article the lines to drop; one round trip for all of them.

        Raises `redis.RedisError` when the server is away. Articles without an outlet have no memory.
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
    """Return the lines that count, by what the server knows them by."""
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
