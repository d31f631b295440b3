"""A server that others harm, over real processes: what is deleted on it, and memory that is too small."""

import os
import signal
import time

from tests.faults.conftest import Start
from tests.faults.desk import wait_for
from tests.faults.feed import make_feed, slow
from tests.faults.test_short import SEED
from tests.faults.truth import check
from worker.lanes import GROUP, Lane
from worker.outcomes import Outcome
from worker.sinks.store import Query, Store


def test_work_goes_on_when_somebody_deletes_the_groups(start: Start) -> None:
    """Given groups that are deleted amid the work, then all is read again, and nothing delivered twice."""
    desk = start(batch_size=8)
    feed = make_feed(SEED, 300)
    for _ in desk.publisher.publish_many(feed.articles):
        pass
    desk.wait_settled(30, 60)
    for lane in Lane:
        desk.client.xgroup_destroy(desk.streams.keys.raw(lane), GROUP)
    raw = desk.streams.keys.raw(Lane.LIVE)

    def all_settled() -> bool:
        groups = desk.client.xinfo_groups(raw)
        return bool(groups) and (groups[0]["lag"], groups[0]["pending"]) == (0, 0)

    wait_for(all_settled)
    check(desk, feed, desk.settled())
    assert [None, None] == [one.poll() for one in (desk.intake, *desk.workers) if one]


def test_work_goes_on_when_somebody_flushes_the_server(start: Start) -> None:
    """Given a server that is emptied amid the work, when all is published again, then all is settled.

    The index has forgotten what came before: of copies around that moment two may be canonicals.
    """
    desk = start(batch_size=8)
    feed = make_feed(SEED, 300)
    for _ in desk.publisher.publish_many(feed.articles):
        pass
    desk.wait_settled(30, 60)
    desk.client.flushall()
    for _ in desk.publisher.publish_many(feed.articles):
        pass

    wait_for(lambda: desk.settled() >= len(feed.articles))
    with Store.of(desk.settings) as store:
        stored = {article.url for article in store.articles(Query(statuses=tuple(Outcome)))}
    assert feed.latest.keys() <= stored
    assert {} == desk.left_over()
    assert [None, None] == [one.poll() for one in (desk.intake, *desk.workers) if one]


def test_nothing_is_left_of_entries_that_somebody_deletes(start: Start) -> None:
    """Given a stream that is trimmed under the work, then what is left is settled, and no trace stays.

    No two articles tell the same: a copy would wait for the claim of one that is gone.
    """
    desk = start(batch_size=8)
    alone = {
        article["url"]: article for article in slow(6, 160) if "//copy" not in str(article["url"])
    }
    for _ in desk.publisher.publish_many(alone.values()):  # type: ignore[arg-type]
        pass
    desk.wait_settled(10, 60)

    def killed_at_work() -> bool:
        for child in desk.children(0):
            os.kill(child, signal.SIGKILL)
        time.sleep(1)
        return bool(desk.client.hlen(desk.streams.keys.history(Lane.LIVE)))

    wait_for(killed_at_work)
    desk.client.xtrim(desk.streams.keys.raw(Lane.LIVE), maxlen=60, approximate=False)

    wait_for(lambda: desk.streams.unread(Lane.LIVE)[0] == 0)
    wait_for(lambda: desk.left_over() == {})
    assert desk.settled() < len(alone)


def test_a_server_out_of_memory_gives_up_what_is_settled(start: Start) -> None:
    """Given a server that is full, then settled raw articles make room for what comes, by themselves."""
    desk = start(batch_size=8)
    feed = [
        {**article, "extra": {"page": "x" * 40_000}} for article in make_feed(SEED, 210).articles
    ]
    for _ in desk.publisher.publish_many(feed[:200]):
        pass
    desk.wait_settled(200, 60)
    used = int(desk.client.info("memory")["used_memory"])
    desk.client.config_set("maxmemory", used - 4_000_000)

    for _ in desk.publisher.publish_many(feed[200:]):  # waits until the server takes it
        pass

    desk.wait_settled(len(feed), 60)
    assert {} == desk.left_over()


def test_a_backlog_larger_than_the_servers_memory_is_carried_through(start: Start) -> None:
    """Given more articles than the server holds, then the publisher leaves the workers room to work."""
    desk = start(sinks=["sql"])
    feed = [
        {**article, "extra": {"page": "x" * 40_000}} for article in make_feed(SEED, 700).articles
    ]
    used = int(desk.client.info("memory")["used_memory"])
    desk.client.config_set("maxmemory", used + 20_000_000)

    for _ in desk.publisher.publish_many(feed):
        pass

    desk.wait_settled(len(feed), 120)
    assert {} == desk.left_over()
