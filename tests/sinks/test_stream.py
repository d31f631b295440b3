"""The output stream."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.cluster import key_slot
from redis.retry import Retry

from tests.sinks.factory import copy_of, delivery
from worker.articles import Article
from worker.errors import ConfigurationError, TransientError
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks import build, check
from worker.sinks.stream import PERIODS, SHARDS, StreamSink


@pytest.fixture
def sink(client: "redis.Redis", namespace: str) -> StreamSink:
    """A sink on a stream of the test's own."""
    return StreamSink(client, namespace=namespace)


def entries(client: "redis.Redis", sink: StreamSink) -> list[tuple[bytes, bytes, bytes]]:
    """What stands in the stream: id, revision, status."""
    return [(e[b"id"], e[b"revision"], e[b"status"]) for _, e in client.xrange(sink.stream)]


def test_new_articles_and_updates_go_out(client: "redis.Redis", sink: StreamSink) -> None:
    """Given a new article, a copy and an update; when delivered; then the copy stays back."""
    given = delivery("a")
    sink.deliver([given, copy_of("a", "b"), delivery("c", revision=2, status=Outcome.UPDATE)])

    assert [(b"a", b"1", b"new"), (b"c", b"2", b"update")] == entries(client, sink)
    sent = client.xrange(sink.stream)[0][1][b"article"]
    assert given.article == Article.model_validate_json(sent)


def test_a_revision_goes_out_once(client: "redis.Redis", sink: StreamSink, namespace: str) -> None:
    """Given a delivered batch.

    When it comes again, from another process and in another batch; then it adds nothing.
    """
    sink.deliver([delivery("a"), delivery("b"), delivery("a")])
    again = StreamSink(client, namespace=namespace)
    again.deliver([delivery("b"), delivery("c"), delivery("a"), delivery("a", revision=2)])

    expected = [
        (b"a", b"1", b"new"),
        (b"b", b"1", b"new"),
        (b"c", b"1", b"new"),
        (b"a", b"2", b"new"),
    ]
    assert expected == entries(client, sink)


def test_a_revision_is_remembered_when_the_stream_was_trimmed(
    client: "redis.Redis", sink: StreamSink
) -> None:
    """Given a consumer that empties the stream.

    When a delivered article comes again; then it stays out.
    """
    sink.deliver([delivery("a")])
    client.xtrim(sink.stream, maxlen=0)
    sink.deliver([delivery("a")])

    assert [] == entries(client, sink)


