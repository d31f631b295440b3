"""Dead letters: articles that ended `rejected` or `failed`, with everything needed to requeue them."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
import redis
from pydantic import BaseModel, ConfigDict, ValidationError

from worker import __version__
from worker.entries import Entry
from worker.errors import CopydeskError, first_problem
from worker.failures import Failure
from worker.files import LARGEST, LONGEST_ORIGIN
from worker.lanes import Keys, Lane
from worker.outcomes import Outcome, Reason, Stage
from worker.pace import Pace
from worker.reading import glance, source_of
from worker.scripts import load_script


class DeadLetter(BaseModel):
    """One dead letter."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str = ""
    """Id in the dead-letter stream."""
    entry: str
    """Id of the raw entry."""
    lane: Lane
    outcome: Outcome
    reason: Reason
    stage: Stage
    error: str
    """What is wrong, for the person who has to fix it."""
    attempts: int
    history: list[dict[str, Any]] = []
    at: float
    """When it was buried, Unix seconds."""
    source: str | None = None
    url: str | None = None
    copydesk: str
    """Version of the software that buried it."""
    article: str | None = None
    """The raw article as it was published; `encoding` says how bytes that are not UTF-8 were kept."""
    encoding: str = "utf-8"
    run: str = ""
    origin: str = ""
    """Where it came from, e.g. `articles.jsonl:12`; empty if unknown."""

    @property
    def outlet(self) -> str | None:
        """The source by which it is selected; without one, the host of its URL."""
        return source_of(self.source, self.url)

    def data(self) -> bytes | None:
        """Return the raw article as bytes, as it was published."""
        if self.article is None:
            return None
        return self.article.encode("latin-1" if self.encoding == "latin-1" else "utf-8")


def write_letter(entry: Entry, outcome: Outcome, failure: Failure, reason: Reason) -> bytes:
    """Return the dead letter of an entry as JSON."""
    article, encoding = None, "utf-8"
    if entry.data is not None:
        data = entry.data[: LARGEST + 1]
        try:
            article = data.decode("utf-8")
        except UnicodeDecodeError:
            article, encoding = data.decode("latin-1"), "latin-1"
    source, url = glance(entry.data)
    now = time.time()
    letter = DeadLetter(
        entry=entry.id,
        lane=entry.lane,
        outcome=outcome,
        reason=reason,
        stage=failure.stage,
        error=failure.message,
        attempts=len(entry.history) + 1,
        history=[*entry.history, failure.event(now)],
        at=now,
        source=source,
        url=url,
        copydesk=__version__,
        article=article,
        encoding=encoding,
        run=entry.run,
        origin=entry.origin[:LONGEST_ORIGIN],
    )
    return letter.model_dump_json(exclude={"id"}).encode()


def read_letters(
    client: redis.Redis, keys: Keys, *, newest_first: bool = True
) -> Iterator[DeadLetter]:
    """Yield the dead letters that exist now, page by page; those that come meanwhile are left out."""
    last: Any = client.xrevrange(keys.dead, count=1)
    if not last:
        return
    low, high = "-", last[0][0].decode()
    while True:
        if newest_first:
            page: Any = client.xrevrange(keys.dead, max=high, min=low, count=200)
        else:
            page = client.xrange(keys.dead, min=low, max=high, count=200)
        for letter_id, fields in page:
            yield _read(letter_id.decode(), fields)
        if len(page) < 200:
            return
        next_ = "(" + page[-1][0].decode()
        low, high = (low, next_) if newest_first else (next_, high)


def _read(letter_id: str, fields: dict[bytes, bytes]) -> DeadLetter:
    try:
        return DeadLetter.model_validate({**orjson.loads(fields[b"letter"]), "id": letter_id})
    except ValidationError as error:
        raise CopydeskError(
            f"The dead letter {letter_id} is not one that this version can read: {first_problem(error)}. Was "
            "it written by another version?"
        ) from error


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are selected; a field that is None or empty matches any."""

    reason: Reason | None = None
    stage: Stage | None = None
    source: str | None = None
    older: float | None = None
    """Buried at least this many seconds ago."""
    newer: float | None = None
    """Buried at most this many seconds ago."""
    ids: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is selected at all."""
        return self != Selection()

    def matches(self, letter: DeadLetter, now: float) -> bool:
        """Whether the letter is selected."""
        age = now - letter.at
        return (
            self.reason in (None, letter.reason)
            and self.stage in (None, letter.stage)
            and self.source in (None, letter.outlet)
            and (self.older is None or age >= self.older)
            and (self.newer is None or age <= self.newer)
            and (not self.ids or letter.id in self.ids)
        )


def select(
    client: redis.Redis, keys: Keys, selection: Selection, *, newest_first: bool = False
) -> Iterator[DeadLetter]:
    """Yield the selected dead letters, oldest first unless `newest_first`."""
    now = time.time()
    for letter in read_letters(client, keys, newest_first=newest_first):
        if selection.matches(letter, now):
            yield letter


def requeue(
    client: redis.Redis, keys: Keys, letters: Iterable[DeadLetter], *, rate: float = 0.0
) -> Iterator[int]:
    """Publish letters again, each once and to its own lane; yield how many so far.

    They are no longer dead letters; one that fails again becomes a new one. `rate` is in letters per second,
    0: as fast as possible. A letter without an article (its entry had no such field) stays.
    """
    script = load_script(client, "requeue")
    pace, done = Pace(rate), 0
    for batch in _batches(letters, pace.batch(100)):
        for lane in Lane:
            args: list[Any] = []
            for letter in batch:
                data = letter.data()
                if letter.lane is lane and data is not None:
                    args += [letter.id, data, letter.origin]
            if args:
                done += int(script(keys=[keys.dead, keys.raw(lane)], args=args))
        yield done
        time.sleep(pace.early(done))


def purge(client: redis.Redis, keys: Keys, letters: Iterable[DeadLetter]) -> int:
    """Delete letters for good; return how many."""
    return sum(
        int(client.xdel(keys.dead, *(letter.id for letter in batch)))
        for batch in _batches(letters, 100)
    )


def _batches(letters: Iterable[DeadLetter], size: int) -> Iterator[list[DeadLetter]]:
    source = iter(letters)
    while batch := list(islice(source, size)):
        yield batch
