"""The workers without Celery: the same command, the same outcomes, the same guarantees."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import orjson
import pytest

from benchmarks.generate import articles
from tests.articles import FERRY, TUNNEL, raw
from tests.command import copydesk, export
from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from worker.lanes import Keys, Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.status import read_outcomes
from worker.streams import RawStreams


def test_a_backlog_without_celery(tmp_path: Path) -> None:
    """Given an article, its copy, another and a broken line: the outcomes are those of the Celery workers."""
    lines = tmp_path / "mixed.jsonl"
    lines.write_bytes(
        b"\n".join(
            [
                orjson.dumps(raw(FERRY, "https://a.example/1")),
                orjson.dumps(raw(FERRY, "https://b.example/1")),
                orjson.dumps(raw(TUNNEL, "https://a.example/2")),
                b"{",
            ]
        )
    )

    done = copydesk("ingest", "--direct", str(lines), "--json", folder=tmp_path)

    assert 3 == done.returncode, done.stderr
    counts = orjson.loads(done.stdout)
    assert (4, 2, 1, 1) == tuple(
        counts[name] for name in ("published", "new", "duplicate", "rejected")
    )
    assert 2 == len(export(tmp_path, "new"))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells a process that its parent died")
def test_the_processes_of_a_main_process_that_is_killed_end_as_well(
    redis_url: str, namespace: str, tmp_path: Path
) -> None:
    """Given workers without Celery, when their main process is killed, then none works on unwatched."""
    settings = fault_settings(redis_url, tmp_path, namespace=namespace, direct=True)
    desk = FaultyDesk(settings, workers=1)
    desk.start()
    [main], [child] = desk.workers, desk.children(0)
    assert main is not None

    main.kill()
    main.wait()
    try:
        _wait(lambda: not Path(f"/proc/{child}").exists())
    finally:
        desk.stop()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_workers_that_have_just_begun_stop_at_once(
    redis_url: str, namespace: str, tmp_path: Path
) -> None:
    """Given a process that is not at work yet, when its worker is stopped, then nobody waits for it."""
    settings = fault_settings(redis_url, tmp_path, namespace=namespace, direct=True)
    settings.grace = 60.0
    desk = FaultyDesk(settings, workers=1)
    try:
        desk.start()
        [main] = desk.workers
        assert main is not None
        main.terminate()

        assert 0 == main.wait(20)
    finally:
        desk.stop()


@pytest.mark.long
def test_a_direct_worker_that_is_killed_loses_and_repeats_nothing(settings: Settings) -> None:
    """Given a process killed in the middle of its work, then each article has one outcome, delivered once."""
    settings.lease, settings.direct, settings.concurrency = 1.0, True, 2
    keys, count = Keys(settings.namespace), 400
    with Publisher(settings) as publisher:
        client = publisher.client

        def settled() -> int:
            return sum(read_outcomes(client, keys.counts(Lane.LIVE)).values())

        RawStreams(client, settings).create_groups()
        for _ in publisher.publish_many(articles(count, copies=0.0, updates=0.0)):
            pass
        workers = subprocess.Popen(
            [sys.executable, "-m", "worker", "worker"],
            env={**os.environ, **settings.environment()},
        )
        try:
            _wait(lambda: settled() > 0)
            children = Path(f"/proc/{workers.pid}/task/{workers.pid}/children").read_text()
            os.kill(int(children.split()[0]), signal.SIGKILL)
            _wait(lambda: settled() == count)
        finally:
            workers.terminate()
            assert 0 == workers.wait(30)
        delivered = [fields[b"id"] for _, fields in client.xrange(keys.articles)]

    assert count == len(delivered) == len(set(delivered))


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)