def test_markers_outlive_the_window_and_expire(
    client: "redis.Redis", namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a window of 40 s.

    When time passes; then a marker holds through it and every set carries an expiry.
    """
    sink = StreamSink(client, namespace=namespace, window=40)
    now = (
        1_000_000_000 + client.time()[0] // 10 * 10
    )  # a period begins, far ahead, so that nothing expires early
    for later in (0, 9, 40):
        monkeypatch.setattr(client, "time", lambda later=later: (now + later, 0))
        sink.deliver([delivery("a")])
    assert 1 == client.xlen(sink.stream)

    monkeypatch.setattr(client, "time", lambda: (now + 50, 0))
    sink.deliver([delivery("a")])
    assert 2 == client.xlen(sink.stream)

    sets = sorted(client.scan_iter(f"{{{sink.stream}}}:sent:*"))
    assert 2 == len(sets)
    assert [now + 50, now + 100] == [client.expiretime(key) for key in sets]


def test_markers_are_small(client: "redis.Redis", namespace: str) -> None:
    """Given as many markers as a set holds in its compact form; then each costs under 12 bytes."""
    sink = StreamSink(client, namespace=namespace)
    sink.deliver([delivery(f"a{n}") for n in range(200)])
    keys = list(client.scan_iter(f"{{{sink.stream}}}:sent:*"))

    assert {b"intset"} == {client.object("encoding", key) for key in keys}
    full = f"{{{sink.stream}}}:sent:full"
    client.sadd(full, *range(-(2**62), -(2**62) + 512))
    assert client.memory_usage(full) / 512 < 12


def test_every_key_lies_in_the_streams_slot(client: "redis.Redis", sink: StreamSink) -> None:
    """Given Redis Cluster's rule; then the markers' hash tag is the stream's name."""
    sink.deliver([delivery("a"), delivery("b")])

    slots = {key_slot(key) for key in client.scan_iter(f"*{sink.stream}*")}
    assert {key_slot(sink.stream.encode())} == slots


def test_the_stream_is_trimmed(client: "redis.Redis", namespace: str) -> None:
    """Given a bound of 100; when 500 articles go out; then about 100 remain."""
    sink = StreamSink(client, namespace=namespace, max_length=100)
    for n in range(10):
        sink.deliver([delivery(f"a{n}-{k}") for k in range(50)])

    assert 100 <= client.xlen(sink.stream) <= 200


def test_no_bound_keeps_everything(client: "redis.Redis", namespace: str) -> None:
    """Given the bound 0; when 500 articles go out; then all remain."""
    sink = StreamSink(client, namespace=namespace, max_length=0)
    sink.deliver([delivery(f"a{n}") for n in range(500)])

    assert 500 == client.xlen(sink.stream)


def test_a_server_that_is_away_is_transient() -> None:
    """Given no server; when delivered; then the same batch may come again."""
    sink = StreamSink(redis.Redis(port=9, retry=Retry(NoBackoff(), 0)))

    with pytest.raises(TransientError, match="output stream copydesk:articles"):
        sink.deliver([delivery("a")])
    with pytest.raises(TransientError):
        sink.ping()


def test_a_full_server_is_transient_and_adds_nothing(
    client: "redis.Redis", sink: StreamSink
) -> None:
    """Given a server at its memory limit.

    When delivered; then neither entry nor marker is written.
    """
    before = client.config_get("maxmemory")["maxmemory"]
    client.config_set("maxmemory", 1)
    try:
        with pytest.raises(TransientError, match="maxmemory"):
            sink.deliver([delivery("a")])
    finally:
        client.config_set("maxmemory", before)

    assert [] == list(client.scan_iter(f"*{sink.stream}*"))
    sink.deliver([delivery("a")])
    assert 1 == client.xlen(sink.stream)


def test_duplicates_go_out_when_asked_for(settings: Settings, client: "redis.Redis") -> None:
    """Given the setting.

    When sinks are built and a copy is delivered; then the stream carries it.
    """
    asked = settings.model_copy(
        update={"output_statuses": [*settings.output_statuses, Outcome.DUPLICATE]}
    )
    sinks = build(asked, client)
    for sink in sinks:
        sink.ping()
        sink.deliver([copy_of("a", "b")])
        sink.close()

    assert ["sql", "stream"] == [sink.name for sink in sinks]
    assert 1 == client.xlen(f"{settings.namespace}:articles")


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (
            "postgresql://desk:geheim@127.0.0.1:9/news",
            "Connection refused.*choose another with --store",
        ),
        ("/dev/full", "cannot be used.*choose another with --store"),
        ("/dev/null/store.db", "Cannot make the folder"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_before_the_work(
    settings: Settings, client: "redis.Redis", store: str, words: str
) -> None:
    """Given a store that is away, or no file; when the sinks are checked; then one line says so."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        check(settings.model_copy(update={"store": store}), client)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sinks_that_answer_pass_the_check(settings: Settings, client: "redis.Redis") -> None:
    """Given a store that can be written; when the sinks are checked; then nothing is wrong."""
    check(settings, client)


def test_an_unknown_sink_is_named(settings: Settings, client: "redis.Redis") -> None:
    """Given a sink nobody knows; when sinks are built; then the message lists those there are."""
    asked = settings.model_copy(update={"sinks": ["sql", "kafak"]})

    with pytest.raises(ConfigurationError, match=r"no sink 'kafak'.*sql, stream"):
        build(asked, client)


def test_the_sets_stay_compact_at_millions() -> None:
    """Given the compact form's 512 members; then a period holds some two million markers in it."""
    assert 2_000_000 < SHARDS * 512
    assert 5 == PERIODS
