"""The index against a real server: what it says to whom, and when."""

import time

import pytest
import redis

from tests.dedup.stories import HARBOUR, ORCHARD, candidate
from worker.dedup.base import Candidate, Verdict
from worker.dedup.index import RedisIndex
from worker.errors import ConfigurationError
from worker.settings import Settings

NEAR = HARBOUR.replace("Tuesday", "Wednesday").replace("nobody could tell", "no one could say")


@pytest.fixture
def index(client: redis.Redis, settings: Settings) -> RedisIndex:
    """An empty index."""
    return RedisIndex(client, settings)


def verdicts(index: RedisIndex, *batch: Candidate) -> list[Verdict]:
    """Return what the index says to a batch."""
    return [judgement.verdict for judgement in index.reserve(batch)]


def test_a_story_is_new_and_its_copy_a_duplicate_once_it_is_committed(index: RedisIndex) -> None:
    """Given a committed story, when another outlet's copy comes, then it points to the first."""
    first, copy = candidate("a", HARBOUR), candidate("b", NEAR)
    assert [Verdict.NEW] == verdicts(index, first)
    index.commit([first])

    [judgement] = index.reserve([copy])

    assert (Verdict.DUPLICATE, "a") == (judgement.verdict, judgement.duplicate_of)
    assert judgement.similarity is not None
    assert 0.6 < judgement.similarity < 1.0
    assert judgement.evidence is not None
    assert ("near", "a") == (judgement.evidence.rule, judgement.evidence.compared_to)


def test_a_different_story_is_new(index: RedisIndex) -> None:
    """Given one story, when another comes, then both are new."""
    index.commit([candidate("a", HARBOUR)])
    assert [Verdict.NEW] == verdicts(index, candidate("b", ORCHARD))


def test_postings_are_kept_in_tables(index: RedisIndex) -> None:
    """Given an index of one story, then the server need not search its postings one after the other."""
    index.reserve([candidate("a", HARBOUR)])

    groups = list(index.client.scan_iter(match=f"{{{index.name}}}:p*"))

    assert groups
    assert {b"hashtable"} == {index.client.object("ENCODING", group) for group in groups}


def test_a_copy_of_an_open_claim_waits(index: RedisIndex) -> None:
    """Given a claim not settled, when its copy comes, even in its batch, then it is open."""
    first, copy = candidate("a", HARBOUR), candidate("b", NEAR)
    assert [Verdict.NEW, Verdict.OPEN] == verdicts(index, first, copy)
    assert [Verdict.OPEN] == verdicts(index, copy)
    index.commit([first])
    assert [Verdict.DUPLICATE] == verdicts(index, copy)


def test_a_released_claim_makes_the_copy_the_canonical(index: RedisIndex) -> None:
    """Given a claim that was given up, when its copy asks again, then the copy is new."""
    first, copy = candidate("a", HARBOUR), candidate("b", NEAR)
    assert [Verdict.NEW, Verdict.OPEN] == verdicts(index, first, copy)
    index.release([first])
    assert [Verdict.NEW] == verdicts(index, copy)
    index.commit([copy])
    assert [Verdict.DUPLICATE] == verdicts(index, first)


def test_what_a_holder_abandons_is_free_and_what_others_claim_is_not(index: RedisIndex) -> None:
    """Given claims of two holders, when those of one are given up, then its copy alone is new."""
    assert [Verdict.NEW] == verdicts(index, candidate("a", HARBOUR, holder="live/1"))
    assert [Verdict.NEW] == verdicts(index, candidate("c", ORCHARD, holder="live/2"))

    index.abandon(["live/1"])

    assert [Verdict.NEW] == verdicts(index, candidate("b", NEAR, holder="live/3"))
    assert [Verdict.OPEN] == verdicts(index, candidate("d", ORCHARD, holder="live/4"))


def test_a_redelivered_entry_gets_its_own_claim_back(index: RedisIndex) -> None:
    """Given an open claim, when the same entry asks again, then it gets the same answer; others wait."""
    first = candidate("a", HARBOUR)
    assert index.reserve([first]) == index.reserve([first])
    assert [Verdict.OPEN] == verdicts(index, candidate("a", HARBOUR, holder="live/other"))


def test_a_rescrape_is_unchanged_and_a_changed_text_the_next_revision(index: RedisIndex) -> None:
    """Given a committed article, when its page is read again, then only changed words count."""
    index.reserve([candidate("a", HARBOUR)])
    index.commit([candidate("a", HARBOUR)])
    assert [Verdict.UNCHANGED] == verdicts(index, candidate("a", HARBOUR.upper(), holder="live/2"))

    changed = candidate("a", NEAR, holder="live/3")
    [judgement] = index.reserve([changed])
    assert (Verdict.UPDATE, 2) == (judgement.verdict, judgement.revision)
    assert index.reserve([changed]) == [judgement]
    index.commit([changed])
    assert [Verdict.UNCHANGED] == verdicts(index, candidate("a", NEAR, holder="live/4"))


def test_a_released_update_leaves_the_first_revision(index: RedisIndex) -> None:
    """Given an update that failed, when the old text comes again, then it is still unchanged."""
    index.commit([candidate("a", HARBOUR)])
    changed = candidate("a", NEAR, holder="live/2")
    assert [Verdict.UPDATE] == verdicts(index, changed)
    index.release([changed])
    assert [Verdict.UNCHANGED] == verdicts(index, candidate("a", HARBOUR, holder="live/3"))
    [judgement] = index.reserve([changed])
    assert (Verdict.UPDATE, 2) == (judgement.verdict, judgement.revision)


