"""Raw articles from files: JSONL (also gzip or zstd), JSON, HTML pages, text with a body a line, folders."""

import gzip
import hashlib
import io
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson
import zstandard

from worker.errors import ConfigurationError

KINDS = (".jsonl", ".ndjson", ".json", ".html", ".htm", ".txt")
COMPRESSIONS = (".gz", ".zst")
STDIN = "-"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LARGEST = 64_000_000
"""Bytes of an article, at most: of a larger one so many and one more are published, and a worker rejects it.
Redis takes no value above 512 MB, and a dead letter may be six times as long as what it holds."""
LONGEST_ORIGIN = 120
"""Characters of an origin, which travels with each article: of a longer one the end is kept."""


@dataclass(frozen=True, slots=True)
class Located:
    """A raw article, and where it came from."""

    data: bytes
    origin: str = ""
    """Empty: not known."""

    def __len__(self) -> int:
        """Return the bytes of the article."""
        return len(self.data)


def _shortened(origin: str) -> str:
    return origin if len(origin) <= LONGEST_ORIGIN else "…" + origin[1 - LONGEST_ORIGIN :]


def read_files(
    paths: Iterable[str], *, unreadable: list[str] | None = None, extent: "Extent | None" = None
) -> Iterator[Located]:
    """Yield raw articles as JSON bytes, in the order of the files; `-` reads JSONL from stdin.

    The origin of each is its file and line (`a.jsonl:12`, from 1), its place in an array (`a.json[2]`,
    from 0, as jq counts), or its file alone.

    Lines that are no JSON are passed on as they are: what is wrong with them is said in a dead letter,
    and the articles around them go on. An article that names neither `url` nor `id` gets an id from its
    content and its place among equal ones, so that a second run knows it again, and a copy in the same
    run counts as a copy.

    A file that cannot be read to its end is noted in `unreadable`, in words, and the next one follows.
    `extent` is told how far the reading is.

    Raises:
        ConfigurationError: a file cannot be read to its end, where there is no `unreadable`.
    """
    seen: Counter[str] = Counter()
    for path in paths:
        try:
            for place, data in _read(path, extent):
                name = "stdin" if path == STDIN else path
                yield Located(_identified(data[: LARGEST + 1], seen), _shortened(name + place))
        except ConfigurationError as error:
            if unreadable is None:
                raise
            unreadable.append(str(error))


def read_lines(name: str) -> Iterator[bytes]:
    """Yield the articles of one file as they stand there; `-` is standard input.

    The kinds are those of `read_files`; a file of another kind holds JSON Lines.

    Raises:
        ConfigurationError: it is missing, or cannot be read to its end.
    """
    yield from (data for _, data in _read(name, None))


class Extent:
    """How much of some files has been read, by their bytes on the disk."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Look how large the files are. A file that is not there, and standard input, make it unknown."""
        try:
            self._total = sum(Path(path).stat().st_size for path in paths)
        except OSError:
            self._total = 0
        self._read = 0
        self._file: IO[bytes] | None = None

    def share(self) -> float | None:
        """Return the share that has been read, 0 to 1; None: unknown."""
        here = self._file.tell() if self._file else 0
        return min(1.0, (self._read + here) / self._total) if self._total else None

    @contextmanager
    def reading(self, file: IO[bytes]) -> Iterator[None]:
        """Count a file: up to where it is read while inside, the whole of it afterwards."""
        self._file = file
        try:
            yield
        finally:
            self._file = None
            self._read += os.fstat(file.fileno()).st_size


def find_files(paths: Iterable[str], *, passed_over: Counter[str] | None = None) -> list[str]:
    """Return the files that `paths` name; a folder stands for the files of known kinds below it, sorted.

    The others in a folder, save hidden ones, are counted in `passed_over` by their ending, or their name.

    Raises:
        ConfigurationError: a path does not exist, or a file is of no kind that we know.
    """
    found: list[str] = []
    for name in paths:
        path = Path(name)
        if name == STDIN:
            found.append(name)
        elif path.is_dir():
            children = [child for child in path.rglob("*") if child.is_file()]
            below = sorted(str(child) for child in children if _kind(child))
            if passed_over is not None:
                others = [child for child in children if not _kind(child)]
                passed_over.update(_ending(child) for child in others if child.name[0] != ".")
            if not below:
                raise ConfigurationError(
                    f"The folder {name} has no files that can be read ({_known()})."
                )
            found += below
        elif not path.exists():
            raise ConfigurationError(f"There is no file {name}.")
        elif not _kind(path):
            raise ConfigurationError(f"{name} cannot be read; the known kinds are {_known()}.")
        else:
            found.append(name)
    return found


