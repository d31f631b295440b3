"""The main job on one machine: publish files, wait until every article has its outcome, sum up."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import redis

from worker import sinks
from worker.addresses import hide_password
from worker.breaker import SINKS, read_breakers
from worker.broker import EmbeddedBroker
from worker.enrichment.registry import check as check_enrichers
from worker.errors import ConfigurationError, CopydeskError
from worker.files import Extent, find_files, read_files
from worker.lanes import Lane
from worker.outcomes import Outcome
from worker.pressure import Pressure, in_batches
from worker.publisher import BATCH, ForgottenError, Publisher
from worker.services import check_others, check_server, connect
from worker.settings import Settings
from worker.status import read_outcomes
from worker.streams import RawStreams
from worker.supervisor import Supervisor

IN_FLIGHT = 20_000
"""Articles of a run that are published ahead of their outcomes, at most: it bounds the server's memory."""
AWAY = 60.0
"""Seconds for which a run waits for a Redis server that went away."""
T = TypeVar("T")


@dataclass(slots=True)
class Summary:
    """What became of a run."""

    published: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    seconds: float = 0.0
    store: str = ""
    ahead: int = 0
    """Articles without an outcome that stood in the lane before: they are carried first."""
    expected: int | None = None
    """Articles in the files: an estimate by the bytes until all are read. None: unknown."""
    unreadable: list[str] = field(default_factory=list)
    """Files that could not be read to their end, and why."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Files of other kinds in the folders, by their ending."""
    waits_for: str = ""
    """Why the run stands still: the server or a sink is away, or full. Empty: it goes on."""
    stopping: bool = False
    """It was interrupted: batches in work are finished, no more is begun."""
    done: bool = False
    """All have their outcome; what was started is being stopped."""

    @property
    def settled(self) -> int:
        """Articles that have their outcome."""
        return sum(self.outcomes.values())

    @property
    def dead(self) -> int:
        """Articles that became dead letters."""
        return sum(self.outcomes[outcome] for outcome in Outcome if outcome.dead)

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as it is printed with `--json`."""
        rate = self.settled / self.seconds if self.seconds else 0.0
        return {
            "published": self.published,
            **self.outcomes,
            "seconds": round(self.seconds, 3),
            "articles_per_second": round(rate, 1),
            "store": self.store,
            "unreadable": self.unreadable,
        }


Progress = Callable[[Summary], None]


def ingest(
    paths: Sequence[str],
    settings: Settings,
    *,
    lane: Lane = Lane.LIVE,
    progress: Progress | None = None,
) -> Summary:
    """Publish the articles of `paths` and carry them all to their outcomes, on this machine.

    Starts the embedded broker unless `settings.redis_url` names one, an intake and Celery workers, and
    stops what it has started. `progress` is called several times a second. A Redis server that goes away
    is waited for, a minute at most; a sink, or a server whose disk or memory is full, without an end. A file
    that cannot be read to its end is named in `Summary.unreadable`, and the next one follows.

    Raises:
        ConfigurationError: a path, the broker or a setting is wrong.
        CopydeskError: the workers do not come up, or the Redis server is gone half way.
        KeyboardInterrupt, SystemExit: as they came; what has begun is finished, and all is stopped, before.
    """
    passed_over: Counter[str] = Counter()
    files = find_files(paths, passed_over=passed_over)
    # Whoever hands in files wants to see what is wrong with each: no breaker stops a run amid bad ones.
    settings = settings.model_copy(update={"breaker_share": 0.0, "breaker_run": 0})
    with (
        running(settings, log_name="ingest.log") as (live, supervisor),
        _half_way(live),
    ):
        run = _Run(live, supervisor, progress)
        run.summary.passed_over = passed_over
        with run.publisher:
            run.carry(files, lane)
    return run.summary


class _Run:
    """One run: publishes, and looks what becomes of it."""

    def __init__(
        self, settings: Settings, supervisor: Supervisor, progress: Progress | None
    ) -> None:
        self.summary = Summary(store=settings.shown_store())
        self.publisher = Publisher(settings, on_wait=self._wait_for)
        self._pressure = Pressure(self.publisher.client, settings)
        self._supervisor = supervisor
        self._progress = progress
        self._name = secrets.token_hex(8)
        self._started = time.monotonic()
        self._looked = 0.0

    def carry(self, files: Sequence[str], lane: Lane) -> None:
        """Publish all, and wait for their outcomes."""
        extent = Extent(files)
        articles = read_files(files, unreadable=self.summary.unreadable, extent=extent)
        publish = partial(self.publisher.publish_once, run=self._name, lane=lane)
        try:
            self.summary.ahead = self._patiently(lambda: self._pressure.load(lane).articles)
            for batch in in_batches(articles, BATCH, len):
                before = self.summary.published
                self.summary.published = self._patiently(partial(publish, batch, before=before))
                if share := extent.share():
                    self.summary.expected = round(self.summary.published / share)
                self._wait(IN_FLIGHT, look_every=0.2)
            self.summary.expected = self.summary.published
            self._wait(0, look_every=0.05)
            self.summary.done = True
            self._tell()
        except (KeyboardInterrupt, SystemExit):
            self.summary.stopping = True
            self._tell()
            raise

    def _wait(self, most: int, *, look_every: float) -> None:
        """Wait until at most so many articles are without their outcome."""
        while True:
            if time.monotonic() - self._looked > look_every:
                self._look()
            if self.summary.published - self.summary.settled <= most:
                return
            time.sleep(0.05)

    def _look(self) -> None:
        client, keys = self.publisher.client, self.publisher.keys
        run = keys.run(self._name)
        self.summary.outcomes = self._patiently(lambda: read_outcomes(client, run))
        there = int(self._patiently(lambda: client.hget(run, "published")) or 0)
        if there < self.summary.published:
            raise ForgottenError(there, self.summary.published)
        breakers = self._patiently(lambda: read_breakers(client, keys.namespace))
        away = [breaker.why for breaker in breakers if breaker.name == SINKS]
        self.summary.waits_for = away[0] if away else self._patiently(lambda: _full_disk(client))
        self._tell()
        self._looked = time.monotonic()

    def _tell(self) -> None:
        self._supervisor.check()
        self.summary.seconds = time.monotonic() - self._started
        if self._progress:
            self._progress(self.summary)

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call, and while the server is away call again, for `AWAY` seconds."""
        deadline = time.monotonic() + AWAY
        while True:
            try:
                return call()
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise
                self._wait_for(f"the Redis server does not answer: {error}")
                time.sleep(0.5)

    def _wait_for(self, what: str) -> None:
        self.summary.waits_for = what
        self._tell()


