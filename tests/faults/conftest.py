"""Servers and desks for the fault tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.desk import FaultyDesk
from tests.faults.disk import small_disk
from tests.faults.servers import Server, server_binaries
from worker.settings import Settings

Start = Callable[..., FaultyDesk]
"""Starts a desk of one worker with these settings."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the seed of every run, also of one that went well."""
    from tests.faults.test_short import SEED

    terminalreporter.write_line(f"faults: seed {SEED} (COPYDESK_TEST_SEED)")


def fault_settings(url: str, folder: Path, **more: object) -> Settings:
    """Return settings of a desk under fire: leases and limits short enough to see them run out."""
    values: dict[str, object] = {
        "redis_url": url,
        "data_dir": folder,
        "namespace": "fault",
        "enrichers": ["language", "poison"],
        "concurrency": 1,
        "batch_size": 32,
        "lease": 2.0,
        "article_time_limit": 1.0,
        "soft_time_limit": 20.0,
        "hard_time_limit": 25.0,
        "grace": 3.0,
        "max_deaths": 3,
        "store_timeout": 2.0,
        "output_max_length": 0,
    }
    return Settings(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture(params=sorted(server_binaries()))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed: the embedded one, and Redis where this machine has it."""
    folder = tmp_path / "server"
    running = Server(server_binaries()[request.param], folder, small_disk(folder))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Server]:
    """The embedded server alone."""
    running = Server(server_binaries()["embedded"], tmp_path / "server")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Iterator[FaultyDesk]:
    """A running desk with short leases."""
    disk = small_disk(tmp_path / "store")
    settings = fault_settings(server.url, tmp_path, store=str(tmp_path / "store" / "copydesk.db"))
    running = FaultyDesk(settings, disk=disk)
    running.start()
    yield running
    running.stop()
    if disk:
        disk.close()


@pytest.fixture
def start(embedded: Server, tmp_path: Path) -> Iterator[Start]:
    """Start a desk of one worker with these settings."""
    started: list[FaultyDesk] = []

    def run(**values: object) -> FaultyDesk:
        desk = FaultyDesk(fault_settings(embedded.url, tmp_path, **values), workers=1)
        started.append(desk)
        desk.start()
        return desk

    yield run
    for desk in started:
        desk.stop()
