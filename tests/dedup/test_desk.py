"""What the index keeps over time: window, canonical choice, copies, forgetting, numbers, rebuilding."""

import datetime as dt
import time
from pathlib import Path

import pytest
import redis

from tests.dedup.stories import HARBOUR, ORCHARD, candidate
from worker.articles import Article
from worker.dedup.base import Candidate, Copy, Verdict
from worker.dedup.index import RedisIndex
from worker.dedup.rebuild import rebuild
from worker.dedup.stats import stats
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store

NEAR = HARBOUR.replace("Tuesday", "Wednesday").replace("nobody could tell", "no one could say")
LONG = HARBOUR + " The ferry company said it would pay for buses to the fish dock until the summer."
DAY = 86_400.0


@pytest.fixture
def index(client: redis.Redis, settings: Settings) -> RedisIndex:
    """An empty index."""
    return RedisIndex(client, settings)


def settle(index: RedisIndex, *batch: Candidate) -> list[Verdict]:
    """Reserve and commit one after another; return the verdicts."""
    verdicts = []
    for one in batch:
        verdicts += [judgement.verdict for judgement in index.reserve([one])]
        index.commit([one])
    return verdicts


def test_the_window_forgets_whole_buckets(index: RedisIndex, client: redis.Redis) -> None:
    """Given a window of 30 days, when 38 have passed, then a copy is new and every old key expires."""
    settle(index, candidate("a", HARBOUR))
    index.clock_ahead = 29 * DAY
    assert settle(index, candidate("b", NEAR)) == [Verdict.DUPLICATE]
    index.clock_ahead = 38 * DAY
    assert settle(index, candidate("c", NEAR)) == [Verdict.NEW]

    keys = set(client.scan_iter(match=f"{{{index.name}}}*"))
    lasting = {key for key in keys if client.ttl(key) == -1}
    assert lasting == {f"{{{index.name}}}".encode()}


def test_a_clock_that_is_put_back_over_a_buckets_beginning_hides_nothing(index: RedisIndex) -> None:
    """Given articles of a bucket that has just begun, when the clock goes back, then they are known."""
    bucket = 7.5 * DAY
    begins = bucket - time.time() % bucket
    index.clock_ahead = begins - 5
    settle(index, candidate("before", ORCHARD))
    index.clock_ahead = begins + 5
    settle(index, candidate("a", HARBOUR), candidate("a", LONG))

    for clock in (begins - 55, begins + 60):
        index.clock_ahead = clock
        again = settle(index, candidate("before", ORCHARD), candidate("a", LONG))
        assert again == [Verdict.UNCHANGED] * 2
        assert settle(index, candidate(f"copy {clock}", LONG)) == [Verdict.DUPLICATE]


def test_postings_of_a_bucket_that_is_over_go(client: redis.Redis, settings: Settings) -> None:
    """Given a feed that goes on, when buckets leave the window, then postings do not pile up."""
    index = RedisIndex(client, settings.model_copy(update={"index_documents": 1_000}))
    held = []
    for week in range(14):
        index.clock_ahead = week * 7.5 * DAY
        batch = [
            candidate(f"s{week}-{number}", f"Notice {number * 7919 + week} of the port.")
            for number in range(100)
        ]
        index.reserve(batch)
        index.commit(batch)
        groups = list(client.scan_iter(match="*}:p*"))
        held.append(sum(len(slot) for key in groups for slot in client.hvals(key)))
    assert max(held[6:]) < 1.5 * held[4]


