"""The main job on one machine: publish files, wait until every article has its outcome, sum up."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis

from worker import sinks
from worker.broker import EmbeddedBroker
from worker.errors import ConfigurationError, CopydeskError
from worker.files import find_files, read_files
from worker.lanes import Lane
from worker.outcomes import Outcome
from worker.publisher import Publisher
from worker.services import check_server, connect, hide_password
from worker.settings import Settings
from worker.streams import RawStreams
from worker.supervisor import Supervisor

IN_FLIGHT = 20_000
"""Articles of a run that are published ahead of their outcomes, at most: it bounds the server's memory."""


@dataclass(slots=True)
class Summary:
    """What became of a run."""

    published: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    seconds: float = 0.0
    store: str = ""

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
    stops what it has started. `progress` is called several times a second.

    Raises:
        ConfigurationError: a path, the broker or a setting is not as it must be.
        CopydeskError: the workers do not come up, or the Redis server is gone half way.
    """
    files = find_files(paths)
    # Whoever hands in files wants to see what is wrong with each: no breaker stops a run amid bad ones.
    settings = settings.model_copy(update={"breaker_share": 0.0, "breaker_run": 0})
    with running(settings, log_name="ingest.log") as (live, supervisor):
        summary = Summary(store=live.shown_store())
        started = time.monotonic()
        run = secrets.token_hex(8)
        with _half_way(live), Publisher(live) as publisher:
            counts = publisher.keys.run(run)

            def look() -> None:
                supervisor.check()
                summary.outcomes = read_outcomes(publisher.client, counts)
                summary.seconds = time.monotonic() - started
                if progress:
                    progress(summary)

            looked = 0.0
            for summary.published in publisher.publish_many(read_files(files), lane=lane, run=run):
                while True:
                    if time.monotonic() - looked > 0.2:
                        look()
                        looked = time.monotonic()
                    if summary.published - summary.settled < IN_FLIGHT:
                        break
                    time.sleep(0.05)
            look()
            while summary.settled < summary.published:
                time.sleep(0.05)
                look()
    return summary


@contextmanager
def _half_way(settings: Settings) -> Iterator[None]:
    """Say what it means when the server goes away in the middle of a run."""
    try:
        yield
    except redis.RedisError as error:
        raise CopydeskError(
            f"The Redis server at {hide_password(settings.redis_url or '')} went away half way: {error}. "
            "What it had taken is kept and goes on when it is back. Run the same command again: "
            "what is in the store already counts as unchanged."
        ) from error


@contextmanager
def running(
    settings: Settings, *, log_name: str | None = None
) -> Iterator[tuple[Settings, Supervisor]]:
    """Run a whole desk while inside: the embedded broker where none is named, intake and workers.

    Yields the settings with the broker's URL in them, and the supervisor. With `log_name` the processes
    write their logs to that file in the data folder, else to stderr.
    """
    with ExitStack() as stack:
        settings = settings.model_copy()
        if not settings.redis_url:
            settings.redis_url = stack.enter_context(EmbeddedBroker(settings.data_dir)).url
        else:
            check_server(settings)
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot make the data folder {settings.data_dir}: {error.strerror}. "
                "Name another with --data-dir."
            ) from error
        client = connect(settings)
        try:
            RawStreams(client, settings).create_groups()
        except redis.RedisError as error:
            raise ConfigurationError(
                f"The Redis server does not take what we need: {error}."
            ) from error
        else:
            sinks.check(settings, client)
        finally:
            client.close()
        log_file = settings.data_dir / "logs" / log_name if log_name else None
        supervisor = stack.enter_context(Supervisor(settings, log_file=log_file))
        yield settings, supervisor


def read_outcomes(client: redis.Redis, key: str) -> dict[str, int]:
    """Return the number of articles by outcome that a hash of counts holds."""
    values: Any = client.hmget(key, [outcome.value for outcome in Outcome])
    return {outcome.value: int(value or 0) for outcome, value in zip(Outcome, values, strict=True)}
