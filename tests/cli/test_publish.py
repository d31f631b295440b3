"""`copydesk publish` and `replay`: what becomes of the articles."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.articles import FERRY
from worker.cli.publish import publish
from worker.cli.replay import replay
from worker.settings import Settings
from worker.streams import RawStreams


@pytest.fixture
def page(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A file with one article; commands find the desk by their variables."""
    monkeypatch.setenv("COPYDESK_NAMESPACE", settings.namespace)
    monkeypatch.setenv("COPYDESK_REDIS_URL", settings.redis_url or "")
    path = tmp_path / "page.html"
    path.write_text(FERRY)
    return str(path)


def test_who_publishes_is_told_that_nobody_is_there_to_work(
    page: str, streams: RawStreams, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a desk without a worker, without an intake as well, with both, then what is missing is said."""
    said = []
    worker = ["worker:box:ab12:1", "worker:box:ab12:2"]
    for living in (["intake:box:9"], [], ["intake:box:9", *worker]):
        streams.client.delete(streams.keys.alive)
        streams.keep_alive(living)
        publish([page])
        said.append(capfd.readouterr().err)

    assert ": no worker is running." in said[0]
    assert ": no intake and no worker is running." in said[1]
    assert "" == said[2]


def test_a_replay_tells_it_as_well(page: str) -> None:
    """Given a desk where nobody works, then a replay publishes and says what to start."""
    app = typer.Typer()
    app.command()(replay)
    printed = CliRunner().invoke(app, [page])

    assert "Published 1 article into the backlog lane.\n" == printed.stdout
    assert "run `copydesk serve`" in printed.stderr
