"""The short form: every kind of fault, a few minutes of it, in every run."""

import os
import random
import time

from tests.faults.desk import FaultyDesk
from tests.faults.faults import Site
from tests.faults.feed import Feed, make_feed
from tests.faults.scraper import Scraper
from tests.faults.servers import Server
from tests.faults.truth import check
from worker.status import read_outcomes

SEED = int(os.environ.get("COPYDESK_TEST_SEED", "0")) or random.SystemRandom().randrange(10**6)


def test_random_faults_lose_nothing_and_repeat_nothing(desk: FaultyDesk, server: Server) -> None:
    """Given a feed with copies, updates and poison, when faults fall at random, then the truth stands."""
    print(f"\nseed {SEED} (COPYDESK_TEST_SEED)")
    feed = make_feed(SEED, 1500, poison=("SEGFAULT", "MEMORY", "LOOP"))
    site = Site(desk, server)
    kinds = random.Random(SEED).sample(site.kinds(), k=len(site.kinds()))

    under_fire(site, feed, kinds, pause=0.8)

    check(desk, feed, len(feed.articles))


def under_fire(site: Site, feed: Feed, kinds: list[str], *, pause: float) -> None:
    """Throw these faults, up to `pause` seconds apart, while a scraper publishes; wait for all outcomes."""
    desk, chance = site.desk, random.Random(SEED)
    scraper = Scraper(desk, feed.articles, SEED)
    try:
        for number, kind in enumerate(kinds, 1):
            scraper.go_on_to(len(feed.articles) * number // len(kinds))
            time.sleep(chance.uniform(0.0, pause))
            print(
                f"{time.strftime('%X')} {kind}, {desk.settled()} of {scraper.published} settled",
                flush=True,
            )
            site.throw(kind, chance)
            desk.revive()
        scraper.finish()
    finally:
        scraper.close()
    desk.wait_settled(len(feed.articles), 400)
    for lane, run in scraper.runs.items():
        counted = read_outcomes(desk.client, desk.streams.keys.run(run))
        assert scraper.by_lane[lane] == sum(counted.values()), "each is counted once for its run"
