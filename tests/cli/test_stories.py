"""`copydesk stories`."""

import pytest

from tests.articles import FERRY, raw
from worker.cli.stories import stories
from worker.settings import Settings
from worker.testing import LocalDesk


def test_a_headline_with_brackets_is_shown_as_it_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a headline that a terminal's markup would take for its own, then it stands there whole."""
    monkeypatch.setenv("COPYDESK_NAMESPACE", settings.namespace)
    headline = "[live] Ferry back [/a]"
    with LocalDesk(settings) as desk:
        desk.run(raw(FERRY, "https://a.example/1") | {"title": headline})
        stories(redis=settings.redis_url)

    assert headline in capfd.readouterr().out
