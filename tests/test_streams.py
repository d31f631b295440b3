"""The raw streams: an entry stays pending while it is read, taken, lost and handed back."""

import time
from typing import Any

import pytest
import redis

from tests.conftest import fresh_ids, look_for
from worker.entries import Return
from worker.lanes import GROUP, Lane
from worker.publisher import Publisher
from worker.settings import Settings
from worker.streams import UNKNOWN, RawStreams

LIVE = Lane.LIVE


def test_an_intake_gets_ids_and_a_worker_the_body(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given an entry, when it is read and taken, then the worker holds what the scraper wrote."""
    published = publisher.publish({"html": "<p>A</p>"}, run="r1")

    assert (1, "0-0") == streams.unread(LIVE)

    ids = streams.read(LIVE, "intake:a", 10)
    [entry] = streams.take(LIVE, "worker:a", ids)

    assert [published] == ids
    assert (0, published) == streams.unread(LIVE)
    assert (b'{"html":"<p>A</p>"}', "r1") == (entry.data, entry.run)


def test_entries_published_before_the_first_start_are_read(
    client: "redis.Redis", settings: Settings, publisher: Publisher
) -> None:
    """Given a stream older than the group, then the group begins at its start."""
    publisher.publish({"html": "early"})
    streams = RawStreams(client, settings)
    streams.create_groups()

    assert (1, "0-0") == streams.unread(LIVE)
    assert 1 == len(streams.read(LIVE, "intake:a", 10))


def test_more_may_be_unread_than_is_known(
    client: "redis.Redis", streams: RawStreams, publisher: Publisher
) -> None:
    """Given that somebody deleted an unread entry, then the number is unknown until all are read."""
    _, deleted, last = (publisher.publish({"html": str(number)}) for number in range(3))
    client.xdel(streams.keys.raw(LIVE), deleted)

    assert UNKNOWN == streams.unread(LIVE)[0]
    assert 2 == len(streams.read(LIVE, "intake:a", 10))
    assert (0, last) == streams.unread(LIVE)


def test_workers_are_counted_by_the_word_of_their_main_processes(
    client: "redis.Redis", streams: RawStreams
) -> None:
    """Given two workers of three processes in all, an intake and one long silent, then there are three."""
    streams.keep_alive(["worker:a:x:1", "worker:a:x:2", "worker:a:x:3", "intake:a:1"])
    streams.keep_alive(["worker:b:y:1", "worker:b:y:2"])
    client.zadd(streams.keys.alive, {"worker:c:z:2": 1_000})

    assert 3 == streams.workers()


def test_a_batch_of_a_run_that_is_sent_again_is_published_once(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a publisher that got no answer, when it sends its batch again, then it is published once."""
    first, second = [{"html": "A"}, {"html": "B"}], [{"html": "C"}]

    counts = [publisher.publish_once(first, run="r1", before=0) for _ in range(2)]
    counts += [publisher.publish_once(second, run="r1", before=2) for _ in range(2)]

    assert [2, 2, 3, 3] == counts
    entries = streams.client.xrange(streams.keys.raw(LIVE))
    assert [(b'{"html":"%b"}' % name, b"r1") for name in (b"A", b"B", b"C")] == [
        (fields[b"article"], fields[b"run"]) for _, fields in entries
    ]


def test_a_worker_that_ends_before_any_intake_was_there_has_nothing_to_give_up(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a server without streams, and one without groups, then a worker that ends holds nothing."""
    streams = RawStreams(client, settings)
    streams.client.delete(*map(streams.keys.raw, Lane))

    assert 0 == streams.give_up(LIVE, "worker:a:")
    streams.client.xadd(streams.keys.raw(LIVE), {"article": "{}"})
    assert 0 == streams.give_up(LIVE, "worker:a:")


def test_an_entry_in_the_hands_of_a_living_worker_is_not_taken(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given two messages with the same id, then the second worker gets nothing while the first lives."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)

    assert [] == streams.take(LIVE, "worker:b", ids)


def test_a_worker_that_got_no_answer_may_take_its_batch_again(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a server that went away before it answered, when the worker asks again, then it has its batch."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)

    assert ids == [entry.id for entry in streams.take(LIVE, "worker:a", ids)]


def unanswered(streams: RawStreams, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Let the server do what `take` asks, and lose its answer; it is away then, until the list is cleared."""
    run, answers = streams._run, [True]

    def deaf(name: str, *call: Any) -> Any:
        if answers and not answers[0]:
            raise redis.ConnectionError("it is away")
        answer = run(name, *call)
        if answers and name == "take":
            answers[0] = False
            raise redis.ConnectionError("the answer is lost")
        return answer

    monkeypatch.setattr(streams, "_run", deaf)
    return answers


def test_what_a_server_gave_that_did_not_answer_goes_back_by_itself(
    client: "redis.Redis",
    streams: RawStreams,
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a batch that a living process holds unawares, then it is due once the server is back."""
    ids = fresh_ids(publisher, streams)
    answers = unanswered(streams, monkeypatch)
    with pytest.raises(redis.ConnectionError):
        streams.take(LIVE, "worker:a", ids)
    assert (
        b"worker:a"
        == client.xpending_range(streams.keys.raw(LIVE), GROUP, "-", "+", 1)[0]["consumer"]
    )

    answers.clear()  # it is back
    deadline = time.monotonic() + 10
    while not client.zcard(streams.keys.later(LIVE)):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    assert ids == streams.due(LIVE, "intake:a", 10).together


def test_it_goes_back_before_the_process_takes_anything_else(
    streams: RawStreams, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a batch without an answer, when the next is taken, then no late return takes that away."""
    streams.settings.lease = 60.0  # nothing comes back by itself within the test
    ids = fresh_ids(publisher, streams)
    answers = unanswered(streams, monkeypatch)
    with pytest.raises(redis.ConnectionError):
        streams.take(LIVE, "worker:a", ids)
    with pytest.raises(redis.ConnectionError, match="away"):
        streams.take(LIVE, "worker:a", ids)
    answers.clear()

    assert [] == streams.take(LIVE, "worker:a", ids), "it waits for an intake now"
    assert ids == streams.due(LIVE, "intake:a", 10).together
    assert ids == [entry.id for entry in streams.take(LIVE, "worker:a", ids)]
    assert 1 == streams.refresh(LIVE, "worker:a", ids), "and it is held"


def test_a_batch_in_any_order_is_taken_in_its_own(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given entries among a batch that others hold, and one deleted, then the rest come as asked."""
    published = [publisher.publish({"html": name}) for name in "abcdef"]
    streams.read(LIVE, "intake:a", 10)
    streams.take(LIVE, "worker:b", published[1:3])
    streams.client.xdel(streams.keys.raw(LIVE), published[4])

    asked = [published[number] for number in (5, 4, 1, 0, 0, 3)]
    taken = streams.take(LIVE, "worker:a", asked)

    assert [published[number] for number in (5, 0, 3)] == [entry.id for entry in taken]
    assert {0} == {entry.tries for entry in taken}
    assert 5 == streams.client.xpending(streams.keys.raw(LIVE), "copydesk")["pending"]
    assert [] == streams.take(LIVE, "worker:a", [])


def test_an_entry_of_a_dead_worker_is_issued_with_few_others_and_its_history(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given a worker that stopped refreshing, then its entry comes back and tells of the death."""
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)
    streams.settings.lease = 60.0
    assert [] == streams.due(LIVE, "intake:a", 10).few
    streams.settings.lease = 0.2

    look_for(streams, 0.25)
    found = streams.due(LIVE, "intake:a", 10)
    [entry] = streams.take(LIVE, "worker:b", found.few)

    assert (ids, []) == (found.few, found.together)
    assert [("death", "worker:a")] == [(event["kind"], event["worker"]) for event in entry.history]


def test_a_refreshed_hold_does_not_run_out(streams: RawStreams, publisher: Publisher) -> None:
    """Given a worker that refreshes, then nobody gets its entry however long it works."""
    streams.settings.lease = 1.0
    ids = fresh_ids(publisher, streams)
    streams.take(LIVE, "worker:a", ids)

    for _ in range(4):
        time.sleep(0.3)
        assert 1 == streams.refresh(LIVE, "worker:a", ids)

    assert [] == streams.due(LIVE, "intake:a", 10).few


def test_a_message_that_celery_lost_is_issued_again(
    streams: RawStreams, publisher: Publisher
) -> None:
    """Given an entry that was read and never taken, then it is issued again after a while, with others."""
    ids = fresh_ids(publisher, streams)
    streams.settings.lease = 60.0
    assert [] == streams.due(LIVE, "intake:a", 10).together
    streams.settings.lease = 0.2

    time.sleep(0.45)

    assert ids == streams.due(LIVE, "intake:b", 10).together


def test_an_entry_handed_back_is_due_at_its_time(streams: RawStreams, publisher: Publisher) -> None:
    """Given a return with a delay, then the entry stays pending and comes back when it is due."""
    ids = fresh_ids(publisher, streams)
    [entry] = streams.take(LIVE, "worker:a", ids)

    assert 1 == streams.hand_back(LIVE, "worker:a", [Return(entry, 0.3)])
    assert [] == streams.due(LIVE, "intake:a", 10).together
    time.sleep(0.35)

    assert ids == streams.due(LIVE, "intake:a", 10).together


def test_a_counted_return_comes_back_alone(streams: RawStreams, publisher: Publisher) -> None:
    """Given a return with an event, then it stands in the history, and the entry harms no neighbour."""
    ids = fresh_ids(publisher, streams)
    [entry] = streams.take(LIVE, "worker:a", ids)
    streams.hand_back(LIVE, "worker:a", [Return(entry, 0.0, b'{"at":1,"kind":"error"}')])

    found = streams.due(LIVE, "intake:a", 10)
    [again] = streams.take(LIVE, "worker:a", found.alone)

    assert [{"at": 1, "kind": "error"}] == list(again.history)
