"""Reading JSON Lines: plain, gzip or zstandard, from a file or standard input."""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from worker.errors import ConfigurationError

STDIN = "-"


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open `path` for reading bytes; `-` is standard input, `.gz` and `.zst` are unpacked."""
    if path == STDIN:
        yield sys.stdin.buffer
        return
    if not Path(path).is_file():
        raise ConfigurationError(
            f"{path} is not a file; give a .jsonl file (or .jsonl.gz, .jsonl.zst), or - for stdin"
        )
    if path.endswith(".gz"):
        with gzip.open(path, "rb") as unpacked:
            yield cast("BinaryIO", unpacked)
    elif path.endswith(".zst"):
        import zstandard

        with (
            Path(path).open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed) as reader,
        ):
            yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", reader)))
    else:
        with Path(path).open("rb") as plain:
            yield plain


def read_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of `path` that are not blank, without their line ends."""
    with opened(path) as source:
        for line in source:
            stripped = line.strip()
            if stripped:
                yield stripped
