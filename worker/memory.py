"""Bounds on the memory of a process."""

import resource
import sys


def limit_memory(most: int) -> None:
    """Let the system refuse memory to this process beyond `most` bytes (Linux); 0: no limit.

    What asks for more gets a MemoryError, or dies: an article that does is isolated.
    """
    if most and sys.platform == "linux":
        resource.setrlimit(
            resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )


def grown(most: int) -> bool:
    """Whether this process has at some time held more than `most` bytes; 0: never."""
    unit = 1 if sys.platform == "darwin" else 1024
    return bool(most) and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > most
