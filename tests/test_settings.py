"""The settings."""

from pathlib import Path

import pytest

from worker.settings import Settings


def test_settings_reach_another_process_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given settings of every kind, then the variables made of them read back as the same settings."""
    given = Settings(
        data_dir=tmp_path,
        redis_url="redis://:p@h:1/0",
        sinks=["sql"],
        enrichers=["language", "summary"],
        entity_models={"en": "m"},
        batch_wait=0.05,
    )
    for name, value in given.environment().items():
        monkeypatch.setenv(name, value)

    assert given == Settings()


@pytest.mark.parametrize(
    ("store", "url"),
    [
        ("desk.db", "sqlite:///desk.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////data/desk.db", "sqlite:////data/desk.db"),
    ],
)
def test_the_store_is_a_path_or_a_url(store: str, url: str) -> None:
    """Given a path or any usual URL, then SQLAlchemy gets what it understands."""
    assert url == Settings(store=store).store_url()


def test_a_password_is_never_shown() -> None:
    """Given a store with a password, then what is shown leaves it out."""
    assert "***@h/d" in Settings(store="postgresql://u:secret@h/d").shown_store()


def test_a_dotenv_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a .env file in the working folder, then its settings count."""
    (tmp_path / ".env").write_text("COPYDESK_PROFILE=light\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")

    assert "light" == Settings().profile
