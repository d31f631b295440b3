"""The metrics of a desk for Prometheus.

All figures come from the server, so one exporter per desk is enough, wherever it runs. Names follow
Prometheus' conventions: base units, counters end in `_total`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import redis
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector, CollectorRegistry

from worker.breaker import SINKS
from worker.dedup.index import RedisIndex
from worker.dedup.stats import stats
from worker.lanes import Lane
from worker.status import LaneStatus, Status, read_status

COUNTERS: Final = {
    "articles": "Articles that have ended, by outcome.",
    "stage_seconds": "Time spent in a stage, summed over all workers.",
}
GAUGES: Final = {
    "unread_articles": "Articles that no intake has read yet: what to scale workers by.",
    "pending_articles": "Articles that were read and have no outcome yet.",
    "retry_articles": "Articles among them that wait for another try.",
    "queued_messages": "Batches in the lane's Celery queue.",
    "oldest_article_seconds": "Age of the oldest article without an outcome; 0: there is none.",
    "idle_seconds": "Time since an article last ended.",
    "intakes": "Intakes that live, by host.",
    "worker_processes": "Worker processes that live, by host.",
    "breaker_open": "1 while a breaker has stopped the intake of a lane, or of all (sinks).",
    "dead_letters": "Dead letters that are kept.",
    "output_entries": "Entries in the output stream.",
    "redis_memory_bytes": "Memory that the server uses.",
    "redis_memory_limit_bytes": "Memory that the server may use; 0: no limit.",
    "index_documents": "Articles that the deduplication index can find copies of.",
    "index_bytes": "Memory of the index, estimated from a sample.",
    "index_claims": "Articles that are claimed and not delivered yet.",
    "up": "1 if the server answered.",
}
LATENCY: Final = "Time from publishing to the outcome."


class DeskCollector(Collector):
    """Reads the state of the desk at each scrape."""

    def __init__(self, client: redis.Redis, namespace: str, index: RedisIndex) -> None:
        self._client = client
        self._namespace = namespace
        self._index = index

    def collect(self) -> Iterable[Metric]:
        """Return the metrics; if the server does not answer, only `copydesk_up`."""
        try:
            state = read_status(self._client, self._namespace)
            index = stats(self._index)
        except redis.RedisError:
            return [_gauge("up", 0)]
        return [
            *_of_lanes(state.lanes),
            *_of_desk(state),
            _gauge("index_documents", index.documents),
            _gauge("index_bytes", index.bytes),
            _gauge("index_claims", index.claims),
            _gauge("up", 1),
        ]


def registry(client: redis.Redis, namespace: str, index: RedisIndex) -> CollectorRegistry:
    """Return a registry with the desk's metrics and none of this process."""
    made = CollectorRegistry()
    made.register(DeskCollector(client, namespace, index))
    return made


def _of_lanes(lanes: list[LaneStatus]) -> Iterator[Metric]:
    articles = CounterMetricFamily(
        "copydesk_articles", COUNTERS["articles"], labels=["lane", "outcome"]
    )
    stages = CounterMetricFamily(
        "copydesk_stage_seconds", COUNTERS["stage_seconds"], labels=["lane", "stage"]
    )
    latency = SummaryMetricFamily("copydesk_latency_seconds", LATENCY, labels=["lane"])
    for lane in lanes:
        for outcome, count in lane.outcomes.items():
            articles.add_metric([lane.lane, outcome], count)
        for stage, seconds in lane.stage_seconds.items():
            stages.add_metric([lane.lane, stage], seconds)
        settled = sum(lane.outcomes.values())
        latency.add_metric([lane.lane], count_value=settled, sum_value=lane.latency_seconds)
    yield from (articles, stages, latency)
    yield _labelled("unread_articles", "lane", {lane.lane: lane.unread for lane in lanes})
    yield _labelled("pending_articles", "lane", {lane.lane: lane.pending for lane in lanes})
    yield _labelled("retry_articles", "lane", {lane.lane: lane.later for lane in lanes})
    yield _labelled("queued_messages", "lane", {lane.lane: lane.queued for lane in lanes})
    ages = {lane.lane: lane.oldest_seconds for lane in lanes}
    yield _labelled("oldest_article_seconds", "lane", ages)
    idle = {lane.lane: lane.idle_seconds for lane in lanes if lane.idle_seconds is not None}
    yield _labelled("idle_seconds", "lane", idle)


def _of_desk(state: Status) -> Iterator[Metric]:
    yield _labelled("intakes", "host", state.intakes)
    yield _labelled("worker_processes", "host", state.workers)
    opened = {breaker.name for breaker in state.breakers}
    breakers = {name: int(name in opened) for name in (*map(str, Lane), SINKS)}
    yield _labelled("breaker_open", "breaker", breakers)
    yield _gauge("dead_letters", state.dead_letters)
    yield _gauge("output_entries", state.output_length)
    yield _gauge("redis_memory_bytes", state.memory_bytes)
    yield _gauge("redis_memory_limit_bytes", state.memory_limit_bytes)


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(f"copydesk_{name}", GAUGES[name], value=value)


def _labelled(name: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(f"copydesk_{name}", GAUGES[name], labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
