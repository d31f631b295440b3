"""The short form: every kind of fault, a few minutes of it, in every run."""

import os
import random
import time

from tests.faults.desk import FaultyDesk
from tests.faults.faults import Site
from tests.faults.feed import make_feed
from tests.faults.servers import Server
from tests.faults.truth import check
from worker.lanes import Lane

SEED = int(os.environ.get("COPYDESK_TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)


def test_random_faults_lose_nothing_and_repeat_nothing(desk: FaultyDesk, server: Server) -> None:
    """Given a feed with copies, updates and poison, when faults fall at random, then the truth stands."""
    print(f"\nseed {SEED} (COPYDESK_TEST_SEED)")
    feed = make_feed(SEED, 1500, poison=("SEGFAULT", "MEMORY", "LOOP"))
    chance = random.Random(SEED)
    site = Site(desk, server)
    kinds = chance.sample(site.kinds(), k=len(site.kinds()))
    published = 0
    for count in desk.publisher.publish_many(feed.articles[:400]):
        published = count
    step = 1 + (len(feed.articles) - published) // len(kinds)
    for kind in kinds:
        for article in feed.articles[published : published + step]:
            desk.publisher.publish(article, lane=chance.choice(list(Lane)))
            published += 1
        time.sleep(chance.uniform(0.1, 0.8))
        print(f"{time.strftime('%X')} {kind}, {desk.settled()} settled")
        site.throw(kind, chance)
        desk.revive()

    desk.wait_settled(len(feed.articles), 120)

    check(desk, feed, len(feed.articles))
