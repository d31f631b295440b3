"""What an outlet repeats: lines that stand in many of its articles are boilerplate.

Counts live in Redis, two periods long. The first articles of an outlet keep such a line, since nobody
can know yet; what was decided for an article id is stored and answers every replay of it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources

import redis
import xxhash

from worker.articles import Removed
from worker.cleaning.base import Cleaned
from worker.cleaning.render import NOT_IN_TEXT, sanitised

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
        source = resources.files("worker.cleaning").joinpath("memory.lua")
        self._script = client.register_script(source.read_text(encoding="utf-8"))
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
        asked: list[dict[str, str]] = []
        with self._client.pipeline(transaction=False) as pipe:
            for article in articles:
                lines = {} if not article.outlet else self._hashes(article.lines)
                asked.append(lines)
                if lines:
                    base = f"{self._prefix}:{{{article.outlet}}}"
                    keys = [f"{base}:{number}", f"{base}:{number - 1}", f"{base}:={article.id}"]
                    self._script(keys=keys, args=[*self._limits, *lines], client=pipe)
            answers = iter(pipe.execute())
        return [_named(lines, next(answers)) if lines else set() for lines in asked]

    def _hashes(self, lines: Sequence[str]) -> dict[str, str]:
        short = (line for line in lines if len(line) <= self._longest)
        return {_hash(line): line for line in short}


def _hash(line: str) -> str:
    return xxhash.xxh3_64_hexdigest(" ".join(line.casefold().split()).encode("utf-8", "replace"))


def _named(lines: dict[str, str], answer: bytes | str) -> set[str]:
    text = answer.decode() if isinstance(answer, bytes) else answer
    dropped = (text[start : start + 16] for start in range(0, len(text), 16))
    return {lines[line] for line in dropped if line in lines}


def without(cleaned: Cleaned, lines: set[str]) -> Cleaned:
    """Take the recurring `lines` out of an article, in place; return it.

    An article that would be left without text keeps what it has.
    """
    keep = [block.text not in lines for block in cleaned.blocks]
    told = [block for block, kept in zip(cleaned.blocks, keep, strict=True) if kept]
    paragraphs = [block.text for block in told if block.kind not in NOT_IN_TEXT]
    if not lines or not paragraphs or all(keep):
        return cleaned
    gone = [block.text for block, kept in zip(cleaned.blocks, keep, strict=True) if not kept]
    cleaned.removed += [Removed(text=text, reason=REASON) for text in gone]
    cleaned.parts = [part for part, kept in zip(cleaned.parts, keep, strict=True) if kept]
    cleaned.blocks, cleaned.paragraphs = told, paragraphs
    cleaned.text = "\n\n".join(paragraphs)
    cleaned.html = sanitised(cleaned.parts)
    return cleaned
