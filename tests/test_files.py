"""Files of raw articles, as people have them."""

import gzip
from pathlib import Path

import orjson
import pytest
import zstandard

from worker.errors import ConfigurationError
from worker.files import read_files, read_lines

ROWS = [{"url": f"https://a.example/{n}", "html": f"<p>The {n}. ferry.</p>"} for n in range(3)]
LINES = b"\n".join(map(orjson.dumps, ROWS)) + b"\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("array.json", orjson.dumps(ROWS)),
        ("lines.json", LINES),
        ("marked.json", b"\xef\xbb\xbf" + orjson.dumps(ROWS)),
        ("windows.jsonl", b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n")),
        ("packed.jsonl.gz", gzip.compress(LINES)),
        (
            "frames.jsonl.zst",
            b"".join(zstandard.compress(line) for line in LINES.splitlines(keepends=True)),
        ),
    ],
)
def test_articles_are_read(tmp_path: Path, name: str, content: bytes) -> None:
    """Given the same articles in files of several kinds, then each file holds them."""
    file = tmp_path / name
    file.write_bytes(content)

    assert ROWS == [orjson.loads(data) for data in read_files([str(file)])]


def test_a_json_file_that_is_broken_is_one_bad_article(tmp_path: Path) -> None:
    """Given JSON that ends too early, then it is passed on as it is, to be explained in a dead letter."""
    file = tmp_path / "broken.json"
    file.write_bytes(b'[{"html":\n"<p>A</p>"},\n')

    assert [file.read_bytes()] == list(read_files([str(file)]))


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    """Given a torn archive between two files, then the others are read, and it is named."""
    first, torn, last = (tmp_path / name for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl"))
    first.write_bytes(b'{"id": "1", "text": "One."}')
    torn.write_bytes(gzip.compress(b'{"id": "2", "text": "Two."}\n' * 1000)[:-12])
    last.write_bytes(b'{"id": "3", "text": "Three."}')
    paths = [str(first), str(torn), str(last)]
    unreadable: list[str] = []

    ids = {orjson.loads(data)["id"] for data in read_files(paths, unreadable=unreadable)}

    assert {"1", "2", "3"} == ids
    assert len(unreadable) == 1
    assert f"Cannot read {torn}: Compressed file ended" in unreadable[0]
    with pytest.raises(ConfigurationError, match="Cannot read"):
        list(read_files(paths))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.jsonl", None, "There is no file"),
        ("no.jsonl.gz", b"no archive", "Not a gzipped file"),
        ("no.jsonl.zst", b"no archive", "zstd decompress error"),
    ],
)
def test_lines_say_what_is_wrong_with_their_file(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    """Given a file that is missing or of another kind than its name says, then the message tells."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=said):
        list(read_lines(str(file)))
