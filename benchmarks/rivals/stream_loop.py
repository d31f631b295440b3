"""The floor: a bare XREADGROUP loop. It acknowledges what it has read, and does nothing else."""

import os

from benchmarks.rivals import DONE, client

STREAM, GROUP = "rivals:stream", "rivals"


def main() -> None:
    """Read 64 entries, acknowledge them, count them, again."""
    consumer = str(os.getpid())
    while True:
        reply = client().xreadgroup(GROUP, consumer, {STREAM: ">"}, count=64, block=1000)
        for _, entries in reply or []:
            with client().pipeline(transaction=False) as pipe:
                pipe.xack(STREAM, GROUP, *[entry for entry, _ in entries])
                pipe.incrby(DONE, len(entries))
                pipe.execute()


if __name__ == "__main__":
    main()
