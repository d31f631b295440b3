"""The main job as a user runs it: the real command, a real broker, real workers."""

import gzip
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.articles import FERRY, TUNNEL, raw
from tests.command import copydesk, environment_of, export, start
from worker.broker import find_running


def test_a_body_scraped_twice(tmp_path: Path) -> None:
    """Given a text file with one body in two lines: one delivered, one a copy; a second run adds nothing.

    A run into another store says why that stays empty.
    """
    bodies = tmp_path / "bodies.txt"
    bodies.write_text(f"{FERRY}\n{FERRY}\n", encoding="utf-8")

    first = copydesk("ingest", str(bodies), "--json", folder=tmp_path)
    again = copydesk("ingest", str(bodies), folder=tmp_path)
    other = copydesk("ingest", str(bodies), "--store", str(tmp_path / "b.db"), folder=tmp_path)

    assert (0, 0, 0) == (first.returncode, again.returncode, other.returncode), other.stderr
    counts = orjson.loads(first.stdout)
    assert (2, 1, 1) == (counts["published"], counts["new"], counts["duplicate"])
    assert "2  unchanged" in again.stdout
    assert "This store is empty" not in again.stdout
    assert "This store is empty, but the index already knows" in other.stdout
    [article] = export(tmp_path, "new")
    [copy] = export(tmp_path, "duplicate")
    assert article["id"] == copy["duplicate_of"]
    assert 1.0 == copy["similarity"]
    assert [] == export(tmp_path, "update")
    assert find_running(tmp_path) is None


def test_bad_input_is_explained_and_harms_nobody(tmp_path: Path) -> None:
    """Given broken lines among good ones: exit status 3, the good delivered, the rest explained."""
    lines = tmp_path / "mixed.jsonl"
    good = [
        orjson.dumps(raw(FERRY, "https://a.example/1")),
        orjson.dumps(raw(TUNNEL, "https://a.example/2")),
    ]
    bad = [
        b"{",
        b"[1]",
        b'{"title": "no body"}',
        b'{"html": "\\ud800"}',
        b'{"html": "<p>A text</p>", "published_at": NaN}',
        b"\x00\x01\xff\xfe",
        orjson.dumps({"html": "<div>" * 5000 + "deep"}),
        orjson.dumps({"html": "<p>" + "long " * 1_200_000 + "</p>"}),
    ]
    lines.write_bytes(b"\n".join([good[0], *bad, good[1]]))

    done = copydesk("ingest", str(lines), "--json", folder=tmp_path)
    letters = copydesk("dlq", "list", "--json", folder=tmp_path)

    assert 3 == done.returncode, done.stderr
    counts = orjson.loads(done.stdout)
    assert (10, 2, 8) == (counts["published"], counts["new"], counts["rejected"])
    found = list(map(orjson.loads, letters.stdout.splitlines()))
    assert {f"{lines}:{number}" for number in range(2, 10)} == {one["origin"] for one in found}
    reasons = sorted(one["reason"] for one in found)
    expected = [
        "binary",
        "no_content",
        "not_an_object",
        "not_json",
        "not_json",
        "not_json",
        "too_deep",
    ]
    assert [*expected, "too_large"] == reasons


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest", "missing.jsonl"], "There is no file missing.jsonl"),
        (["ingest", "pyproject.toml"], "pyproject.toml cannot be read; the known kinds are"),
        (["publish", "missing.jsonl"], "There is no file missing.jsonl"),
        (["replay", "missing.jsonl"], "There is no file missing.jsonl"),
        (["replay", "--archive", "nowhere"], "No Redis is configured,"),
        (
            ["ingest", "--redis", "redis://:secret@localhost:1/0", "examples/articles.jsonl"],
            "No Redis answers at redis://***@localhost:1/0",
        ),
        (["status"], "No Redis is configured, and no embedded server is running"),
        (
            ["ingest", "--data-dir", "/proc/nowhere", "examples/articles.jsonl"],
            "Cannot write the data folder",
        ),
        (["status", "--redis", "localhost"], "Write redis://[USER:PASSWORD@]HOST[:PORT][/DB]."),
        (["schema", "raw", "--profile"], "No such option"),
        (["worker", "--direct", "--", "-E"], "Options after -- are for Celery"),
        (["schema", "rows"], "Invalid value for 'WHICH': 'rows' is not one of"),
        (["dlq", "list", "--stage", "write"], "Invalid value for '--stage': 'write' is not one of"),
    ],
)
def test_what_a_person_can_put_right_is_one_line(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    """Given a wrong file, server or folder, then one line says so, without a traceback."""
    done = copydesk(*arguments, folder=tmp_path)

    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said", "status"),
    [
        ("COPYDESK_ENRICHERS", "light,clouds", "There is no enricher 'clouds'. Available:", 1),
        ("COPYDESK_SINKS", "sql,tape", "There is no sink 'tape'", 1),
        ("COPYDESK_SOURCE_LIMITS", "{5", "COPYDESK_SOURCE_LIMITS is '{5': write it as JSON", 2),
        ("COPYDESK_SOURCE_LIMITS", '{"a": -1}', "COPYDESK_SOURCE_LIMITS.a is '-1'", 2),
        ("COPYDESK_BATCH_SIZE", "many", "COPYDESK_BATCH_SIZE is 'many': input should be", 2),
        ("COPYDESK_ENTITY_MODELS", '{"en": "no_such_model"}', "model 'no_such_model' is not", 1),
        ("COPYDESK_ARCHIVE", "/proc/nowhere", "The raw archive /proc/nowhere cannot be used", 1),
        ("COPYDESK_ARCHIVE", "gopher://h/raw", "The archive gopher://h/raw cannot be used", 1),
        (
            "COPYDESK_BROKER_URL",
            "pigeon://h",
            "The broker pigeon://h is not of a kind that Celery",
            1,
        ),
        ("COPYDESK_BROKER_URL", "amqp://u:p@localhost:1", "No broker answers at amqp://***@", 1),
        ("COPYDESK_BROKER_URL", "sentinel://localhost:1", "'master_name' transport option", 1),
        (
            "COPYDESK_REDIS_URL",
            "redis+sentinel://:p@h",
            "is 'redis+sentinel://***@h': it has the",
            2,
        ),
        ("COPYDESK_REDIS_URL", "redis+sentinel://localhost:1/n", "no sentinel of localhost:1", 1),
        (
            "COPYDESK_INDEX_URL",
            "pigeon://:p@h",
            "The index pigeon://***@h is not at a Redis URL",
            1,
        ),
        (
            "COPYDESK_INDEX_URL",
            "redis://:p@localhost:1",
            "redis://***@localhost:1 does not answer",
            1,
        ),
    ],
)
def test_a_setting_that_names_nothing_is_said_at_once(
    tmp_path: Path, variable: str, value: str, said: str, status: int
) -> None:
    """Given a setting that is not valid, or names nothing that there is, then one line says so."""
    run = start(
        "ingest", "examples/articles.jsonl", folder=tmp_path,
        COPYDESK_PROFILE="full", **{variable: value},
    )  # fmt: skip
    _, errors = run.communicate(timeout=100)

    assert status == run.returncode
    assert said in errors
    assert 1 == len(errors.splitlines()), "no role was started, so no log is shown"


