"""`copydesk metrics`: what Prometheus reads of a desk."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import CollectorRegistry

from tests.ports import free_port
from worker.dedup.index import RedisIndex
from worker.enrichment.base import Enricher
from worker.exporter import COUNTERS, GAUGES, registry
from worker.settings import Settings
from worker.testing import LocalDesk

ALERTS = Path(__file__).parents[1] / "deploy" / "prometheus" / "alerts.yml"
FERRY = "<p>The ferry to Maasdok sails again after nine days of storm, the harbour master said.</p>"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Read the text as Prometheus does."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labels(**given: str) -> frozenset[tuple[str, str]]:
    """Name a sample's labels."""
    return frozenset(given.items())


@pytest.fixture
def desk(settings: Settings, enrichers: Sequence[Enricher]) -> Iterator[LocalDesk]:
    """A desk that has seen an article, its re-scrape, and something that is none."""
    with LocalDesk(settings, enrichers) as running:
        article = {"url": "https://quay.example/1", "html": FERRY}
        assert ["new"] == running.run(article)
        assert ["unchanged", "rejected"] == running.run(article, b"no JSON")
        yield running


def desk_registry(settings: Settings, client: "redis.Redis") -> CollectorRegistry:
    """The desk's metrics, read through `client`."""
    return registry(client, settings.namespace, RedisIndex(client, settings))


def test_a_desk_tells_what_became_of_its_articles(desk: LocalDesk, client: "redis.Redis") -> None:
    """Given three outcomes and one article that waits; then the metrics tell just that."""
    desk.publisher.publish({"url": "https://quay.example/2", "html": FERRY})
    found = samples(generate_latest(desk_registry(desk.settings, client)).decode())

    outcomes = {
        dict(given)["outcome"]: value
        for (name, given), value in found.items()
        if name == "copydesk_articles_total" and ("lane", "live") in given
    }
    assert {
        "new": 1,
        "unchanged": 1,
        "rejected": 1,
        "update": 0,
        "duplicate": 0,
        "failed": 0,
    } == outcomes
    assert 3 == found["copydesk_latency_seconds_count", labels(lane="live")]
    assert 1 == found["copydesk_unread_articles", labels(lane="live")]
    assert 0 == found["copydesk_unread_articles", labels(lane="backlog")]
    assert 1 == found["copydesk_dead_letters", labels()]
    assert 1 == found["copydesk_index_documents", labels()]
    assert 0 == found["copydesk_breaker_open", labels(breaker="sinks")]
    assert 1 == found["copydesk_up", labels()]


def test_a_server_that_is_away_is_told_as_such(settings: Settings) -> None:
    """Given no server; then `up` is 0, and nothing else is claimed."""
    with redis.Redis(port=free_port()) as nobody:
        found = samples(generate_latest(desk_registry(settings, nobody)).decode())

    assert {("copydesk_up", labels()): 0} == found


def test_the_alerts_read_metrics_that_exist() -> None:
    """Given the alerts; then each metric in them is one of ours."""
    rules = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"][0]["rules"]
    named = set(re.findall(r"copydesk_\w+", " ".join(rule["expr"] for rule in rules)))

    assert named
    assert set() == named - {
        *(f"copydesk_{name}" for name in GAUGES),
        *(f"copydesk_{name}_total" for name in COUNTERS),
    }


def command(settings: Settings, *arguments: str) -> "subprocess.Popen[str]":
    """Start `copydesk metrics`."""
    return subprocess.Popen(
        [sys.executable, "-m", "worker", "metrics", *arguments],
        env={**os.environ, **settings.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_metrics_are_served_until_stopped(desk: LocalDesk) -> None:
    """Given the command; then it serves this machine alone, says where, and ends when asked."""
    with command(desk.settings, "--port", "0") as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        url = said.split()[-1]
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = samples(answer.read().decode())
        process.send_signal(signal.SIGTERM)

    assert url.startswith("http://127.0.0.1:")
    assert 1 == found["copydesk_articles_total", labels(lane="live", outcome="new")]
    assert 0 == process.returncode


def test_a_port_that_is_taken_is_one_clear_line(desk: LocalDesk, redis_url: str) -> None:
    """Given a port on which another serves; then the command says so and ends with 1."""
    taken = redis_url.rpartition(":")[2].partition("/")[0]
    with command(desk.settings, "--port", taken) as process:
        _, said = process.communicate(timeout=60)

    assert 1 == process.returncode
    assert said.startswith(f"copydesk: Cannot serve on 127.0.0.1:{taken}: Address already in use.")
    assert 1 == said.count("\n")
