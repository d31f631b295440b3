"""Bounds on the memory of a process."""

import resource
import sys


def limit_memory(most: int) -> None:
    """Make the system refuse this process more than `most` bytes of memory (Linux); 0: no limit.

    Code that asks for more gets a MemoryError, or dies; the article that caused it is isolated.
    """
    if most and sys.platform == "linux":
        resource.setrlimit(
            resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )


def grown(most: int) -> bool:
    """Whether this process has ever held more than `most` bytes; with 0 never."""
    unit = 1 if sys.platform == "darwin" else 1024
    return bool(most) and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > most
