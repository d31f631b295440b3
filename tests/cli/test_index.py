"""`copydesk index rebuild`, and what long commands say when they are stopped."""

import time

import pytest

from tests.articles import FERRY, raw
from worker.cli.index import rebuild_index
from worker.cli.prose import resumable
from worker.errors import ConfigurationError
from worker.lanes import Keys
from worker.settings import Settings
from worker.testing import LocalDesk


def test_the_index_is_rebuilt_when_no_worker_lives(
    desk: LocalDesk, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a worker that lives, then nothing is done; when it is gone, then the index is built anew."""
    alive = Keys(settings.namespace).alive
    pool = {f"worker:vm:t:{process}": time.time() * 1000 for process in (1, 2)}
    desk.services.client.zadd(alive, pool)

    with pytest.raises(ConfigurationError, match=r"running, or were .* \(1 on vm\)\. Stop them"):
        rebuild_index(redis=settings.redis_url, data_dir=settings.data_dir)
    kept = desk.run(raw(FERRY, "https://a.example/1"))
    desk.services.client.delete(alive)
    rebuild_index(redis=settings.redis_url, data_dir=settings.data_dir)
    known = desk.run(raw(FERRY, "https://a.example/1"))

    assert [["unchanged"], ["unchanged"]] == [kept, known]
    assert "1 article indexed.\n" in capfd.readouterr().out


def test_a_stopped_command_says_how_far_it_came(capfd: pytest.CaptureFixture[str]) -> None:
    """Given Ctrl-C in the middle, then a line says where the next run goes on."""

    def work() -> None:
        with resumable(lambda: 1_234):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()

    assert "Stopped after 1,234 articles. Run the same command" in capfd.readouterr().err
