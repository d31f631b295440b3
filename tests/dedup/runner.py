"""A process of its own that works at the index; started by the tests of races and of kills.

python -m tests.dedup.runner URL NAMESPACE NAME COUNT [stop]

Reserves and commits COUNT stories in batches, in an order of its own, asks again for what is open,
and prints a line of JSON for each: story, verdict, canonical. With `stop` it stands still for good after
its first reservation, and says so, to be killed there.
"""

import json
import random
import sys
import time

import redis

from tests.dedup.stories import candidate
from worker.dedup.base import Candidate, Judgement, Verdict
from worker.dedup.index import RedisIndex
from worker.settings import Settings

BATCH = 16


def story(number: int) -> str:
    """Return a story of sixty words that only `number` has."""
    chosen = random.Random(number)
    return " ".join(
        f"{chosen.choice('bcdfgklmnprst')}{chosen.getrandbits(24):x}" for _ in range(60)
    )


def index_of(client: "redis.Redis", namespace: str, lease: float = 2.0) -> RedisIndex:
    """Return the index that all processes of a test share."""
    return RedisIndex(client, Settings(namespace=namespace, claim_lease=lease))


def main() -> None:
    """Work until everything is settled."""
    url, namespace, name, count = sys.argv[1:5]
    index = index_of(redis.Redis.from_url(url), namespace)
    left = [candidate(f"{name}-{n}", story(n)) for n in range(int(count))]
    random.Random(name).shuffle(left)
    while left:
        batch, left = left[:BATCH], left[BATCH:]
        answers = index.reserve(batch)
        if "stop" in sys.argv:
            _say("reserved")
            time.sleep(60)
        waiting = [
            one for one, said in zip(batch, answers, strict=True) if said.verdict is Verdict.OPEN
        ]
        done = [one for one in batch if one not in waiting]
        for one, said in zip(batch, answers, strict=True):
            if one in done:
                _tell(one, said)
        index.commit(done)
        left += waiting
        if waiting and not done:
            time.sleep(0.02)


def _tell(one: Candidate, said: Judgement) -> None:
    _say(json.dumps([one.id, said.verdict, said.duplicate_of]))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
