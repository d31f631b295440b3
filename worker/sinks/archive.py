"""The raw archive: what scrapers handed in, as they wrote it, so that it can be replayed years later.

`<archive>/2026-11-21/<writer>.jsonl.zst`: one folder per day (UTC, the day on which an article was published
to its stream), one file per writer, one raw article per line. Each batch is one complete zstd frame; frames
follow one another, so any tool that reads `.jsonl.zst` can read the files.

An article is archived after its delivery and before it is acknowledged: a crash in between repeats it in
the archive, and loses none. Unchanged articles are left out, so that a replay does not make the archive
grow; dead letters keep their raw text themselves.
"""

import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import zstandard

from worker.errors import ConfigurationError, TransientError
from worker.sinks.archive_files import SUFFIX, files_at

LEVEL = 6
# host-12-1772438400000000000.jsonl.zst, on a remote system …-00000001.jsonl.zst: the nanoseconds at which a
# writer began
_BEGUN = re.compile(r"-(\d{16,})(?:-\d+)?" + re.escape(SUFFIX) + "$")


class RawEntry(Protocol):
    """What is archived: an entry of a raw stream."""

    @property
    def id(self) -> str:
        """Id in the stream, `<milliseconds>-<number>`."""
        ...

    @property
    def data(self) -> bytes | None:
        """The raw article."""
        ...


class RawArchive:
    """An archive at `url`: a folder, or any URL that fsspec knows (`s3://bucket/raw`)."""

    def __init__(self, url: str) -> None:
        """Prepare for the archive at `url`; nothing is opened yet. Build it after a fork.

        Raises:
            ConfigurationError: the URL's kind needs a package that is not installed.
        """
        self.url = url
        self._files = files_at(url)
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)

    def add(self, entries: Sequence[RawEntry]) -> None:
        """Archive the entries; when this returns, they are on the disk or in the remote store.

        Raises:
            TransientError: the archive cannot be written now.
        """
        days: defaultdict[str, list[bytes]] = defaultdict(list)
        for entry in entries:
            if entry.data is not None:
                # A line break in JSON is white space between its parts, never text.
                line = entry.data.replace(b"\r", b" ").replace(b"\n", b" ")
                days[_day(entry.id)].append(line + b"\n")
        try:
            for day, lines in days.items():
                self._files.append(day, self._compressor.compress(b"".join(lines)))
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
            message = f"The raw archive {self.url} cannot be written: {reason}"
            raise TransientError(message) from error

    def check(self) -> None:
        """Make sure that an archive on this machine can be written.

        Raises:
            ConfigurationError: it cannot; the text says what to do.
        """
        try:
            self._files.check()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigurationError(
                f"The raw archive {self.url} cannot be used: {reason}. Fix that, or choose another "
                "with COPYDESK_ARCHIVE."
            ) from error

    def empty(self) -> bool:
        """Whether it holds no day, or does not exist at all."""
        return not self._files.days()

    def read(self, since: dt.date | None = None, until: dt.date | None = None) -> Iterator[bytes]:
        """Yield the raw articles of the days from `since` to before `until`, day by day.

        A frame that a crash left incomplete is skipped: its articles were not acknowledged, so they are in
        another file. So is one that is damaged.
        """
        return (line for _, line in self.lines(since, until))

    def lines(
        self,
        since: dt.date | None = None,
        until: dt.date | None = None,
        after: str = "",
        say: Callable[[str], None] = lambda _what: None,
    ) -> Iterator[tuple[str, bytes]]:
        """Yield positions and raw articles as `read` does; with `after`, those that follow that position.

        `say` is told which files are damaged, other than by a crash of their writer.

        Positions stay valid while the archive grows: files grow at their ends, and those of writers that
        start later come last.
        """
        last_day, last_name, last_number = _place(after)
        for day in self._files.days():
            date = dt.date.fromisoformat(day)
            if day < last_day or (since and date < since) or (until and date >= until):
                continue
            for name in sorted(self._files.names(day), key=_begun):
                skip = 0
                if day == last_day:
                    if _begun(name) < _begun(last_name):
                        continue
                    skip = last_number if name == last_name else 0
                damaged: list[int] = []
                found = _lines(self._files.read(day, name), damaged)
                for number, line in enumerate(found, start=1):
                    if number > skip:
                        yield f"{day}/{name}:{number}", line
                if damaged:
                    places = ", ".join(map(str, damaged[:5])) + (", …" if damaged[5:] else "")
                    say(
                        f"{self.url}/{day}/{name} is damaged at byte {places}: the articles there cannot be "
                        "read, all others are."
                    )


class NoArchive:
    """Archives nothing."""

    def check(self) -> None:
        """Do nothing."""

    def add(self, entries: Sequence[RawEntry]) -> None:
        """Do nothing."""


def build_archive(url: str | None) -> RawArchive | NoArchive:
    """Return the archive at `url`, or one that keeps nothing."""
    return RawArchive(url) if url else NoArchive()


def _begun(name: str) -> tuple[int, str]:
    """Return the sort key of a day's files: when their writer began; files of other names come first."""
    found = _BEGUN.search(name)
    return int(found[1]) if found else 0, name


def _place(position: str) -> tuple[str, str, int]:
    """Return the day, the file and the number of the line that a position stands for."""
    if not position:
        return "", "", 0
    day, slash, rest = position.partition("/")
    name, _, number = rest.rpartition(":")
    if not slash:
        raise ConfigurationError(
            f"The position {position!r} in an archive is from another version: start over with --restart."
        )
    return day, name, int(number)


def _day(entry_id: str) -> str:
    milliseconds = int(entry_id.partition("-")[0])
    try:
        moment = dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError):  # a scraper's own id: 1772438400000000-0
        moment = dt.datetime.now(dt.UTC)
    return moment.date().isoformat()


def _lines(content: bytes, damaged: list[int]) -> Iterator[bytes]:
    """Yield the lines of all complete frames; note in `damaged` where one cannot be read."""
    position = 0
    while 0 <= position < len(content):
        frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            lines, torn = frame.decompress(content[position:]), False
        except zstandard.ZstdError:
            torn = True
        if torn or not frame.eof:
            following = content.find(zstandard.FRAME_HEADER, position + 1)
            if torn or following > 0:  # else a crash left it so: it is the last one, and incomplete
                damaged.append(position)
            position = following
            continue
        position = len(content) - len(frame.unused_data)
        for line in io.BytesIO(lines):
            yield line.rstrip(b"\n")
