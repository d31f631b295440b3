"""Who holds an entry, who is alive, and when an entry is issued again."""

import time

import orjson
import pytest

from tests.conftest import fresh_ids, look_for
from worker.entries import Return
from worker.lanes import Lane
from worker.publisher import Publisher
from worker.streams import RawStreams

LIVE = Lane.LIVE


def test_a_living_worker_is_not_taken_for_dead(streams: RawStreams, publisher: Publisher) -> None:
    """Given a worker too busy to refresh whose process lives, then its entry stays with it."""
    streams.settings.lease = 1.0
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)

    for _ in range(5):
        streams.keep_alive(["worker:a"])
        look_for(streams, 0.3)

    assert ([], []) == (streams.due(LIVE, "i", 9).together, streams.due(LIVE, "i", 9).few)


def test_an_end_that_was_seen_needs_no_lease(streams: RawStreams, publisher: Publisher) -> None:
    """Given a process that its main process saw end, then its entry is issued again at once."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)
    streams.keep_alive(["worker:main"], ["worker:a"])

    assert ids == streams.due(LIVE, "intake:a", 10).few


def test_a_process_with_the_number_of_one_that_ended_is_not_taken_for_dead(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a process number that the system gives out again, then what its new owner takes stays with it."""
    ids = fresh_ids(publisher, streams)
    streams.keep_alive(["worker:main"], ["worker:a"])
    time.sleep(0.01)
    streams.take(LIVE, "worker:a", ids)

    assert [] == streams.due(LIVE, "intake:a", 10).few


def test_a_time_in_which_nobody_looked_counts_against_no_worker(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a server that stood still, then the first look finds no death, and a later one does."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)
    streams.due(LIVE, "intake:a", 10)
    time.sleep(0.3)

    assert [] == streams.due(LIVE, "intake:a", 10).few
    look_for(streams, 0.25)
    assert ids == streams.due(LIVE, "intake:a", 10).few


def test_a_batch_that_took_its_worker_comes_back_in_parts_and_a_part_that_does_so_one_by_one(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a killer among 40, then few are isolated with it, and that death counts against none of them."""
    ids = fresh_ids(publisher, streams, 40)

    def die(worker: str, taken: list[str]) -> list[list[str]]:
        streams.take(LIVE, worker, taken)
        streams.keep_alive(["worker:main"], [worker])
        return streams.due(LIVE, "intake:a", 100).batches

    parts = die("worker:a", ids)
    singles = die("worker:b", parts[1])
    [last] = die("worker:c", singles[3])
    [entry] = streams.take(LIVE, "worker:d", last)

    assert [ids[:16], ids[16:32], ids[32:]] == parts
    assert [[one] for one in ids[16:32]] == singles
    assert (ids[19], True, 2) == (entry.id, entry.alone, entry.deaths)
    assert 3 == len(entry.history)


def test_what_there_is_no_room_for_is_found_at_the_next_look(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given more lost entries than there is room for messages, then later looks find the rest."""
    ids = fresh_ids(publisher, streams, 40)
    streams.take(LIVE, "worker:a", ids)
    streams.keep_alive(["worker:main"], ["worker:a"])

    looks = [streams.due(LIVE, "intake:a", 100, room=1).batches for _ in range(4)]

    assert [[ids[:16]], [ids[16:32]], [ids[32:]], []] == looks


def test_a_stopping_worker_gives_up_what_its_processes_hold(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given two processes of a worker that stops, then their entries are due at once, another's are not."""
    ids = fresh_ids(publisher, streams, 3)
    for worker, entry in zip(("worker:x:1", "worker:x:2", "worker:y:1"), ids, strict=True):
        streams.take(LIVE, worker, [entry])

    assert 2 == streams.give_up(LIVE, "worker:x:")
    assert ids[:2] == streams.due(LIVE, "intake:a", 10).together


def test_one_process_gives_up_nothing_of_another_whose_number_begins_alike(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given processes 1 and 12 of a worker, when 1 gives up what it holds, then 12 keeps its own."""
    ids = fresh_ids(publisher, streams, 2)
    for worker, entry in zip(("worker:x:1", "worker:x:12"), ids, strict=True):
        streams.take(LIVE, worker, [entry])

    assert 1 == streams.give_up(LIVE, "worker:x:1:")
    assert 1 == streams.refresh(LIVE, "worker:x:12", ids)


def test_dead_consumers_are_forgotten_and_those_with_entries_are_not(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given consumers without a word for long, then only those that hold nothing go."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)
    time.sleep(0.05)

    assert 1 == streams.tidy(LIVE, idle=0.01)
    names = [
        one["name"] for one in streams.client.xinfo_consumers(streams.keys.raw(LIVE), "copydesk")
    ]
    assert [b"worker:a"] == names


def test_a_message_lost_from_the_queue_is_found_when_younger_ones_stand_there(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a queue whose oldest message is younger than an entry's, then that entry's message is lost."""
    streams.settings.reissue_after = 60.0
    ids = fresh_ids(publisher, streams)
    time.sleep(0.3)
    issued = int(time.time() * 1000)
    queue = streams.keys.queue(LIVE)

    streams.client.lpush(queue, orjson.dumps({"headers": {"issued": issued - 60_000}}))
    assert [] == streams.due(LIVE, "intake:a", 10).together
    streams.client.lpop(queue)
    streams.client.lpush(queue, orjson.dumps({"headers": {"issued": issued}}))

    assert ids == streams.due(LIVE, "intake:a", 10).together


def test_a_server_clock_that_is_put_back_holds_nothing_up(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given times that lie an hour ahead after the clock was put back, then what waits is due at once."""
    ids = fresh_ids(publisher, streams)
    [entry] = streams.take(LIVE, "worker:a", ids)
    streams.hand_back(LIVE, "worker:a", [Return(entry, 3600.0)])
    ahead = int((time.time() + 3600) * 1000)
    streams.client.hset(streams.keys.watch(LIVE), "looked_at", ahead)

    assert ids == streams.due(LIVE, "intake:a", 10).together


def test_after_a_clock_that_is_put_back_a_dead_worker_is_not_alive(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a worker that died before the clock was put back by an hour, then its lease runs out in time."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)
    ahead = int((time.time() + 3600) * 1000)
    streams.client.zadd(streams.keys.alive, {"worker:a": ahead})
    streams.client.hset(streams.keys.watch(LIVE), "looked_at", ahead)

    issued: list[str] = []
    deadline = time.monotonic() + 20
    while not issued and time.monotonic() < deadline:
        issued = streams.due(LIVE, "intake:a", 10).few
        time.sleep(0.02)

    assert ids == issued


def test_times_are_the_servers(
    streams: RawStreams, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a worker whose clock is a day ahead, then a return is due at its time all the same."""
    ids = fresh_ids(publisher, streams)
    [entry] = streams.take(LIVE, "worker:a", ids)
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    streams.hand_back(LIVE, "worker:a", [Return(entry, 0.0)])

    assert ids == streams.due(LIVE, "intake:a", 10).together