def _full_disk(client: redis.Redis) -> str:
    """Say that the server takes no writes because its disk does not; empty: it takes them."""
    try:
        persistence: Any = client.info("persistence")
    except redis.ResponseError:  # a managed server may not tell
        return ""
    if persistence.get("aof_last_write_status", "ok") == "ok":
        return ""
    return "the Redis server cannot write to its disk: make room there"


@contextmanager
def _half_way(settings: Settings) -> Iterator[None]:
    """Say what it means when the server goes away in the middle of a run."""
    try:
        yield
    except redis.RedisError as error:
        raise CopydeskError(
            f"The Redis server at {hide_password(settings.redis_url or '')} went away during the run: "
            f"{error}. What it had accepted is kept and will be processed. When it is back, run the same "
            "command again: articles that are already stored count as unchanged."
        ) from error


@contextmanager
def running(
    settings: Settings, *, log_name: str | None = None
) -> Iterator[tuple[Settings, Supervisor]]:
    """Run a whole desk while inside: the embedded broker where none is named, intake and workers.

    Yields the settings with the broker's URL in them, and the supervisor. With `log_name` the processes
    write their logs to that file in the data folder, else to stderr.

    Raises:
        ConfigurationError: a setting, the server, the data folder or a sink is wrong.
    """
    check_enrichers(settings)
    with ExitStack() as stack:
        settings = settings.model_copy()
        broker = None
        if not settings.redis_url:
            broker = stack.enter_context(EmbeddedBroker(settings.data_dir))
            settings.redis_url = broker.url
        else:
            check_server(settings)
        check_others(settings)
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot make the data folder {settings.data_dir}: {error.strerror}. "
                "Choose another with --data-dir."
            ) from error
        client = connect(settings)
        try:
            RawStreams(client, settings).create_groups()
        except redis.RedisError as error:
            raise ConfigurationError(
                f"The Redis server refuses a command that Copydesk needs: {error}."
            ) from error
        else:
            sinks.check(settings, client)
        finally:
            client.close()
        log_file = settings.data_dir / "logs" / log_name if log_name else None
        supervisor = stack.enter_context(Supervisor(settings, log_file=log_file, broker=broker))
        yield settings, supervisor
