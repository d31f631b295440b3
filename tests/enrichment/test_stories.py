"""Stories against a real server."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from benchmarks.story_stream import stream
from worker.articles import Article, Language
from worker.enrichment.stories import Stories
from worker.enrichment.storywords import features
from worker.settings import Settings

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
FERRY = "A ferry ran onto a sandbank near Port Lask and all 214 people were brought ashore."
RESCUE = "Lifeboats brought 214 people ashore after their ferry struck a sandbank off Port Lask."
VOTE = "Voters in Norvale chose Mara Orr as mayor after a campaign about a new library."


def article(id_: str, title: str, text: str, hours: float = 0) -> Article:
    """Return an article published so many hours after Monday morning."""
    at = MONDAY + dt.timedelta(hours=hours)
    language = Language(code="en", confidence=1)
    return Article(id=id_, title=title, text=text, published_at=at, language=language)


@pytest.fixture
def stories(client: "redis.Redis", settings: Settings) -> Stories:
    """Stories on a server of the test's own."""
    return Stories(client, settings)


def test_reports_of_one_event_share_a_story(stories: Stories) -> None:
    """Given two reports of one event and one of another, when assigned, then two stories."""
    ferry, vote, rescue = stories.assign(
        [
            article("a", "Ferry runs aground near Port Lask", FERRY),
            article("b", "Orr wins in Norvale", VOTE, 1),
            article("c", "Ferry passengers saved off Port Lask", RESCUE, 2),
        ]
    )
    assert ferry == rescue
    assert ferry != vote


def test_a_redelivered_article_keeps_its_story(stories: Stories) -> None:
    """Given an assigned article, when it comes again or as a new revision, then it counts once."""
    first = article("a", "Ferry runs aground near Port Lask", FERRY)
    changed = first.model_copy(update={"text": VOTE, "revision": 2})
    [story] = stories.assign([first])
    assert [story] == stories.assign([first]) == stories.assign([changed])
    assert [1] == [found.total for found in stories.biggest(MONDAY.date())]


def test_an_article_that_stands_twice_in_a_call_counts_once(stories: Stories) -> None:
    """Given two revisions of one article in one call, then both have its story, which counts one article."""
    first = article("a", "Ferry runs aground near Port Lask", FERRY)
    story, same = stories.assign([first, first.model_copy(update={"text": VOTE, "revision": 2})])
    assert story == same
    assert [1] == [found.total for found in stories.biggest(MONDAY.date())]


def test_calls_of_any_size_find_the_same_stories(
    client: "redis.Redis", settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one stream in calls of one and of sixteen articles, then stories and their sizes are the same."""
    batch = [item.article for item in stream(events=25, days=2, seed=5)]
    at_once = Stories(client, settings)
    singly = Stories(client, settings.model_copy(update={"namespace": f"{settings.namespace}-1"}))
    found = at_once.assign(batch)
    monkeypatch.setattr("worker.enrichment.stories.SCRIPT", 1)
    assert found == singly.assign(batch)
    day = at_once.newest_day()
    assert day == singly.newest_day()
    assert day
    assert at_once.biggest(day, limit=50) == singly.biggest(day, limit=50)


def test_a_released_article_counts_no_longer(stories: Stories) -> None:
    """Given an article that is not delivered after all, when released, then its story is gone."""
    batch = [article("a", "Ferry runs aground", FERRY)]
    stories.assign(batch)
    stories.release(batch)
    stories.release(batch)
    assert stories.biggest(MONDAY.date()) == []
    assert len(stories.assign(batch)) == 1


def test_an_old_story_is_not_joined(stories: Stories) -> None:
    """Given the same words weeks later, when assigned, then it is another story."""
    title = "Ferry runs aground near Port Lask"
    old, new = stories.assign([article("a", title, FERRY), article("b", title, FERRY, 24 * 20)])
    assert old != new


def test_biggest_are_told_in_order(stories: Stories) -> None:
    """Given stories of two days, when a day's are asked for, then the biggest stands first."""
    stories.assign(
        [
            article("a", "Orr wins in Norvale", VOTE),
            article("b", "Ferry runs aground near Port Lask", FERRY, 1),
            article("c", "Ferry passengers saved off Port Lask", RESCUE, 2),
            article("d", "Ferry off Port Lask is towed", RESCUE, 30),
        ]
    )
    big, small = stories.biggest(MONDAY.date())
    assert ("Ferry runs aground near Port Lask", 2, 3) == (big.title, big.articles, big.total)
    assert ("Orr wins in Norvale", 1, 1) == (small.title, small.articles, small.total)
    assert stories.newest_day() == MONDAY.date() + dt.timedelta(days=1)
    assert [big.id] == [story.id for story in stories.biggest(MONDAY.date(), limit=1)]


def test_two_workers_agree(client: "redis.Redis", settings: Settings) -> None:
    """Given the same stream at two workers at once, when assigned, then they agree."""
    articles = [labelled.article for labelled in stream(events=40)]

    def work(_: int) -> list[str]:
        desk = Stories(client, settings)
        return [
            name for at in range(0, len(articles), 8) for name in desk.assign(articles[at : at + 8])
        ]

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(work, range(2))
    assert one == other


def test_every_key_expires_and_has_the_tag(
    client: "redis.Redis", namespace: str, stories: Stories
) -> None:
    """Given a stream, when assigned, then its keys lie in one slot, and all but the days expire."""
    stories.assign([labelled.article for labelled in stream(events=5)])
    keys = list(client.scan_iter(match=f"*{namespace}*"))
    assert keys
    for key in keys:
        assert key.startswith(f"{{{namespace}:stories}}:".encode())
        assert key.endswith(b":days") or client.ttl(key) > 0


def test_the_labelled_stream_is_told_apart(stories: Stories) -> None:
    """Given the openly built stream, when assigned, then events and stories nearly coincide."""
    labelled = stream(events=80)
    found = stories.assign([item.article for item in labelled])
    pairs = [(item.event, story) for item, story in zip(labelled, found, strict=True)]
    assert abs(len({story for _, story in pairs}) - 80) <= 8
    assert len(set(pairs)) <= 92


def test_features_raise_names() -> None:
    """Given a text, when weighed, then names and rare words lead, and their length is one."""
    [weights] = features([article("a", "Ferry runs aground near Port Lask", FERRY)])
    assert {"lask", "ferri"} <= {word for word, _ in weights[:6]}
    assert sum(weight**2 for _, weight in weights) == pytest.approx(1)


def test_an_empty_article_has_a_story_of_its_own(stories: Stories) -> None:
    """Given articles without words, when assigned, then each stands alone; none: no call."""
    one, other = stories.assign([article("a", "", ""), article("b", "", "")])
    assert one != other
    assert stories.assign([]) == []


def test_embeddings_weigh_in_where_both_have_one(stories: Stories) -> None:
    """Given embeddings of one, none and another size, when assigned, then words alone still tell."""
    title = "Ferry runs aground near Port Lask"
    batch = [article(id_, title, FERRY) for id_ in "abcd"]
    batch[0].embedding, batch[2].embedding, batch[3].embedding = [1.0, 0.0], [0.6, 0.8], [1.0]
    assert 1 == len(set(stories.assign(batch)))


def test_a_date_to_come_counts_as_now(stories: Stories) -> None:
    """Given an article dated years ahead, when assigned, then the newest day is today."""
    stories.assign([article("a", "Ferry runs aground", FERRY, 24 * 365 * 20)])
    newest = stories.newest_day()
    assert newest is not None
    assert abs(newest - dt.datetime.now(dt.UTC).date()) <= dt.timedelta(days=1)
