"""Runs the hand-written pipeline: a real Celery worker on a server of its own."""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import redis

from benchmarks import harness
from worker.broker import EmbeddedBroker


class HandWritten:
    """Sends articles to a running hand-written pipeline and waits until they are through."""

    def __init__(self, url: str) -> None:
        from benchmarks.handwritten import worker

        worker = importlib.reload(worker)  # it reads its server's address as it is loaded
        self._send = worker.process.delay
        self._done = worker.DONE
        self.client = redis.Redis.from_url(url)

    def carry(self, articles: Sequence[bytes]) -> float:
        """Send all articles and return the seconds until the last is through."""
        goal = self._count() + len(articles)
        started = time.perf_counter()
        for article in articles:
            self._send(orjson.loads(article))
        harness.wait_until(lambda: self._count() >= goal)
        return time.perf_counter() - started

    def _count(self) -> int:
        value: Any = self.client.get(self._done)
        return int(value or 0)


@contextmanager
def handwritten(
    warm: Sequence[bytes] = (), *, processes: int = 0, nlp: bool = True
) -> Iterator[HandWritten]:
    """Run it with a worker process a core, warm, in a folder of its own."""
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        variables = {
            "BENCH_REDIS_URL": broker.url,
            "BENCH_STORE": str(path / "handwritten.db"),
            "BENCH_NLP": str(int(nlp)),
        }
        command = [sys.executable, "-m", "celery", "-A", "benchmarks.handwritten.worker", "worker"]
        command += ["--concurrency", str(processes or os.cpu_count() or 1), "--loglevel", "warning"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with harness.environment(**variables), Path(path / "log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env=os.environ
            )
            try:
                one = HandWritten(broker.url)
                one.carry(warm)
                yield one
            finally:
                process.terminate()
                process.wait(60)
