"""`copydesk health`: it proves that somebody consumes, with nothing to do as well."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from worker.breaker import BreakerState
from worker.health import problems, role_problems
from worker.lanes import Keys
from worker.settings import Settings
from worker.status import ALIVE, LaneStatus, Status, read_status
from worker.streams import RawStreams

IDLE = LaneStatus("live", 0, 0, 0, 0, 0.0, None, None)
STALLED = LaneStatus("live", 5, 2, 1, 0, 90.0, 80.0, None)
OPEN = BreakerState("sinks", "open", 0.0, 0.0, "the store is away")
ONE = {"here": 1}


def state(lane: LaneStatus, *, intakes: bool, workers: bool, stopped: bool = False) -> Status:
    """The status of a desk of one lane, with or without a living intake and worker on the host `here`."""
    return Status(
        [lane], 0, 0, 0,
        intakes=ONE if intakes else {}, workers=ONE if workers else {}, breakers=[OPEN] * stopped,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("desk", "words"),
    [
        (state(IDLE, intakes=True, workers=True), []),
        (state(IDLE, intakes=True, workers=False), ["no worker"]),
        (state(IDLE, intakes=False, workers=True), ["no intake"]),
        (state(STALLED, intakes=True, workers=True), ["7 articles are waiting in the live lane"]),
        (state(IDLE, intakes=True, workers=True, stopped=True), ["breaker sinks"]),
        (state(STALLED, intakes=False, workers=False), ["no intake", "no worker", "7 articles"]),
    ],
)
def test_a_desk_is_healthy_when_it_would_consume(desk: Status, words: list[str]) -> None:
    """Given a desk, then each thing that keeps it from consuming is named, and nothing else."""
    found = problems(desk, patience=60.0)

    assert len(words) == len(found)
    assert all(text.startswith(word) for word, text in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("desk", "role", "host", "healthy"),
    [
        (state(IDLE, intakes=True, workers=False), "intake", "here", True),
        (state(IDLE, intakes=True, workers=False), "worker", "here", False),
        (state(IDLE, intakes=True, workers=True), "worker", "elsewhere", False),
        (state(STALLED, intakes=True, workers=True), "worker", "here", False),
        # A restart of the worker helps against none of these.
        (state(STALLED, intakes=False, workers=True), "worker", "here", True),
        (state(STALLED, intakes=True, workers=True, stopped=True), "worker", "here", True),
        (state(STALLED, intakes=True, workers=False), "intake", "here", True),
    ],
)
def test_a_role_fails_where_a_restart_may_help(
    desk: Status, role: str, host: str, *, healthy: bool
) -> None:
    """Given a desk, then a role of one machine is unhealthy for what is its own fault alone."""
    assert healthy == (not role_problems(desk, role, host, patience=60.0))


def test_a_main_process_alone_is_no_worker(settings: Settings, client: "redis.Redis") -> None:
    """Given a pool without a process, then nobody is there to work; with one, there is."""
    streams = RawStreams(client, settings)
    streams.keep_alive(["worker:box:ab12:1", "intake:box:9"])
    alone = read_status(client, settings.namespace)
    streams.keep_alive(["worker:box:ab12:1", "worker:box:ab12:2"])
    both = read_status(client, settings.namespace)

    assert ({"box": 1}, {}) == (alone.intakes, alone.workers)
    assert {"box": 1} == both.workers


@pytest.fixture(params=[False, True], ids=["celery", "direct"])
def desk(
    request: pytest.FixtureRequest, redis_url: str, namespace: str, tmp_path: Path
) -> Iterator[FaultyDesk]:
    """A desk of one worker, by Celery and without it."""
    settings = fault_settings(redis_url, tmp_path, namespace=namespace, direct=request.param)
    running = FaultyDesk(settings, workers=1)
    running.start()
    yield running
    running.stop()


def health(desk: FaultyDesk, *options: str) -> tuple[int, str]:
    """Run the command as a health check does; return its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "worker", "health", *options],
        env={**os.environ, **desk.settings.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def grow_older(desk: FaultyDesk, seconds: float) -> None:
    """Let what processes said of themselves lie so much longer ago; those that live say it again."""
    alive = Keys(desk.settings.namespace).alive
    for name in desk.client.zrange(alive, 0, -1):
        desk.client.zincrby(alive, -1000 * seconds, name)


def test_an_idle_desk_is_healthy_until_its_worker_is_gone(desk: FaultyDesk) -> None:
    """Given a desk that never saw an article, then it is healthy; without its worker it is not."""
    deadline = time.monotonic() + 10
    while not read_status(desk.client, desk.settings.namespace).intakes:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    fresh = [health(desk), health(desk, "--role", "worker"), health(desk, "--role", "intake")]
    desk.kill_worker(0)
    grow_older(desk, ALIVE + 1)
    status, said = health(desk)
    role, _ = health(desk, "--role", "worker")

    assert [(0, "healthy\n")] * 3 == fresh
    assert (1, 1) == (status, role)
    assert "unhealthy: no worker has reported within 10 s" in said


def test_a_desk_that_is_stopped_is_said_to_live_no_more(desk: FaultyDesk) -> None:
    """Given a desk at rest, when it is stopped, then no intake and no process is counted at once."""
    alive = Keys(desk.settings.namespace).alive
    before = desk.client.zcard(alive)
    desk.stop()

    assert before >= 2
    assert [] == desk.client.zrange(alive, 0, -1)