def test_entering_old_articles_leaves_the_new_ones_findable(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a rebuild that enters articles of three weeks ago beside a live desk, then both stand."""
    index = RedisIndex(client, settings.model_copy(update={"index_documents": 1_000}))
    settle(index, candidate("a", HARBOUR))
    lasting = {key: client.pexpiretime(key) for key in client.scan_iter(match="*}:p*")}
    index.clock_ahead = -21 * DAY
    old = [candidate(f"s{number}", f"Notice {number * 7919} of the port.") for number in range(300)]
    index.reserve(old)
    index.commit(old)
    index.clock_ahead = 0.0
    assert settle(index, candidate("b", NEAR)) == [Verdict.DUPLICATE]
    assert settle(index, old[7]) == [Verdict.UNCHANGED]
    assert all(client.pexpiretime(key) >= when for key, when in lasting.items())


def test_a_bucket_that_grew_gives_the_next_one_room(
    client: redis.Redis, settings: Settings
) -> None:
    """Given more articles than expected, when a bucket begins, then copies in the old layout are found."""
    small = settings.model_copy(update={"index_documents": 1_000})
    index = RedisIndex(client, small)
    stories = [
        candidate(f"s{number}", f"Notice {number * 7919} of the port.") for number in range(450)
    ]
    for at in range(0, len(stories), 50):
        index.reserve(stories[at : at + 50])
        index.commit(stories[at : at + 50])
    settle(index, candidate("a", HARBOUR))
    index.clock_ahead = 8 * DAY
    assert settle(index, candidate("b", ORCHARD)) == [Verdict.NEW]
    layouts = {key.split(b":p")[1].split(b":")[0] for key in client.scan_iter(match="*}:p*")}
    assert len(layouts) == 2

    assert settle(index, candidate("c", NEAR), candidate("d", ORCHARD)) == [Verdict.DUPLICATE] * 2
    assert settle(index, candidate("a", HARBOUR)) == [Verdict.UNCHANGED]
    counted = stats(index)
    assert counted.documents == 452
    assert 0.5 < counted.bytes / memory(client, index) < 1.5


def memory(client: redis.Redis, index: RedisIndex) -> int:
    """Return the bytes of all keys of an index."""
    keys = client.scan_iter(match=f"{{{index.name}}}*")
    return sum(client.memory_usage(key, samples=0) or 0 for key in keys)


def test_the_copies_stand_on_the_canonical(index: RedisIndex) -> None:
    """Given a story and two copies, when its reach is asked, then outlet, address and time are told."""
    first = candidate("a", HARBOUR, outlet="wire")
    copies = [
        candidate("b", NEAR, outlet="Kelmouth Post", url="https://post.example/1", version_at=50.0),
        candidate("c", HARBOUR.lower(), outlet="Isle News", url="https://isle.example/2"),
    ]
    settle(index, first, *copies)
    assert index.copies("a") == [
        Copy("b", "Kelmouth Post", "https://post.example/1", 50.0),
        Copy("c", "Isle News", "https://isle.example/2", None),
    ]
    known = index.find("b")
    assert known is not None
    assert (known.duplicate, known.canonical) == (True, "a")


def test_a_preferred_outlet_takes_the_story_over(client: redis.Redis, settings: Settings) -> None:
    """Given a list of outlets, when a better one brings the story, then it becomes the canonical."""
    own = settings.model_copy(
        update={"canonical": "outlets", "preferred_outlets": ["agency", "Kelmouth Post"]}
    )
    index = RedisIndex(client, own)
    settle(index, candidate("blog", HARBOUR, outlet="blog"))
    [taken] = index.reserve([candidate("post", NEAR, outlet="Kelmouth Post")])
    assert taken.verdict is Verdict.NEW
    assert taken.evidence is not None
    assert (taken.evidence.rule, taken.evidence.compared_to) == ("preferred", "blog")
    index.commit([candidate("post", NEAR, outlet="Kelmouth Post")])

    [later] = index.reserve([candidate("other", HARBOUR, outlet="other")])
    assert later.duplicate_of == "post"
    assert [copy.id for copy in index.copies("post")] == ["blog"]
    assert settle(index, candidate("agency", LONG, outlet="agency")) == [Verdict.NEW]
    assert [copy.outlet for copy in index.copies("agency")] == ["blog", "Kelmouth Post"]


def test_the_longest_takes_the_story_over(client: redis.Redis, settings: Settings) -> None:
    """Given the longest as canonical, when a fuller version comes, then shorter ones are its copies."""
    index = RedisIndex(client, settings.model_copy(update={"canonical": "longest"}))
    assert settle(index, candidate("a", HARBOUR), candidate("b", LONG)) == [Verdict.NEW] * 2
    [judgement] = index.reserve([candidate("c", NEAR)])
    assert judgement.duplicate_of == "b"


def test_a_round_up_is_new_and_names_its_stories(index: RedisIndex) -> None:
    """Given two stories, when a text holds both, then it is new and says which."""
    settle(index, candidate("a", HARBOUR), candidate("b", ORCHARD))
    [judgement] = index.reserve([candidate("c", f"The week. {HARBOUR} And then: {ORCHARD}")])
    assert judgement.verdict is Verdict.NEW
    assert judgement.evidence is not None
    assert sorted(judgement.evidence.contains) == ["a", "b"]


def test_a_changed_copy_stays_a_copy_or_becomes_an_update(index: RedisIndex) -> None:
    """Given a copy, when its page changes, then it is a copy still, or an update if it left the story."""
    settle(index, candidate("a", HARBOUR), candidate("b", NEAR))
    [judgement] = index.reserve([candidate("b", LONG, holder="live/2")])
    assert (judgement.verdict, judgement.revision) == (Verdict.DUPLICATE, 2)
    index.release([candidate("b", LONG, holder="live/2")])
    [judgement] = index.reserve([candidate("b", ORCHARD, holder="live/3")])
    assert (judgement.verdict, judgement.revision) == (Verdict.UPDATE, 2)


def test_an_article_is_known_by_its_newest_revision(index: RedisIndex) -> None:
    """Given a copy that leaves its story and comes back, when it is read again, then the last one counts."""
    settle(index, candidate("a", HARBOUR), candidate("b", NEAR))
    assert settle(index, candidate("b", ORCHARD, holder="live/2")) == [Verdict.UPDATE]
    assert settle(index, candidate("b", ORCHARD, holder="live/3")) == [Verdict.UNCHANGED]
    assert settle(index, candidate("b", NEAR, holder="live/4")) == [Verdict.UPDATE]
    assert settle(index, candidate("b", NEAR, holder="live/5")) == [Verdict.UNCHANGED]
    known = index.find("b")
    assert known is not None
    assert (known.revision, known.duplicate) == (3, False)


def test_few_claims_are_kept_as_a_table(index: RedisIndex, client: redis.Redis) -> None:
    """Given a claim or two, when the server keeps them, then it need not search them one by one."""
    index.reserve([candidate("a", HARBOUR), candidate("b", ORCHARD)])
    assert client.object("encoding", f"{{{index.name}}}:claims") == b"hashtable"


def test_a_forgotten_article_is_new_again(index: RedisIndex) -> None:
    """Given an article of two revisions, when it is forgotten, then neither leads to it."""
    settle(index, candidate("a", HARBOUR), candidate("a", NEAR, holder="live/2"))
    assert index.forget("a")
    assert not index.forget("a")
    assert settle(index, candidate("b", HARBOUR)) == [Verdict.NEW]


def test_an_anchor_that_many_share_is_passed_over(index: RedisIndex) -> None:
    """Given twenty stories under one long standing notice, when a copy of the last comes, it is found."""
    notice = " ".join(
        f"Readers of part {n} of this notice may write to the desk." for n in range(5)
    )
    bodies = [
        " ".join(
            f"{word}{n} council{n} ferry{n}"
            for word in ("one", "two", "three", "four")
            for n in span
        )
        for span in (range(k * 40, k * 40 + 20) for k in range(20))
    ]
    assert set(
        settle(index, *(candidate(f"s{n}", f"{body} {notice}") for n, body in enumerate(bodies)))
    ) == {Verdict.NEW}
    [judgement] = index.reserve([candidate("copy", f"{bodies[-1]} {notice} Ends.")])
    assert judgement.duplicate_of == "s19"


def test_the_numbers(index: RedisIndex) -> None:
    """Given a story, its copy, a re-scrape and an open claim, when the index is measured, then all count."""
    settle(index, candidate("a", HARBOUR), candidate("b", NEAR))
    index.reserve([candidate("a", HARBOUR, holder="live/2"), candidate("c", ORCHARD)])
    found = stats(index)
    assert (found.documents, found.duplicates, found.claims) == (2, 1, 1)
    assert found.verdicts == {"new": 1, "update": 0, "duplicate": 1, "unchanged": 1}
    assert found.hit_rate == pytest.approx(2 / 3, abs=0.001)
    assert found.bytes > 1_000


def article(id_: str, text: str, status: Outcome = Outcome.NEW, **fields: object) -> Article:
    """Return a stored article."""
    return Article.model_validate(
        {
            "id": id_,
            "text": text,
            "status": status,
            "processed_at": dt.datetime.now(dt.UTC),
            **fields,
        }
    )


def test_a_rebuilt_index_knows_what_the_store_holds(
    index: RedisIndex, settings: Settings, tmp_path: Path
) -> None:
    """Given a store, when the index is lost and built anew in two goes, then nothing is new twice."""
    url = f"sqlite:///{tmp_path}/store.db"
    stored = [
        article("a", HARBOUR),
        article("b", NEAR, Outcome.DUPLICATE, duplicate_of="a"),
        *(article(f"x{n}", " ".join(f"word{n}{k}" for k in range(60))) for n in range(70)),
        article("z", ORCHARD),
    ]
    sink = SqlSink(url)
    for one in stored:
        sink.deliver([Delivery.of(one)])
    sink.close()

    with Store(url) as store:
        assert next(rebuild(index, store)) == 64
        assert list(rebuild(index, store)) == [9]
    assert settle(index, candidate("c", NEAR), candidate("d", ORCHARD)) == [Verdict.DUPLICATE] * 2
    assert [copy.id for copy in index.copies("a")] == ["b", "c"]
    assert settle(index, candidate("z", ORCHARD, holder="live/9")) == [Verdict.UNCHANGED]
