"""Real servers for the tests: an embedded Valkey, or the Redis that COPYDESK_TEST_REDIS_URL names."""

import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import redis

from worker.broker import EmbeddedBroker
from worker.enrichment import build as build_enrichers
from worker.enrichment.base import Enricher
from worker.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own COPYDESK_ variables and .env file must not change what a test sees."""
    for name in os.environ:
        if name.startswith("COPYDESK_") and not name.startswith(
            ("COPYDESK_TEST_", "COPYDESK_EVAL")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real server."""
    named = os.environ.get("COPYDESK_TEST_REDIS_URL")
    if named:
        yield named
        return
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker.url


@pytest.fixture
def client(redis_url: str) -> Iterator["redis.Redis"]:
    """A client of the real server that speaks bytes."""
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def namespace(client: "redis.Redis") -> Iterator[str]:
    """A prefix of the test's own; its keys are deleted afterwards."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    keys = list(client.scan_iter(match=f"*{name}*", count=1000))
    if keys:
        client.delete(*keys)


@pytest.fixture
def settings(redis_url: str, namespace: str, tmp_path: Path) -> Settings:
    """Settings of a desk of its own: namespace, data folder and store."""
    return Settings(redis_url=redis_url, namespace=namespace, data_dir=tmp_path, profile="light")


@pytest.fixture(scope="session")
def enrichers() -> Sequence[Enricher]:
    """The quick enrichers, loaded once."""
    return build_enrichers(Settings(profile="light"))
