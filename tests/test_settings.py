"""The settings."""

from pathlib import Path

import orjson
import pytest

from worker.cli import options
from worker.cli.settings import settings as settings_command
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
    assert "postgresql://***@h/d" == Settings(store="postgresql://u:secret@h/d").shown_store()
    assert "postgresql://u@h/d" == Settings(store="postgresql://u@h/d").shown_store()


def test_a_dotenv_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a .env file in the working folder, then its settings count."""
    (tmp_path / ".env").write_text("COPYDESK_PROFILE=light\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")

    assert "light" == Settings().profile


def test_variables_that_are_no_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a misspelt variable, then `copydesk settings` names it, and the setting that was meant."""
    monkeypatch.setenv("COPYDESK_PROFIL", "light")
    monkeypatch.setenv("COPYDESK_TEST_REDIS_URL", "redis://localhost")

    settings_command(json=True)

    [line] = capfd.readouterr().err.splitlines()
    assert "COPYDESK_PROFIL is set, but there is no such setting" in line
    assert "Did you mean COPYDESK_PROFILE?" in line


def test_what_looks_like_a_slip_is_named_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a misspelt variable, in `.env` as well, then it is named; one of Kubernetes' own is not."""
    (tmp_path / ".env").write_text("COPYDESK_ARCHIV=raw\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    monkeypatch.setenv("COPYDESK_REDIS_ULR", "redis://localhost")
    monkeypatch.setenv("COPYDESK_REDIS_PORT", "tcp://10.0.0.1:6379")

    options.settings()

    first, second = capfd.readouterr().err.splitlines()
    assert "COPYDESK_REDIS_ULR is set" in second
    assert "Did you mean COPYDESK_REDIS_URL?" in second
    assert "Did you mean COPYDESK_ARCHIVE?" in first


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given empty variables, as Compose hands them on, then the defaults count; an empty list is one."""
    for name in ("CONCURRENCY", "REDIS_URL", "SOURCE_LIMITS", "PROFILE", "ENRICHERS"):
        monkeypatch.setenv(f"COPYDESK_{name}", "")

    read = Settings()

    assert (0, None, {}, "full") == (
        read.concurrency, read.redis_url, read.source_limits, read.profile
    )  # fmt: skip
    assert [] == read.enrichers


def test_settings_on_a_terminal_have_their_purpose_below_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a terminal, then each setting and its value are a line, and what it is for is indented below."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")  # no colours
    monkeypatch.setenv("COPYDESK_NAMESPACE", "[news]")

    settings_command()

    lines = capsys.readouterr().out.splitlines()
    here = lines.index("COPYDESK_NAMESPACE  [news]")
    assert lines[here + 1].startswith("  Prefix of every key")
    assert all(line == line.rstrip() for line in lines)


def test_a_table_of_settings_has_a_line_each_in_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    """Given no terminal, then no line of the table is folded."""
    settings_command()

    lines = capfd.readouterr().out.splitlines()
    assert len(Settings.model_fields) + 1 == len(lines)


def test_no_password_is_printed_for_programs_either(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given URLs with passwords, then `copydesk settings --json` leaves them out."""
    monkeypatch.setenv("COPYDESK_REDIS_URL", "redis://:secret@h:6379/0")
    monkeypatch.setenv("COPYDESK_STORE", "postgresql://u:secret@h/d")

    settings_command(json=True)

    printed = capfd.readouterr().out
    assert "secret" not in printed
    assert "redis://***@h:6379/0" == orjson.loads(printed)["redis_url"]


def test_a_value_with_brackets_is_shown_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Given a value that the terminal's markup would take for its own, then it stands in the table whole."""
    monkeypatch.setenv("COPYDESK_DATA_DIR", "/tmp/[bold]/[/b]")
    settings_command()

    assert "/tmp/[bold]/[/b] " in capfd.readouterr().out
