"""Files of raw articles, as people have them."""

import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import zstandard

from worker.deadletters import write_letter
from worker.entries import Entry
from worker.errors import ConfigurationError, RejectedError
from worker.failures import classify
from worker.files import LARGEST, LONGEST_ORIGIN, Extent, find_files, read_files, read_lines
from worker.lanes import Lane
from worker.outcomes import Outcome, Stage
from worker.reading import read_raw
from worker.settings import Settings

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

    assert ROWS == [orjson.loads(article.data) for article in read_files([str(file)])]


@pytest.mark.parametrize(
    ("name", "content", "places"),
    [
        ("lines.jsonl", b"\n" + LINES + b"{\n", [":2", ":3", ":4", ":5"]),
        ("array.json", orjson.dumps(ROWS), ["[0]", "[1]", "[2]"]),
        ("lines.json", LINES, [":1", ":2", ":3"]),
        ("one.json", orjson.dumps(ROWS[0]), [""]),
        ("page.html", b"<html><body><p>The ferry.</p></body></html>", [""]),
        ("bodies.txt.gz", gzip.compress(b"<p>One.</p>\n\n<p>Two.</p>\n"), [":1", ":3"]),
    ],
)
def test_each_article_tells_where_it_came_from(
    tmp_path: Path, name: str, content: bytes, places: list[str]
) -> None:
    """Given files of several kinds, then each article names its file and its place there."""
    file = tmp_path / name
    file.write_bytes(content)

    found = [article.origin for article in read_files([str(file)])]

    assert [f"{file}{place}"[-40:] for place in places] == [origin[-40:] for origin in found]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_the_extent_tells_how_far_the_reading_is(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """Given two files of like size, plain or packed, then half is read after the first, and then all."""
    files = [tmp_path / f"{name}.jsonl" for name in "ab"]
    if pack is not bytes:
        files = [
            file.with_suffix(".jsonl.gz" if pack is gzip.compress else ".jsonl.zst")
            for file in files
        ]
    for file in files:
        file.write_bytes(pack(LINES))
    paths = [str(file) for file in files]
    extent = Extent(paths)
    before = extent.share()
    articles = read_files(paths, extent=extent)

    for _ in range(len(ROWS) + 1):  # the first article of the second file as well
        next(articles)
    half = extent.share()
    rest = list(articles)

    assert (0.0, 1.0) == (before, extent.share())
    assert half is not None
    assert 0.5 <= half <= 1.0
    assert len(ROWS) - 1 == len(rest)
    assert Extent(["-"]).share() is None


def test_files_of_other_kinds_in_a_folder_are_counted(tmp_path: Path) -> None:
    """Given a folder with articles and other files, then the others are counted, hidden ones are not."""
    for name in ("a.jsonl", "b.pdf", "c.PDF", "notes", ".DS_Store", "d.csv.gz"):
        (tmp_path / name).write_bytes(b"")
    others: Counter[str] = Counter()

    assert [str(tmp_path / "a.jsonl")] == find_files([str(tmp_path)], passed_over=others)
    assert {".pdf": 2, "notes": 1, ".csv.gz": 1} == others


def test_an_origin_is_bounded(tmp_path: Path) -> None:
    """Given a path that is long, then its end is kept: it travels with each article."""
    folder = tmp_path / ("a" * 80) / ("b" * 80)
    folder.mkdir(parents=True)
    file = folder / "articles.jsonl"
    file.write_bytes(LINES)

    origin = next(read_files([str(file)])).origin

    assert LONGEST_ORIGIN == len(origin)
    assert origin.startswith("…")
    assert origin.endswith("b/articles.jsonl:1")


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1250"])
def test_a_page_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    """Given a page in the encoding that it declares, or in UTF-8 all the same, its letters are right."""
    page = "<meta charset='windows-1250'><p>Příliš žluťoučký kůň pěl ďábelské ódy</p>"
    file = tmp_path / "page.html"
    file.write_bytes(page.encode(encoding))

    [article] = read_files([str(file)])

    assert page == orjson.loads(article.data)["html"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "b.json"])
def test_what_is_nested_deeper_than_is_written_is_read_all_the_same(
    tmp_path: Path, name: str
) -> None:
    """Given an article of 400 levels, then it goes on as it is: a dead letter will say what is wrong."""
    article = b'{"html": "A", "extra": ' + b"[" * 400 + b"]" * 400 + b"}"
    (tmp_path / name).write_bytes(b"[%b]" % article if name == "b.json" else article)

    [found] = read_files([str(tmp_path / name)])

    read = orjson.loads(found.data)
    assert read.pop("id")
    assert orjson.loads(article) == read


def test_an_article_larger_than_redis_takes_becomes_a_dead_letter(tmp_path: Path) -> None:
    """Given a line of 65 MB, then it is cut to what is refused as too large, and the next one follows."""
    (tmp_path / "a.jsonl").write_bytes(
        b'{"html": "' + b'"' * (LARGEST + 1_000_000) + b'\n{"id": "1"}'
    )

    large, small = read_files([str(tmp_path / "a.jsonl")])

    assert b'{"id": "1"}' == small.data
    with pytest.raises(RejectedError, match="has more than 64,000,000 bytes; the limit") as refused:
        read_raw(large.data, max_bytes=Settings().max_article_bytes)
    entry = Entry(lane=Lane.LIVE, id="1-0", data=large.data + b'"' * 1_000_000)
    failure = classify(refused.value, Stage.READ)
    letter = write_letter(entry, Outcome.REJECTED, failure, failure.reason)
    assert len(letter) < 2 * LARGEST + 2_000


def test_an_article_nested_without_end_is_named_with_its_file(tmp_path: Path) -> None:
    """Given an array whose article has 1,020 levels, then the file is named, and the next one follows.

    Python 3.13 writes so many levels: there the article is passed on whole.
    """
    deep, good = tmp_path / "a.json", tmp_path / "b.jsonl"
    deep.write_bytes(b'[{"html": "A", "extra": ' + b"[" * 1020 + b"]" * 1020 + b"}]")
    good.write_bytes(b'{"html": "A", "id": "1"}')
    unreadable: list[str] = []

    found = list(read_files([str(deep), str(good)], unreadable=unreadable))

    *passed_on, last = (one.data for one in found)
    assert b'{"html": "A", "id": "1"}' == last
    if passed_on:
        assert [1020] == [one.count(b"[") for one in passed_on]
    else:
        assert "a.json: an article is nested too deep" in unreadable[0]


def test_a_json_file_that_is_broken_is_one_bad_article(tmp_path: Path) -> None:
    """Given JSON that ends too early, then it is passed on as it is, to be explained in a dead letter."""
    file = tmp_path / "broken.json"
    file.write_bytes(b'[{"html":\n"<p>A</p>"},\n')

    assert [file.read_bytes()] == [article.data for article in read_files([str(file)])]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    """Given a torn archive between two files, then the others are read, and it is named."""
    first, torn, last = (tmp_path / name for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl"))
    first.write_bytes(b'{"id": "1", "text": "One."}')
    torn.write_bytes(gzip.compress(b'{"id": "2", "text": "Two."}\n' * 1000)[:-12])
    last.write_bytes(b'{"id": "3", "text": "Three."}')
    paths = [str(first), str(torn), str(last)]
    unreadable: list[str] = []

    found = list(read_files(paths, unreadable=unreadable))

    assert {"1", "2", "3"} == {orjson.loads(article.data)["id"] for article in found}
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
