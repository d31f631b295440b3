"""A desk that commands are asked about."""

from collections.abc import Iterator

import pytest

from tests.articles import FERRY, raw
from worker.settings import Settings
from worker.testing import LocalDesk


@pytest.fixture
def desk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[LocalDesk]:
    """A desk with one article, which commands find by their variables; nothing is printed yet."""
    monkeypatch.setenv("COPYDESK_NAMESPACE", settings.namespace)
    with LocalDesk(settings, []) as running:
        running.run(raw(FERRY, "https://a.example/1"))
        capfd.readouterr()
        yield running
