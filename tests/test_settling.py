"""Settling: an outcome is counted once, what is not settled stays, and the status tells both."""

import time

from tests.conftest import fresh_ids
from worker.entries import Settlement
from worker.lanes import Lane
from worker.outcomes import Outcome, Stage
from worker.publisher import Publisher
from worker.settings import Settings
from worker.status import read_status
from worker.streams import RawStreams

LIVE = Lane.LIVE


def test_an_outcome_is_counted_once(streams: RawStreams, publisher: Publisher) -> None:
    """Given two workers that settle the same entry, then one outcome is counted, and one letter written."""
    ids = fresh_ids(publisher, streams, run="r1")
    [entry] = streams.take(LIVE, "worker:a", ids)
    settlement = Settlement(entry, Outcome.REJECTED, b"{}")

    assert 1 == streams.settle(LIVE, [settlement])
    assert 0 == streams.settle(LIVE, [settlement])

    keys, client = streams.keys, streams.client
    assert b"1" == client.hget(keys.counts(LIVE), "rejected")
    assert b"1" == client.hget(keys.run("r1"), "rejected")
    assert 1 == client.xlen(keys.dead)
    assert [] == streams.take(LIVE, "worker:b", ids)


def test_a_batch_is_settled_article_by_article(streams: RawStreams, publisher: Publisher) -> None:
    """Given some that are settled, and some noted by another, then the first outcome of each counts."""
    for number in range(6):
        publisher.publish({"html": str(number)}, run="r1" if number % 2 else "")
    ids = streams.read(LIVE, "intake:a", 10)
    entries = streams.take(LIVE, "worker:a", ids)
    streams.note_delivered(LIVE, {entry.id: Outcome.UPDATE for entry in reversed(entries[2:4])})
    streams.settle(LIVE, [Settlement(entries[0], Outcome.NEW)])

    assert 5 == streams.settle(LIVE, [Settlement(entry, Outcome.UNCHANGED) for entry in entries])

    keys, client = streams.keys, streams.client
    counts = client.hmget(keys.counts(LIVE), ["new", "update", "unchanged"])
    assert [b"1", b"2", b"3"] == counts
    assert {b"update": b"1", b"unchanged": b"2"} == client.hgetall(keys.run("r1"))
    assert 0 == client.hlen(keys.delivered(LIVE))


def test_trimming_never_touches_what_is_not_settled(
    streams: RawStreams, publisher: Publisher, settings: Settings
) -> None:
    """Given old settled entries around a pending one, then only those before it may go."""
    settings.raw_retention = 0
    entries = [publisher.publish({"html": str(number)}) for number in range(500)]
    ids = streams.read(LIVE, "intake:a", 400)
    taken = streams.take(LIVE, "worker:a", ids)
    streams.settle(LIVE, [Settlement(one, Outcome.NEW) for one in taken if one.id != entries[300]])

    streams.trim(LIVE)

    left = [entry_id.decode() for entry_id, _ in streams.client.xrange(streams.keys.raw(LIVE))]
    assert len(left) < 500
    assert entries[300:] == left[-200:]


def test_trimming_tells_long_ids_apart(
    streams: RawStreams, publisher: Publisher, settings: Settings
) -> None:
    """Given a scraper whose ids are nanoseconds, then what is not settled among them stays as well."""
    settings.raw_max_length = 10
    raw = streams.keys.raw(LIVE)
    entries = [f"{1_772_438_400_000_000_000 + number}-0" for number in range(250)]
    for entry in entries:
        publisher.client.xadd(raw, {"article": "{}"}, id=entry)
    taken = streams.take(LIVE, "worker:a", streams.read(LIVE, "intake:a", 250))
    streams.settle(LIVE, [Settlement(one, Outcome.NEW) for one in taken if one.id != entries[150]])

    streams.trim(LIVE)

    left = [entry_id.decode() for entry_id, _ in streams.client.xrange(raw)]
    assert len(left) < 250
    assert entries[150:] == left[-100:]


def test_status_tells_what_waits(streams: RawStreams, publisher: Publisher, namespace: str) -> None:
    """Given an unread, a pending and a settled entry, then the status counts each where it is."""
    for name in "abc":
        publisher.publish({"html": name})
    ids = streams.read(LIVE, "intake:a", 2)
    taken = streams.take(LIVE, "worker:a", ids)
    streams.settle(LIVE, [Settlement(taken[0], Outcome.NEW)])

    lane = read_status(streams.client, namespace).lanes[0]

    assert (1, 1, 1) == (lane.unread, lane.pending, lane.outcomes["new"])
    assert lane.oldest_seconds >= 0


def test_recent_latency_forgets_what_was_long_ago(
    streams: RawStreams, publisher: Publisher, namespace: str
) -> None:
    """Given ten slow articles, then they slow the mean unless they are old; also after a clock went back."""
    key = streams.keys.counts(LIVE)
    seen = []
    for minutes in (60, 0, -10_000_000):
        at = int((time.time() - 60 * minutes) * 1000)
        streams.client.hset(key, mapping={"settled_at": at, "recent_ms": 1e6, "recent": 10})
        [entry] = streams.take(LIVE, "worker:a", fresh_ids(publisher, streams))
        streams.settle(LIVE, [Settlement(entry, Outcome.NEW)])
        seen.append(read_status(streams.client, namespace).lanes[0].recent_latency_ms)

    old, new, ahead = seen
    assert old < 1_000
    assert 80_000 < new < 100_000
    assert 80_000 < ahead < 100_000


def test_many_notes_are_a_table_and_nothing_is_left_of_them(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a batch that is delivered, then each outcome is looked up by itself, and counted."""
    entries = streams.take(LIVE, "worker:a", fresh_ids(publisher, streams, 40))
    key, client = streams.keys.delivered(LIVE), streams.client

    streams.note_delivered(LIVE, {entry.id: Outcome.UPDATE for entry in entries})

    assert b"hashtable" == client.object("ENCODING", key)
    assert {entry.id.encode() for entry in entries} == set(client.hkeys(key))
    assert 40 == streams.settle(LIVE, [Settlement(one, Outcome.UNCHANGED) for one in entries])
    assert b"40" == client.hget(streams.keys.counts(LIVE), "update")
    assert not client.exists(key)


def test_nothing_is_noted_of_what_is_settled(streams: RawStreams, publisher: Publisher) -> None:
    """Given a worker that wakes up after another has settled its entry, then it leaves nothing behind."""
    ids = fresh_ids(publisher, streams)
    [entry] = streams.take(LIVE, "worker:a", ids)
    streams.note_delivered(LIVE, {entry.id: Outcome.NEW})
    assert 1 == streams.client.hlen(streams.keys.delivered(LIVE))
    streams.settle(LIVE, [Settlement(entry, Outcome.NEW)])

    streams.note_delivered(LIVE, {entry.id: Outcome.UNCHANGED})
    streams.mark(entry, Stage.CLEAN)

    assert 0 == streams.client.hlen(streams.keys.delivered(LIVE))
    assert 0 == streams.client.hlen(streams.keys.stages(LIVE))