def test_ctrl_c_while_a_command_starts_is_no_traceback(tmp_path: Path) -> None:
    """Given Ctrl-C while modules are still being read, then the command ends as a shell expects."""
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt")

    done = subprocess.run(
        [sys.executable, "-m", "worker", "status"],
        env={**environment_of(tmp_path), "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[1]}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (130, "") == (done.returncode, done.stderr)


def test_a_data_folder_may_be_named_from_where_one_stands(tmp_path: Path) -> None:
    """Given a relative data folder, then the run works, and the folder is where it was named."""
    article = tmp_path / "one.jsonl"
    article.write_bytes(orjson.dumps(raw(FERRY, "https://herald.example/1")))
    environment = {
        name: value
        for name, value in environment_of(tmp_path).items()
        if name != "COPYDESK_DATA_DIR"
    }

    done = subprocess.run(
        [sys.executable, "-m", "worker", "ingest", "one.jsonl", "--data-dir", "desk"],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert 0 == done.returncode, done.stderr
    assert (tmp_path / "desk" / "copydesk.db").exists()


def test_a_setting_that_is_not_valid_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a setting out of its range, then its name and its fault are said, and the status is 2."""
    done = copydesk("ingest", "--profile", "heavy", "examples/articles.jsonl", folder=tmp_path)

    assert 2 == done.returncode
    assert "heavy" in done.stderr


def test_a_file_of_bad_pages_comes_to_its_end(tmp_path: Path) -> None:
    """Given many pages without text in a row, then no breaker stops the run: each is a dead letter."""
    file = tmp_path / "bad.jsonl"
    file.write_bytes(
        b"\n".join(orjson.dumps({"id": str(n), "html": "<p> </p>"}) for n in range(500))
    )

    done = copydesk("ingest", str(file), "--json", folder=tmp_path / "data")

    assert 3 == done.returncode, done.stderr
    assert 500 == orjson.loads(done.stdout)["rejected"]


def test_files_of_other_kinds_are_said(tmp_path: Path) -> None:
    """Given a folder with an article and a PDF, then the run says which file it left out."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.html").write_text(
        "<html><body><p>The ferry is back in the harbour.</p></body></html>"
    )
    (folder / "a.pdf").write_bytes(b"%PDF")

    done = copydesk("ingest", str(folder), folder=tmp_path)

    assert 0 == done.returncode, done.stderr
    assert "Skipped 1 file of other kinds: 1 .pdf.\n" in done.stderr


def test_files_without_articles_are_said(tmp_path: Path) -> None:
    """Given an empty file, then the summary counts nothing, and a line says why."""
    (tmp_path / "a.jsonl").write_text("\n")

    done = copydesk("ingest", str(tmp_path / "a.jsonl"), folder=tmp_path)

    assert 0 == done.returncode, done.stderr
    assert done.stdout.startswith("0 articles in")
    assert "Those files hold no articles." in done.stderr


def test_a_torn_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """Given a torn file before a good one: exit status 1, the file named, the rest delivered."""
    torn, good = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl"
    torn.write_bytes(gzip.compress(orjson.dumps(raw(FERRY, "https://a.example/1")) + b"\n")[:-4])
    good.write_bytes(orjson.dumps(raw(TUNNEL, "https://a.example/2")))

    done = copydesk("ingest", str(torn), str(good), "--json", folder=tmp_path / "data")

    assert 1 == done.returncode
    assert f"Cannot read {torn}: Compressed file ended" in done.stderr
    summary = orjson.loads(done.stdout)
    assert 1 == len(summary["unreadable"])
    assert summary["published"] == summary["new"] > 0