def _ending(path: Path) -> str:
    """Return the ending of a file's name, with the one before it of a packed file; without one, the name."""
    packed = path.suffix.lower() in COMPRESSIONS
    return "".join(path.suffixes[-2 if packed else -1 :]).lower() or path.name


def _known() -> str:
    return ", ".join(KINDS) + ", each also with .gz or .zst"


def _kind(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return suffixes[-1] if suffixes and suffixes[-1] in KINDS else None


def _read(name: str, extent: Extent | None) -> Iterator[tuple[str, bytes]]:
    """Yield the articles of a file, each with its place there."""
    if name == STDIN:
        yield from _lines(sys.stdin.buffer)
        return
    path = Path(name)
    kind = _kind(path)
    with _opened(path, extent) as file:
        if kind in (".html", ".htm"):
            yield "", _wrapped(file.read(), {"id": path.name})
        elif kind == ".json":
            yield from _values(file.read())
        elif kind == ".txt":
            for place, line in _lines(file):
                yield place, _wrapped(line, {})
        else:
            yield from _lines(file)


@contextmanager
def _opened(path: Path, extent: Extent | None = None) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a file for reading, unpacked; say what is wrong with it in the words of this program."""
    try:
        with path.open("rb") as file, extent.reading(file) if extent else nullcontext():
            yield _unpacked(file, path)
    except FileNotFoundError as error:
        raise ConfigurationError(f"There is no file {path}.") from error
    except (OSError, EOFError, zstandard.ZstdError) as error:
        if isinstance(error, OSError) and error.strerror:
            raise ConfigurationError(f"Cannot read {path}: {error.strerror}.") from error
        reason = str(error).rstrip(".")
        raise ConfigurationError(
            f"Cannot read {path}: {reason}. Everything before that was read."
        ) from error


def _unpacked(file: IO[bytes], path: Path) -> IO[bytes] | gzip.GzipFile:
    match path.suffix.lower():
        case ".gz":
            return gzip.GzipFile(fileobj=file)
        case ".zst":
            return io.BufferedReader(
                zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
            )
        case _:
            return file


def _lines(file: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(file, start=1):
        content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        content = content.strip(b" \t\r\n")
        if content:
            yield f":{number}", content


def _values(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the object of a JSON file, each item of its array, or its lines where each is an object."""
    try:
        value = orjson.loads(data.removeprefix(BYTE_ORDER_MARK))
    except orjson.JSONDecodeError:
        # JSON Lines go by the name of .json, too: then the first line is an object by itself.
        lines = list(_lines(data.splitlines()))
        yield from lines if lines and _is_object(lines[0][1]) else [("", data)]
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"[{index}]", _dumped(item)
    else:
        yield "", data.removeprefix(BYTE_ORDER_MARK).strip()


def _dumped(item: object) -> bytes:
    try:
        return orjson.dumps(item)
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        pass
    try:
        return json.dumps(item).encode()
    except RecursionError:
        raise OSError("an article is nested too deep") from None


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False


def _wrapped(body: bytes, fields: dict[str, str]) -> bytes:
    """Make a raw article of a bare body. Bytes that are no UTF-8 are decoded by what the page declares."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        from bs4 import UnicodeDammit  # noqa: PLC0415 - only old encodings need it

        # It says on stderr what it replaced; such a page is told by what becomes of it.
        logging.getLogger("bs4.dammit").setLevel(logging.ERROR)
        text = UnicodeDammit(body, is_html=True).unicode_markup or body.decode("latin-1")
    return orjson.dumps({"html": text, **fields})


def _identified(data: bytes, seen: Counter[str]) -> bytes:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return data
    if not isinstance(value, dict) or value.get("url") or value.get("id") is not None:
        return data
    body = value.get("html") or value.get("text")
    if not isinstance(body, str):
        return data
    digest = hashlib.blake2b(body.encode("utf-8", "replace"), digest_size=10).hexdigest()
    seen[digest] += 1
    name = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    # Set in as text: the rest stays as it was written. Of two fields of one name the last one counts.
    return data.rstrip()[:-1] + f',"id":"{name}"}}'.encode()
