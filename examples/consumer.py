"""A program that comes next: it reads each article once from the output stream.

    python examples/consumer.py          until it is stopped
    python examples/consumer.py --once   what is there now

Any number of processes may share the work; each needs a name of its own. What a process took and did not
acknowledge, because it died, is taken over by another one after a minute.
"""

import json
import os
import socket
import sys
from typing import Any

import redis

from worker.broker import find_running
from worker.settings import Settings

STREAM, GROUP = "copydesk:articles", "newsletter"
NAME = f"{socket.gethostname()}-{os.getpid()}"
ABANDONED = 60_000
"""Milliseconds after which an article is taken from a process that did not acknowledge it."""


def handle(article: dict[str, Any]) -> None:
    """Do what is to be done with an article. It may come twice, so let a repetition change nothing."""
    name = article["title"] or article["url"]
    print(f"{article['status']:6}  {article['id']} r{article['revision']}  {name}", flush=True)


def main() -> None:
    """Read, handle, acknowledge: in this order, so that a crash repeats an article and loses none."""
    settings = Settings()
    url = settings.redis_url or find_running(settings.data_dir)
    if not url:
        sys.exit("No desk runs here. Start `copydesk serve`, or set COPYDESK_REDIS_URL.")
    client = redis.Redis.from_url(url)
    try:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:  # BUSYGROUP: it is there already
        if "BUSYGROUP" not in str(error):
            raise
    while True:
        _, abandoned, _ = client.xautoclaim(STREAM, GROUP, NAME, ABANDONED, count=100)
        fresh = client.xreadgroup(GROUP, NAME, {STREAM: ">"}, count=100, block=1000)
        entries = abandoned + [entry for _, found in fresh for entry in found]
        for entry_id, fields in entries:
            if fields:  # an entry that left the stream before it was handled has none
                handle(json.loads(fields[b"article"]))
            client.xack(STREAM, GROUP, entry_id)
        if not entries and "--once" in sys.argv:
            return


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # who read what is printed, as `head` does, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
