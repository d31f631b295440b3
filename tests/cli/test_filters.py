"""The stages as filters in a shell: what they read, and how they fail."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.command import environment_of

BODY = "<p>The ferry is back in the harbour after a night of storms, said Mayor Anna Berg.</p>"


def shell(
    line: str, folder: Path, stderr: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    """Run a line of bash in which `copydesk` is this program."""
    function = f'copydesk() {{ "{sys.executable}" -m worker "$@"; }}; set -o pipefail; '
    return subprocess.run(
        ["bash", "-c", function + line],
        env={**environment_of(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of four lines: two articles, two that are none."""
    rows = [{"id": 1, "html": BODY}, {"id": 2}, {"id": 3, "html": BODY.replace("ferry", "boat")}]
    lines = [*map(orjson.dumps, rows), b"{"]
    (tmp_path / "raw.jsonl").write_bytes(b"\n".join(lines))
    return tmp_path


@pytest.mark.parametrize("name", ["clean", "dedupe", "enrich"])
def test_filters_name_a_misspelt_variable(folder: Path, name: str) -> None:
    """Given a variable that is nearly a setting, then each filter asks whether that was meant."""
    done = shell(f"COPYDESK_PROFIL=full copydesk {name} < /dev/null", folder)

    assert "Did you mean COPYDESK_PROFILE?" in done.stderr


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("clean raw.jsonl > clean.jsonl", True),
        ("clean raw.jsonl | cat > clean.jsonl", False),
        ("clean raw.jsonl", False),
    ],
)
def test_a_filter_shows_on_the_terminal_how_far_it_is(
    folder: Path, command: str, shown: bool
) -> None:
    """Given a terminal, then a filter shows its progress where it fills a file, and nowhere else."""
    terminal, end = pty.openpty()
    shell(f"copydesk {command}", folder, stderr=end)
    os.close(end)
    said = os.read(terminal, 65_536).decode()
    os.close(terminal)

    assert shown == ("Written: 1" in said)


def test_filters_go_one_behind_the_other(folder: Path) -> None:
    """Given `clean | enrich`, then each line has its line, ids stay, and what is wrong is said once."""
    done = shell("copydesk clean raw.jsonl | copydesk enrich", folder)

    assert 3 == done.returncode, done.stderr
    rows = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [1, 2, 3, None] == [row["id"] for row in rows]
    assert "en" == rows[0]["language"]["code"]
    assert ["no_content", "not_json"] == [rows[n]["error"]["reason"] for n in (1, 3)]
    assert rows[1]["error"]["message"].endswith("one is required. It has id.")