def test_an_older_version_never_overwrites_a_newer_one(index: RedisIndex) -> None:
    """Given a committed version, when an earlier one arrives late, then it is unchanged: older."""
    index.commit([candidate("a", HARBOUR, version_at=2_000)])
    [judgement] = index.reserve([candidate("a", NEAR, holder="live/2", version_at=1_000)])
    assert judgement.verdict is Verdict.UNCHANGED
    assert judgement.evidence is not None
    assert judgement.evidence.rule == "older"


def test_a_duplicate_is_its_holders_until_it_is_committed(index: RedisIndex) -> None:
    """Given a duplicate not recorded yet, when its entry returns, then it is a duplicate again."""
    index.commit([candidate("a", HARBOUR)])
    copy = candidate("b", NEAR)
    again = candidate("b", NEAR, holder="live/2")
    assert index.reserve([copy]) == index.reserve([copy])
    assert [Verdict.OPEN] == verdicts(index, again)
    index.commit([copy])
    assert [Verdict.UNCHANGED] == verdicts(index, again)


def test_a_claim_runs_out(client: redis.Redis, settings: Settings) -> None:
    """Given a holder that died, when its lease has passed, then the next copy is the canonical."""
    index = RedisIndex(client, settings.model_copy(update={"claim_lease": 0.05}))
    assert [Verdict.NEW] == verdicts(index, candidate("a", HARBOUR))
    time.sleep(0.08)
    copy = candidate("b", NEAR)
    assert [Verdict.NEW] == verdicts(index, copy)
    index.commit([copy])
    [judgement] = index.reserve([candidate("a", HARBOUR)])
    assert (Verdict.DUPLICATE, "b") == (judgement.verdict, judgement.duplicate_of)


def test_a_late_commit_still_counts(client: redis.Redis, settings: Settings) -> None:
    """Given a lease that passed during delivery, when it is committed, then it is known."""
    index = RedisIndex(client, settings.model_copy(update={"claim_lease": 0.05}))
    first = candidate("a", HARBOUR)
    index.reserve([first])
    time.sleep(0.08)
    index.commit([first])
    assert [Verdict.DUPLICATE] == verdicts(index, candidate("b", NEAR))


def test_commit_and_release_may_be_repeated(index: RedisIndex) -> None:
    """Given a settled claim, when commit or release comes once more, then nothing changes."""
    first = candidate("a", HARBOUR)
    index.reserve([first])
    index.commit([first])
    index.commit([first])
    index.release([first])
    assert [Verdict.UNCHANGED] == verdicts(index, candidate("a", HARBOUR, holder="live/2"))


def test_another_window_is_refused_with_advice(client: redis.Redis, settings: Settings) -> None:
    """Given an index of 30 days, when it is opened with 7, then the error says what to do."""
    RedisIndex(client, settings).reserve([candidate("a", HARBOUR)])
    other = RedisIndex(client, settings.model_copy(update={"window_days": 7.0}))
    with pytest.raises(ConfigurationError, match="copydesk index rebuild"):
        other.reserve([candidate("b", ORCHARD)])


def test_a_batch_of_many_scripts_is_answered_in_its_order(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a server that has lost its scripts, when a large batch comes, then all is as one by one."""
    index = RedisIndex(client, settings)
    index.commit([candidate("a", HARBOUR)])
    texts = [NEAR if number % 7 == 0 else f"{number} {ORCHARD[number:]}" for number in range(40)]
    batch = [candidate(f"b{number}", text) for number, text in enumerate(texts)]
    client.script_flush()

    together = index.reserve(batch)

    other = RedisIndex(client, settings, name="other")
    other.commit([candidate("a", HARBOUR)])
    assert together == [other.reserve([one])[0] for one in batch]
    copies = [number for number, one in enumerate(together) if one.duplicate_of == "a"]
    assert list(range(0, 40, 7)) == copies


def test_a_batch_of_copies_and_others_is_answered_in_its_order(
    client: redis.Redis, settings: Settings
) -> None:
    """Given a large batch, many of whose words were here before, when it comes, then all is as one by one."""
    index, other = RedisIndex(client, settings), RedisIndex(client, settings, name="other")
    first = candidate("a", HARBOUR)
    batch = [
        candidate(f"b{n}", ORCHARD[n:] if n % 5 == 0 else HARBOUR, known=n % 5 != 0)
        for n in range(150)
    ]
    for one in (index, other):
        one.reserve([first])
        one.commit([first])

    together = index.reserve(batch)
    index.commit(batch)

    assert together == [other.reserve([one])[0] for one in batch]
    assert 120 == sum(one.duplicate_of == "a" for one in together)
    assert [f"b{n}" for n in range(150) if n % 5] == [copy.id for copy in index.copies("a")]


def test_a_batch_of_many_scripts_is_refused_by_an_index_of_another_window(
    client: redis.Redis, settings: Settings
) -> None:
    """Given an index of thirty days, when many articles ask with another window, then it says so."""
    RedisIndex(client, settings).commit([candidate("a", HARBOUR)])
    other = RedisIndex(client, settings.model_copy(update={"window_days": 7.0}))
    with pytest.raises(ConfigurationError, match="copydesk index rebuild"):
        other.reserve([candidate(f"b{number}", ORCHARD) for number in range(40)])


def test_two_revisions_whose_claims_were_given_up_are_both_committed(index: RedisIndex) -> None:
    """Given two texts of one article committed without a claim, then each is a revision of its own."""
    index.commit([candidate("a", HARBOUR), candidate("a", ORCHARD)])

    [judgement] = index.reserve([candidate("a", NEAR)])

    assert (Verdict.UPDATE, 3) == (judgement.verdict, judgement.revision)
