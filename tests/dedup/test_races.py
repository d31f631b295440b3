"""Several processes with the same stories at once, and processes that are killed."""

import json
import subprocess
import sys
import time
from collections import Counter

import pytest
import redis

from tests.dedup.runner import index_of, story
from tests.dedup.stories import candidate
from worker.dedup.base import Verdict

PROCESSES = 4


def start(url: str, namespace: str, name: str, count: int, *stop: str) -> subprocess.Popen[bytes]:
    """Start a process that works at the index."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.dedup.runner", url, namespace, name, str(count), *stop],
        stdout=subprocess.PIPE,
    )  # fmt: skip


def race(url: str, namespace: str, count: int) -> None:
    """Let four processes bring the same stories, and see that each has one first and one canonical."""
    running = [start(url, namespace, name, count) for name in "abcd"]
    told = [
        json.loads(line) for one in running for line in one.communicate(timeout=250)[0].splitlines()
    ]
    assert [one.returncode for one in running] == [0] * PROCESSES
    firsts = {id_.partition("-")[2]: id_ for id_, verdict, _ in told if verdict == "new"}
    assert Counter(verdict for _, verdict, _ in told) == {
        "new": count,
        "duplicate": count * (PROCESSES - 1),
    }
    assert len(firsts) == count
    for id_, verdict, canonical in told:
        if verdict == "duplicate":
            assert canonical == firsts[id_.partition("-")[2]]


def test_four_processes_agree_on_the_first(redis_url: str, namespace: str) -> None:
    """Given 200 stories in four processes at once, then each has exactly one first."""
    race(redis_url, namespace, 200)


@pytest.mark.long
@pytest.mark.parametrize("run", range(20))
def test_four_processes_agree_on_2000_firsts(redis_url: str, namespace: str, run: int) -> None:
    """Given 2,000 stories in four processes at once, twenty times, then each has exactly one first."""
    race(redis_url, f"{namespace}-{run}", 2_000)


def test_a_killed_process_loses_no_story_and_makes_no_second_canonical(
    redis_url: str, client: redis.Redis, namespace: str
) -> None:
    """Given a process killed with open claims, when its lease is over, then the copy takes over once.

    Before that the copy waits; afterwards the killed one's entry, redelivered, is a copy itself.
    """
    index = index_of(client, namespace)
    copies = [candidate(f"copy-{n}", story(n)) for n in range(8)]
    killed = start(redis_url, namespace, "killed", 8, "stop")
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == b"reserved"
    killed.kill()
    killed.communicate()

    assert {said.verdict for said in index.reserve(copies)} == {Verdict.OPEN}
    time.sleep(2.1)
    assert {said.verdict for said in index.reserve(copies)} == {Verdict.NEW}
    index.commit(copies)
    returned = [candidate(f"killed-{n}", story(n)) for n in range(8)]
    assert [said.duplicate_of for said in index.reserve(returned)] == [one.id for one in copies]


def test_a_killed_process_that_comes_back_in_time_keeps_its_claims(
    redis_url: str, client: redis.Redis, namespace: str
) -> None:
    """Given a killed process, when its entries are redelivered first, then they are new once more."""
    killed = start(redis_url, namespace, "killed", 8, "stop")
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.kill()
    killed.communicate()
    index = index_of(client, namespace)
    returned = [candidate(f"killed-{n}", story(n)) for n in range(8)]
    assert {said.verdict for said in index.reserve(returned)} == {Verdict.NEW}
    index.commit(returned)
    copies = [candidate(f"copy-{n}", story(n)) for n in range(8)]
    assert {said.verdict for said in index.reserve(copies)} == {Verdict.DUPLICATE}
