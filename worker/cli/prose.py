"""Prose on the terminal."""

import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.console import Console


T = TypeVar("T")


def print_indented(console: "Console", text: str, style: str = "") -> None:
    """Print a text wrapped and indented, without blanks at the ends of its lines."""
    from rich.text import Text

    for line in Text(text).wrap(console, console.width - 2):
        console.print(f"  {line.plain.rstrip()}", style=style, soft_wrap=True)


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "article"), counted(1_200, "article")
    ('1 article', '1,200 articles')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def spoken(seconds: float) -> str:
    """Return a time as a person says it, in the unit that fits.

    >>> [spoken(time) for time in (0.045, 7.714, 93, 4_000, 93_212, 900_000)]
    ['45 ms', '7.7 s', '93 s', '67 min', '26 h', '10 days']
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    for most, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < most:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:,.0f} days"


def say_passed_over(endings: Mapping[str, int]) -> None:
    """Say on stderr that the folders held files of other kinds; `endings` counts them by their ending."""
    if endings:
        kinds = ", ".join(f"{count:,} {ending}" for ending, count in sorted(endings.items()))
        files = counted(sum(endings.values()), "file")
        sys.stderr.write(f"Skipped {files} of other kinds: {kinds}.\n")


@contextmanager
def resumable(done: Callable[[], int]) -> Iterator[None]:
    """Say on stderr, when Ctrl-C stops what is done inside, how far it is and that it goes on from there."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(
            f"Stopped after {counted(done(), 'article')}. Run the same command again to continue.\n"
        )
        raise


class Ticker:
    """Shows how far something is, in one line of a terminal that is cleared at the end; nowhere else."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._said = 0.0

    def __call__(self, text: str) -> None:
        """Show it, twice a second at most."""
        if self._shows and time.monotonic() - self._said > 0.5:
            self._said = time.monotonic()
            sys.stderr.write(f"\r\033[K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, for others to write there."""
        if self._shows:
            sys.stderr.write("\r\033[K")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def ticking(items: Iterable[T], what: str) -> Iterator[T]:
    """Yield the items, and show on a terminal how many there were: `Exported: 1,200`."""
    with Ticker() as tell:
        for count, item in enumerate(items, start=1):
            tell(f"{what}: {count:,}")
            yield item


def fills_a_file() -> bool:
    """Whether stdout goes to a file: nobody sees there how far it is, and no next command tells of it."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except OSError:  # stdout is none of the system's, as in a test
        return False