def test_all_three_filters_make_a_pipe(folder: Path) -> None:
    """Given `clean | dedupe --keep | enrich`, then a line has its text, its verdict and its language."""
    rows = [{"id": 1, "html": BODY}, {"id": 2, "html": BODY}, {"id": 3}]
    (folder / "twice.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))

    done = shell("copydesk clean twice.jsonl | copydesk dedupe --keep | copydesk enrich", folder)

    one, two, three = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert ("new", None, "en") == (one["status"], one["duplicate_of"], one["language"]["code"])
    assert ("duplicate", 1, one["text"]) == (two["status"], two["duplicate_of"], two["text"])
    assert {"id", "error"} == three.keys()


@pytest.mark.parametrize("command", ["clean", "dedupe", "enrich"])
def test_the_status_tells_of_errors(folder: Path, command: str) -> None:
    """Given lines that are no articles, then all lines are answered, stderr counts them, and the status is 3.

    Given none, it is 0, and nothing is said.
    """
    text = BODY.replace("<p>", "").replace("</p>", "")
    (folder / "good.jsonl").write_bytes(orjson.dumps({"id": 1, "text": text}))
    (folder / "bad.jsonl").write_bytes(b"[]\n" + orjson.dumps({"id": 1, "text": text}) + b"\n{")

    good = shell(f"copydesk {command} good.jsonl", folder)
    bad = shell(f"copydesk {command} bad.jsonl", folder)

    assert (0, "") == (good.returncode, good.stderr)
    assert (3, 3) == (bad.returncode, len(bad.stdout.splitlines()))
    assert "copydesk: 2 of 3 lines hold an error instead of a result.\n" == bad.stderr


def test_what_is_nested_too_deep_is_an_error_of_its_line(folder: Path) -> None:
    """Given an article with a field of 400 levels, then its line says so, and the next one follows."""
    deep = b'{"id": "deep", "html": "%b", "more": ' % BODY.encode() + b"[" * 400 + b"]" * 400 + b"}"
    (folder / "deep.jsonl").write_bytes(deep + b"\n" + orjson.dumps({"id": "b", "html": BODY}))

    done = shell("copydesk clean deep.jsonl", folder)

    first, second = map(orjson.loads, done.stdout.splitlines())
    assert (3, "deep", "too_deep") == (done.returncode, first["id"], first["error"]["reason"])
    assert "b" == second["id"]


def test_an_error_goes_through_the_next_filter_as_it_is(folder: Path) -> None:
    """Given `clean | dedupe`, then what `clean` found wrong is what the last one says."""
    done = shell("copydesk clean raw.jsonl | copydesk dedupe", folder)

    rows = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert ["new", None, "duplicate", None] == [row.get("status") for row in rows]
    assert ["no_content", "not_json"] == [rows[n]["error"]["reason"] for n in (1, 3)]


def test_a_filter_reads_what_a_shell_hands_it(folder: Path) -> None:
    """Given a process substitution, which is a pipe and no file, then it is read."""
    done = shell("copydesk clean <(head -1 raw.jsonl)", folder)

    assert (0, 1) == (done.returncode, len(done.stdout.splitlines())), done.stderr


@pytest.mark.parametrize("name", ["bodies.txt", "page.html", "array.json"])
def test_a_filter_reads_the_files_that_ingest_reads(folder: Path, name: str) -> None:
    """Given a body a line, a page, or an array, then `clean` finds the article in it."""
    kinds = {"page.html": f"<html><body>{BODY}</body></html>", "bodies.txt": BODY + "\n"}
    array = orjson.dumps([{"html": BODY}]).decode()
    (folder / name).write_text(kinds.get(name, array), encoding="utf-8")

    done = shell(f"copydesk clean {name}", folder)

    assert 0 == done.returncode, done.stderr
    assert "The ferry is back" in orjson.loads(done.stdout)["text"]


@pytest.mark.parametrize("command", ["clean", "dedupe", "enrich"])
def test_a_torn_file_is_one_line(folder: Path, command: str) -> None:
    """Given a file that is no archive, then one line says so, without a traceback."""
    (folder / "torn.jsonl.gz").write_bytes(b"\x1f\x8b")

    done = shell(f"copydesk {command} torn.jsonl.gz", folder)

    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines())
    assert done.stderr.startswith("copydesk: Cannot read torn.jsonl.gz: Compressed file ended")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_the_output_is_one_line(folder: Path) -> None:
    """Given an output that takes nothing, then one line says so, without a traceback."""
    done = shell("copydesk clean raw.jsonl > /dev/full", folder)

    assert 1 == done.returncode
    assert "copydesk: The output: No space left on device." == done.stderr.strip()


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """Given `| head -1`, then nothing is said on stderr."""
    done = shell(
        "copydesk clean <(for n in {1..2000}; do cat raw.jsonl; echo; done) | head -1", folder
    )

    assert "" == done.stderr
    assert 1 == len(done.stdout.splitlines())


def test_a_line_comes_out_before_the_next_one_is_there(folder: Path) -> None:
    """Given a feed that goes on, then each article is cleaned when it comes, not when the feed ends."""
    filter_ = subprocess.Popen(
        [sys.executable, "-m", "worker", "clean"],
        cwd=folder,
        env={**environment_of(folder), "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert filter_.stdin
    assert filter_.stdout
    with filter_:
        filter_.stdin.write((folder / "raw.jsonl").read_bytes().splitlines(keepends=True)[0])
        filter_.stdin.flush()
        row = orjson.loads(filter_.stdout.readline())
        filter_.stdin.close()

    assert 1 == row["id"]


def test_the_version_is_an_option_as_well(folder: Path) -> None:
    """Given `--version`, then it says what `version` says; `-h` is `--help`."""
    option, command = shell("copydesk --version", folder), shell("copydesk version", folder)

    assert (0, command.stdout) == (option.returncode, option.stdout)
    assert "Exit status: 0 no errors; 3 some lines" in shell("copydesk clean -h", folder).stdout
