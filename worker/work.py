"""How a worker processes one batch: take the entries, hold them, run the pipeline, settle."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

import orjson
import redis
import structlog

from worker.drafts import Draft, Result
from worker.entries import Entry, Return
from worker.errors import ConfigurationError
from worker.lanes import Lane
from worker.pipeline import Pipeline
from worker.services import Services
from worker.setbacks import set_aside
from worker.timelimits import InterruptedBatchError, OutOfTimeError

log = structlog.get_logger(__name__)


HandOn = Callable[[Lane, list[str], int, bool], None]
"""Sends entries to the workers that enrich: lane, ids, the server's time (ms), whether they are a probe."""


def process_batch(
    services: Services,
    lane: Lane,
    ids: Sequence[str],
    *,
    probe: bool = False,
    hand_on: HandOn | None = None,
) -> Result:
    """Process the entries `ids` of `lane`; those that others hold or have settled are skipped.

    Entries that cannot be finished are handed back: after the batch's time limit, at the end of the grace
    period of a shutdown, and when the server goes away. A `probe` is sent while a breaker is open. With
    `hand_on` new articles are not enriched here, but handed on.

    Raises:
        redis.RedisError: the server went away before anything was taken. Nothing is lost: the intake issues
            the entries again.
    """
    result = Result()
    entries = services.streams.take(lane, services.worker, ids)
    if not entries:
        return result
    with Hold(services, lane, entries) as hold:
        _carry(services, hold, entries, result, probe=probe, enriches=hand_on is None)
        hold.finish(lambda: _finish(services, lane, result, probe=probe, hand_on=hand_on))
    log.info("batch", lane=lane.value, taken=len(entries), **result.summary())
    return result


def _carry(
    services: Services,
    hold: "Hold",
    entries: Sequence[Entry],
    result: Result,
    *,
    probe: bool,
    enriches: bool,
) -> None:
    """Run the pipeline unless a breaker is open; return what is unfinished, by way of `result`."""
    delay, event = 0.0, b""
    pipeline = Pipeline(services, hold.still_held, enriches=enriches)
    try:
        if probe or not services.breakers.stopped(entries[0].lane):
            with services.limits.batch(services.settings.soft_time_limit):
                pipeline.process(entries, result)
    except InterruptedBatchError:
        log.warning("batch interrupted", reason="the worker is stopping")
    except redis.RedisError as error:
        result.away = f"Redis did not answer: {error}"
        delay = 0.5 + random.random() / 2  # noqa: S311 - spreads load, hides nothing
        log.warning("the server is away, the batch is handed back", error=str(error))
    except ConfigurationError as error:
        # A service is misconfigured, e.g. the index is of another version. That is no article's fault.
        result.away = str(error)
        log.error("the batch is handed back", error=str(error))  # noqa: TRY400 - it tells all there is to say
    except (OutOfTimeError, Exception) as error:
        # Out of time, or a fault between the stages. The event makes each entry go alone next time; a single
        # entry is itself at fault.
        log.warning("batch failed", error=str(error), exc_info=isinstance(error, Exception))
        if len(entries) == 1 and not result.named():
            with contextlib.suppress(redis.RedisError):  # it comes again, and finds its claim
                set_aside(services, pipeline.drafts or [Draft(entries[0])], error, result)
        event = orjson.dumps({"at": services.clock(), "kind": "batch", "error": str(error)[:1000]})
    named = result.named()
    result.returns += [Return(one, delay, event) for one in entries if one.id not in named]


def _finish(
    services: Services, lane: Lane, result: Result, *, probe: bool, hand_on: HandOn | None
) -> None:
    """Store the results of the batch; safe to repeat."""
    services.streams.settle(lane, result.settlements)
    returned = services.streams.hand_back(lane, services.worker, result.returns)
    if returned < len(
        result.returns
    ):  # nobody comes back for the claims of what is no longer there
        gone = services.streams.gone(lane, [one.entry for one in result.returns])
        services.index.abandon([entry.holder for entry in gone])
    services.streams.count_time(lane, result.stopwatch)
    if result.handed and hand_on:
        ids = [entry.id for entry in result.handed]
        handed, now = services.streams.hand_on(lane, services.worker, ids)
        if handed:
            hand_on(lane, handed, now, probe)
    breakers = services.breakers
    # A probe that was handed on has its answer from the enrichment and the sinks.
    answers = probe and not result.handed
    breakers.record(lane, good=result.good, bad=result.faults, probe=answers, why=result.why)
    if result.away or answers:
        breakers.record_sinks(away=bool(result.away), probe=probe, why=result.away)


class Hold:
    """Refreshes a worker's hold on its entries three times per lease while it processes them.

    A worker that dies stops refreshing, and its entries are issued again when the lease runs out.
    """

    def __init__(self, services: Services, lane: Lane, entries: Sequence[Entry]) -> None:
        self._services = services
        self._lane = lane
        self._ids = [entry.id for entry in entries]
        self._lease = services.settings.lease
        self._sure_until = time.monotonic() + self._lease / 2
        self._done = threading.Event()
        self._last: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._refresh, name="hold", daemon=True)

    def still_held(self) -> set[str]:
        """Return the ids still held. The server is asked only if the last refresh was long ago.

        Raises:
            redis.RedisError: it does not answer.
        """
        if time.monotonic() > self._sure_until:
            asked = time.monotonic()
            streams, worker = self._services.streams, self._services.worker
            self._ids = [i for i in self._ids if streams.refresh(self._lane, worker, [i])]
            self._sure_until = asked + self._lease / 2
        return set(self._ids)

    def finish(self, last: Callable[[], None]) -> None:
        """Run the last step of a batch; while the server is away, it is retried in the background."""
        try:
            last()
        except redis.RedisError as error:
            log.warning("the server is away, the outcomes wait for it", error=str(error))
            self._last = last

    def _refresh(self) -> None:
        while not self._done.wait(self._lease / 3):
            asked = time.monotonic()
            try:
                held = self._services.streams.refresh(self._lane, self._services.worker, self._ids)
            except redis.RedisError as error:
                log.warning("hold not refreshed", error=str(error))
            else:
                if held == len(self._ids):
                    self._sure_until = asked + self._lease / 2
        while self._last is not None:
            time.sleep(self._lease / 5)
            try:
                self._last()
            except redis.RedisError:
                continue
            self._last = None
            log.info("the outcomes are stored")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._last is None:
            self._thread.join()
