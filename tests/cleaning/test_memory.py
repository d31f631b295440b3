"""Publisher memory: what an outlet repeats goes, the same way on every replay."""

import pytest
import redis

from worker.articles import RawArticle
from worker.cleaning import clean
from worker.cleaning.memory import Article, PublisherMemory, without

HOUSE = "The Courier is printed on paper from the woods of this county."


@pytest.fixture
def now() -> list[float]:
    """A clock that a test can set."""
    return [1_700_000_000.0]


@pytest.fixture
def memory(client: "redis.Redis", namespace: str, now: list[float]) -> PublisherMemory:
    """A memory with the usual limits and the test's clock."""
    return PublisherMemory(client, namespace, clock=lambda: now[0])


def story(number: int, outlet: str = "courier.example") -> Article:
    return Article(outlet, f"id-{number}", [f"Story {number} has a sentence of its own.", HOUSE])


def test_a_line_goes_once_enough_articles_held_it(memory: PublisherMemory) -> None:
    """Given one line in each of ten articles, when asked in order, the seventh loses it first."""
    dropped = [memory.boilerplate([story(number)])[0] for number in range(10)]

    assert [set()] * 6 + [{HOUSE}] * 4 == dropped


def test_a_batch_is_asked_at_once_and_in_order(memory: PublisherMemory) -> None:
    """Given ten articles in one batch, when asked, the answers are those of single questions."""
    assert [set()] * 6 + [{HOUSE}] * 4 == memory.boilerplate(
        [story(number) for number in range(10)]
    )


def test_a_replay_gets_the_same_answer(memory: PublisherMemory) -> None:
    """Given articles that were decided, when they come again, nothing changes and none counts twice."""
    stories = [story(number) for number in range(10)]
    first = memory.boilerplate(stories)

    assert first == memory.boilerplate(stories)
    assert first == memory.boilerplate(stories)


def test_copies_in_one_batch_count_one_by_one(memory: PublisherMemory) -> None:
    """Given copies and one article twice among them, when asked at once, each article counts once."""
    text = story(0).lines
    copies = [Article("courier.example", f"copy-{number}", text) for number in range(8)]

    dropped = memory.boilerplate([*copies[:5], copies[0], *copies[5:]])

    assert [set()] * 7 + [set(text)] * 2 == dropped


def test_outlets_do_not_share_a_memory(memory: PublisherMemory) -> None:
    """Given a line of one outlet, when another one prints it, it stays there."""
    memory.boilerplate([story(number) for number in range(10)])

    assert [set()] == memory.boilerplate([story(99, outlet="gazette.example")])


def test_what_stands_in_few_of_many_articles_stays(memory: PublisherMemory) -> None:
    """Given background told in 8 of 100 articles, when it comes again, it stays."""
    plain = [Article("c.example", f"p{n}", [f"Line {n}."]) for n in range(92)]
    told = [Article("c.example", f"t{n}", [f"Other {n}.", HOUSE]) for n in range(8)]
    memory.boilerplate(plain + told)

    assert [set()] == memory.boilerplate([Article("c.example", "new", [HOUSE])])


def test_memory_fades_after_two_periods(memory: PublisherMemory, now: list[float]) -> None:
    """Given a line learnt three weeks ago, when a new article holds it, it stays."""
    memory.boilerplate([story(number) for number in range(10)])
    now[0] += 21 * 86_400

    assert [set()] == memory.boilerplate([story(11)])


def test_memory_is_bounded_and_expires(client: "redis.Redis", namespace: str) -> None:
    """Given more lines than there is room for, when counted, the rest is left; every key expires."""
    memory = PublisherMemory(client, namespace, most_lines=10)
    memory.boilerplate([Article("c.example", "a", [f"Line {n}." for n in range(50)])])

    keys = list(client.scan_iter(match=f"{namespace}:*"))
    assert 11 == max(client.hlen(key) for key in keys if client.type(key) == b"hash")
    assert all(client.ttl(key) > 0 for key in keys)


def test_an_article_of_thousands_of_lines_is_counted_whole(memory: PublisherMemory) -> None:
    """Given a table of 2,500 lines in each of seven articles, then the seventh loses every line."""
    table = [f"Row {n} of the league." for n in range(2_500)]
    asked = [Article("c.example", f"id-{number}", table) for number in range(7)]

    assert [set()] * 6 + [set(table)] == memory.boilerplate(asked)


def test_recurring_lines_leave_text_blocks_and_html_alike() -> None:
    """Given an article and a line that recurs, when taken out, every rendering loses it."""
    whole = clean(RawArticle(html=f"<p>Story one has a sentence of its own.</p><p>{HOUSE}</p>"))

    cleaned = without(whole, {HOUSE})

    assert HOUSE in whole.text
    assert ["Story one has a sentence of its own."] == cleaned.paragraphs
    assert "paper" not in cleaned.text + cleaned.html
    assert [(HOUSE, "recurring")] == [(gone.text, gone.reason) for gone in cleaned.removed]


def test_an_article_of_nothing_else_keeps_its_text() -> None:
    """Given an article that is all boilerplate, when taken out, it keeps its text."""
    cleaned = clean(RawArticle(html=f"<p>{HOUSE}</p>"))

    assert HOUSE == without(cleaned, {HOUSE}).text


def test_the_counts_of_a_steady_outlet_are_a_table(
    memory: PublisherMemory, client: "redis.Redis", namespace: str, now: list[float]
) -> None:
    """Given nine articles of an outlet, when the server keeps its counts, then it need not search them."""
    memory.boilerplate([story(number) for number in range(9)])
    [counts] = client.scan_iter(match=f"{namespace}:memory:*", _type="hash")
    assert client.object("encoding", counts) == b"hashtable"
    assert int(client.hget(counts, "") or 0) == 9
