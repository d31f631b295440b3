"""The raw archive."""

import datetime as dt
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

from tests.articles import FERRY, TUNNEL, raw
from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings
from worker.sinks.archive import NoArchive, RawArchive, build_archive
from worker.testing import LocalDesk
from worker.timelimits import InterruptedBatchError

MIDNIGHT = int(dt.datetime(2026, 11, 21, tzinfo=dt.UTC).timestamp() * 1000)


@dataclass(frozen=True)
class Entry:
    """An entry of a raw stream."""

    id: str
    data: bytes | None


def entry(data: bytes | None, *, at: int = MIDNIGHT) -> Entry:
    """An entry that was published at `at` milliseconds."""
    return Entry(f"{at}-0", data)


@pytest.fixture(params=["folder", "remote"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty archive: a folder, and a remote file system."""
    if request.param == "folder":
        return str(tmp_path / "archive")
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    return f"memory://archive-{secrets.token_hex(4)}"


def test_a_day_that_grows_moves_no_position(url: str) -> None:
    """Given writers that go on, and one that begins, then what follows a position is missing nothing."""
    first, second = RawArchive(url), RawArchive(url)
    first.add([entry(b"1"), entry(b"2")])
    second.add([entry(b"3"), entry(b"4")])
    before = list(RawArchive(url).lines())
    position = before[1][0]
    first.add([entry(b"late")])
    second.add([entry(b"5")])
    RawArchive(url).add([entry(b"6")])

    after = [line for _, line in RawArchive(url).lines(after=position)]

    assert [b"1", b"2", b"3", b"4"] == [line for _, line in before]
    assert [b"3", b"4", b"5", b"6"] == [line for line in after if line != b"late"]


@pytest.mark.parametrize("id_", ["1772438400000000-0", "18446744073709551615-18446744073709551615"])
def test_an_id_that_tells_no_time_is_archived_today(url: str, id_: str) -> None:
    """Given a scraper with ids of its own, such as microseconds, then its articles are archived as well."""
    before = dt.datetime.now(dt.UTC).date()
    RawArchive(url).add([Entry(id_, b"1")])

    assert [b"1"] == list(RawArchive(url).read(since=before))


def test_what_is_archived_is_read_back(url: str) -> None:
    """Given two batches, of two writers; when read; then every article comes as it was written."""
    first, second = RawArchive(url), RawArchive(url)
    first.add([entry(b'{"text": "one"}'), entry(b"no JSON at all \xff")])
    second.add([entry('{"text": "vierhändig"}'.encode())])
    first.add([entry(b'{"text": "three"}')])

    expected = [
        b"no JSON at all \xff",
        b'{"text": "one"}',
        b'{"text": "three"}',
        '{"text": "vierhändig"}'.encode(),
    ]
    assert expected == sorted(RawArchive(url).read())


def test_a_day_is_the_day_of_publication(url: str) -> None:
    """Given articles just before and after midnight in one batch; then each lies in its own day."""
    RawArchive(url).add([entry(b"late", at=MIDNIGHT - 1), entry(b"early", at=MIDNIGHT)])
    day = dt.date(2026, 11, 21)

    archive = RawArchive(url)
    assert [b"late", b"early"] == list(archive.read())
    assert [b"early"] == list(archive.read(since=day))
    assert [b"late"] == list(archive.read(until=day))


def test_line_breaks_between_the_parts_of_json_become_spaces(url: str) -> None:
    """Given a pretty-printed article; when archived; then it is one line of the same JSON."""
    RawArchive(url).add([entry(b'{\r\n  "text": "a\\nb"\n}'), entry(None)])

    assert [b'{    "text": "a\\nb" }'] == list(RawArchive(url).read())


def test_nothing_archived_reads_as_nothing(url: str) -> None:
    """Given an archive that nobody wrote to; then reading it finds nothing."""
    assert [] == list(RawArchive(url).read())


def test_any_tool_reads_the_files(tmp_path: Path) -> None:
    """Given several frames in a file; when read as one zstd stream; then all lines are there."""
    archive = RawArchive(str(tmp_path))
    archive.add([entry(b"1"), entry(b"2")])
    archive.add([entry(b"3")])

    (path,) = (tmp_path / "2026-11-21").iterdir()
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        assert b"1\n2\n3\n" == reader.read()


@pytest.mark.parametrize("lost", [1, 5, 12])
def test_a_torn_frame_costs_only_itself(tmp_path: Path, lost: int) -> None:
    """Given a file whose last frame a crash tore; when read; then the finished ones are there."""
    archive = RawArchive(str(tmp_path))
    archive.add([entry(b"whole")])
    archive.add([entry(b"torn")])
    (path,) = (tmp_path / "2026-11-21").iterdir()
    os.truncate(path, path.stat().st_size - lost)
    RawArchive(str(tmp_path)).add([entry(b"again")])

    assert [b"whole", b"again"] == list(RawArchive(str(tmp_path)).read())


def test_a_damaged_frame_costs_only_itself_and_is_said(tmp_path: Path) -> None:
    """Given a file with a broken byte amid it; when read; then what follows is there, and it is said."""
    archive, said = RawArchive(str(tmp_path)), list[str]()
    archive.add([entry(b"one")])
    (path,) = (tmp_path / "2026-11-21").iterdir()
    place = path.stat().st_size
    archive.add([entry(b"two")])
    archive.add([entry(b"three")])
    content = bytearray(path.read_bytes())
    content[place + 9] ^= 0xFF
    path.write_bytes(content)

    found = [line for _, line in RawArchive(str(tmp_path)).lines(say=said.append)]

    assert [b"one", b"three"] == found
    assert [f"{path} is damaged at byte {place}"] == [text.partition(":")[0] for text in said]


def test_a_batch_that_is_interrupted_leaves_no_torn_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a worker that is stopped amid a frame; when it goes on; then nothing stands behind a torn one."""
    archive = RawArchive(str(tmp_path))

    def interrupt(descriptor: int) -> None:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - 3)  # it was not written to its end
        raise InterruptedBatchError

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        with pytest.raises(InterruptedBatchError):
            archive.add([entry(b"before")])
    archive.add([entry(b"after")])

    assert [b"after"] == list(archive.read())


def test_a_full_disk_leaves_no_torn_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a disk that fills amid a frame; when written again later; then the file is whole."""
    archive = RawArchive(str(tmp_path))
    archive.add([entry(b"before")])

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(TransientError, match="No space left on device"):
            archive.add([entry(b"lost")])
    archive.add([entry(b"after")])

    assert [b"before", b"after"] == list(archive.read())


def test_a_folder_that_cannot_be_written_is_transient(tmp_path: Path) -> None:
    """Given a file where the folder should be.

    When archived; then the message names the archive.
    """
    (tmp_path / "file").write_text("")

    with pytest.raises(TransientError, match="raw archive"):
        RawArchive(str(tmp_path / "file")).add([entry(b"1")])


def test_a_kind_of_url_that_nobody_knows_is_refused() -> None:
    """Given a URL of no known kind; when built; then the message names it."""
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    with pytest.raises(ConfigurationError, match="nowhere://raw cannot be used"):
        RawArchive("nowhere://raw")


def test_a_desk_archives_what_it_delivers(settings: Settings, tmp_path: Path) -> None:
    """Given an archive; when articles come, one a copy, one broken; then what was judged is kept.

    When the archive is fed to the desk again, then nothing is new and the archive does not grow.
    """
    settings.archive = str(tmp_path / "archive")
    story = raw(FERRY, "https://a.example/1")
    copy = raw(FERRY, "https://b.example/1")
    other = raw(TUNNEL, "https://a.example/2")
    with LocalDesk(settings, []) as desk:
        outcomes = desk.run(story, copy, b"{broken", other)
        assert ["new", "duplicate", "rejected", "new"] == outcomes
        kept = list(RawArchive(settings.archive).read())
        assert [story, other, copy] == [json.loads(line) for line in kept]
        assert ["unchanged"] * 3 == desk.run(*kept)

    assert kept == list(RawArchive(settings.archive).read())


def test_an_archive_that_is_away_delays_and_loses_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    """Given an archive that cannot be written.

    When it can again; then the article is settled as new.
    """
    folder = tmp_path / "archive"
    folder.write_text("in the way")
    settings.archive = str(folder)
    with LocalDesk(settings, []) as desk:
        assert ["later"] == desk.run(raw(FERRY, "https://a.example/1"))
        folder.unlink()
        assert ["new"] == desk.retry()


def test_no_archive_keeps_nothing() -> None:
    """Given no archive in the settings; then what is added goes nowhere."""
    archive = build_archive(None)

    assert isinstance(archive, NoArchive)
    archive.add([entry(b"1")])
