"""Runs that are stopped, or whose server, sink or disk goes away half way."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.command import copydesk, environment_of, start
from tests.faults.disk import small_disk
from tests.faults.feed import make_feed
from tests.faults.servers import Server, server_binaries
from worker.broker import find_running
from worker.errors import CopydeskError
from worker.ingest import _half_way, _Run
from worker.lanes import Keys, Lane
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.status import read_outcomes
from worker.supervisor import Supervisor


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_finishes_what_it_has_begun(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    """Given Ctrl-C, which a terminal sends to the server of the run as well, then it ends in good order.

    It says how far it came, and the same command goes on.
    """
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(5, 1500).articles)))
    data = tmp_path / "data"
    log = data / "logs" / "ingest.log"
    run = subprocess.Popen(
        [sys.executable, "-m", "worker", "ingest", str(file)],
        env=environment_of(data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _wait(lambda: log.exists() and '"event": "batch"' in log.read_text("utf-8"))

    os.killpg(run.pid, number) if number == signal.SIGINT else run.terminate()
    output, errors = run.communicate(timeout=60)

    assert (status, "") == (run.returncode, output)
    assert "Interrupted: " in errors
    assert "Run the same command again" in errors
    assert "Traceback" not in errors
    assert "Connection refused" not in log.read_text("utf-8")
    assert find_running(data) is None
    again = copydesk("ingest", str(file), "--data-dir", str(data), folder=data)
    assert 0 == again.returncode
    commands = f"copydesk list --data-dir {data}, copydesk export --data-dir {data}"
    assert f"(read it with: {commands})" in again.stdout
    assert "already waiting in this lane will be processed first." in again.stderr
    assert all(line == line.rstrip() for line in again.stdout.splitlines())


def test_a_server_that_goes_away_half_way_is_said_plainly() -> None:
    """Given a server lost during a run, then the message names it, without its password, and the way on."""
    settings = Settings(redis_url="redis://:secret@desk.example:6379/0")

    with (
        pytest.raises(
            CopydeskError, match=r"at redis://\*\*\*@desk.example.* run the same command again"
        ) as said,
        _half_way(settings),
    ):
        raise redis.ConnectionError("connection refused")

    assert "secret" not in str(said.value)


def test_a_run_waits_for_a_server_that_comes_back(tmp_path: Path) -> None:
    """Given a Redis killed during a run, for longer than a client tries, then the run waits and ends well.

    It says so, and each article was published once.
    """
    server = Server(server_binaries()["embedded"], tmp_path / "server")
    server.start()
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(3, 3000).articles)))
    keys = Keys("copydesk")
    run = start("ingest", "--redis", server.url, "--json", str(file), folder=tmp_path)
    try:
        with server.client() as client:
            _wait(lambda: any(read_outcomes(client, keys.counts(Lane.LIVE)).values()))
        server.kill()
        assert run.stderr
        first = run.stderr.readline()
        server.start()
        printed, said = run.communicate(timeout=90)
        with server.client() as client:
            entries = client.xlen(keys.raw(Lane.LIVE))
    finally:
        run.kill()
        server.stop()

    assert 0 == run.returncode, said
    counts = orjson.loads(printed)
    assert (3000, 3000) == (counts["published"], sum(counts[outcome] for outcome in Outcome))
    assert 3000 == entries
    assert first.startswith("Waiting: the Redis server does not answer")
    assert said.endswith("Continuing.\n")


def test_a_run_whose_own_server_is_killed_starts_it_again(tmp_path: Path) -> None:
    """Given an embedded server that the system kills during a run, then each article has one outcome."""
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(3, 3000).articles)))
    data = tmp_path / "data"
    run = start("ingest", "--json", str(file), folder=data)
    try:
        _wait(lambda: find_running(data) is not None)
        with redis.Redis.from_url(find_running(data) or "") as client:
            counts = Keys("copydesk").counts(Lane.LIVE)
            _wait(lambda: any(read_outcomes(client, counts).values()))
            os.kill(client.info("server")["process_id"], signal.SIGKILL)
        printed, said = run.communicate(timeout=120)
    finally:
        run.kill()

    assert 0 == run.returncode, said
    told = orjson.loads(printed)
    assert (3000, 3000) == (told["published"], sum(told[outcome] for outcome in Outcome))


def test_a_run_says_that_its_server_has_lost_what_it_was_given(tmp_path: Path) -> None:
    """Given a server that forgets its articles during a run, then the run ends, and says what to do."""
    server = Server(server_binaries()["embedded"], tmp_path / "server")
    server.start()
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(3, 3000).articles)))
    keys = Keys("copydesk")
    run = start("ingest", "--redis", server.url, str(file), folder=tmp_path)
    try:
        with server.client() as client:
            _wait(lambda: any(read_outcomes(client, keys.counts(Lane.LIVE)).values()))
            client.flushall()
        _, said = run.communicate(timeout=90)
    finally:
        run.kill()
        server.stop()

    assert 1 == run.returncode
    assert "The Redis server has 0 of the " in said
    assert "Run the same command again" in said
    assert "Traceback" not in said


def test_a_run_says_which_sink_it_waits_for(tmp_path: Path) -> None:
    """Given a store that another program locks during a run, then the run names it and why, and goes on."""
    file, store = tmp_path / "articles.jsonl", tmp_path / "copydesk.db"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(3, 3000).articles)))
    run = start("ingest", "--json", str(file), folder=tmp_path, COPYDESK_STORE_TIMEOUT="0.5")
    try:
        assert run.stderr
        _wait(lambda: store.exists() and _rows(store) > 0)
        with closing(sqlite3.connect(store, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            first = run.stderr.readline()
            other.execute("ROLLBACK")
        _, rest = run.communicate(timeout=90)
    finally:
        run.kill()

    assert 0 == run.returncode, rest
    assert first.startswith(f"Waiting: The store {store} cannot be used: database is locked")
    assert rest.endswith("Continuing.\n")


def test_a_run_says_that_the_disk_of_its_server_is_full(tmp_path: Path) -> None:
    """Given a server whose disk fills up during a run, then the run says so, and goes on afterwards."""
    disk = small_disk(tmp_path / "disk")
    if disk is None:
        pytest.skip("this user may not mount a disk")
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, make_feed(3, 3000).articles)))
    server = Server(server_binaries()["embedded"], disk.folder)
    server.start()
    run = start("ingest", "--redis", server.url, str(file), folder=tmp_path)
    try:
        assert run.stderr
        with server.client() as client:
            _wait(lambda: any(read_outcomes(client, Keys("copydesk").counts(Lane.LIVE)).values()))
        disk.fill()
        first = run.stderr.readline()
        disk.free()
        _, rest = run.communicate(timeout=90)
    finally:
        run.kill()
        server.stop()
        disk.close()

    assert 0 == run.returncode, rest
    assert first.startswith("Waiting: ")
    assert "cannot write to its disk" in first or "No space left" in first
    assert rest.endswith("Continuing.\n")


def _rows(store: Path) -> int:
    with closing(sqlite3.connect(store)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
        except sqlite3.OperationalError:  # the table is not there yet
            return 0


def _wait(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_stays_away_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a server that does not come back in the time a run waits for it, then the run ends."""
    monkeypatch.setattr("worker.ingest.AWAY", 1.0)
    shown: list[str] = []
    settings = Settings(redis_url="redis://127.0.0.1:1/0")
    run = _Run(settings, Supervisor(settings), lambda told: shown.append(told.waits_for))
    run.publisher.client.set_retry(Retry(NoBackoff(), 0))

    with pytest.raises(redis.ConnectionError):
        run.carry(["articles.jsonl"], Lane.LIVE)

    assert shown
    assert all("does not answer" in line for line in shown)
