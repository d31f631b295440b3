"""An enricher that kills its worker over marked articles. A test alone has it on its path."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

from worker.articles import Article
from worker.settings import Settings

_KEPT: list[bytes] = []


def _loop() -> None:
    while True:
        pass


def _eat() -> None:
    """Take memory until it is refused; 16 GB are enough to know that it is not."""
    held = [bytearray(64_000_000) for _ in range(256)]
    raise AssertionError(f"{len(held)} pieces of 64 MB, and no limit")


def _eat_in_c() -> None:
    """Do the same as a C library does it: refused memory, it takes the process with it."""
    try:
        _eat()
    except MemoryError:
        os.abort()


class Poison:
    """Does what the title says; any other article passes."""

    name = "poison"
    version = "1"
    languages = None
    needs = ()
    fields = ("poison",)

    def __init__(self, _settings: Settings) -> None:
        """Nothing is loaded."""

    def enrich(self, batch: Sequence[Article]) -> list[Mapping[str, Any]]:
        """Die, hang or pass."""
        for article in batch:
            match (article.title or "").split(" ", maxsplit=1)[0]:
                case "SEGFAULT":
                    os.kill(os.getpid(), signal.SIGSEGV)
                case "MEMORY":  # what the kernel does to a process that takes too much
                    os.kill(os.getpid(), signal.SIGKILL)
                case "LOOP":
                    _loop()
                case "STUCK":  # C code that never comes back: no signal handler of Python's runs
                    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGUSR2})
                    time.sleep(3600)
                case "SLOW":
                    time.sleep(0.05)
                case "GREEDY":  # Python says so where memory is refused
                    _eat()
                case "ABORTING":
                    _eat_in_c()
                case "GROWING":
                    _KEPT.append(b"x" * 600_000_000)
        return [{"poison": None} for _ in batch]
