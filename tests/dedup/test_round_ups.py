"""Texts that hold several stories, and copies of such texts: on the server and in memory."""

import pytest
import redis

from tests.dedup.stories import HARBOUR, ORCHARD, candidate
from worker.dedup.base import Candidate, Judgement, Verdict
from worker.dedup.index import RedisIndex
from worker.dedup.memory import MemoryIndex
from worker.settings import Settings

AnyIndex = RedisIndex | MemoryIndex

MILL = (
    "The paper mill at Sundvik stops its oldest machine in October and lets ninety people go, the "
    "owner told the works council. Orders for newsprint fell by half in five years, while those for "
    "boxes grew, and the machine cannot make both. The union wants the ninety to be trained for "
    "the packaging line that opens across the river. The mayor called the news a heavy blow for "
    "a town that has lived on paper since the railway came."
)
ROUND_UP = f"The week in brief. {HARBOUR} In other news: {ORCHARD}"
EDITED = ROUND_UP.replace("in brief", "at a glance").replace("Tuesday", "Wednesday")


@pytest.fixture(params=["server", "memory"])
def index(request: pytest.FixtureRequest, client: redis.Redis, settings: Settings) -> AnyIndex:
    """An empty index."""
    return RedisIndex(client, settings) if request.param == "server" else MemoryIndex()


def settle(index: AnyIndex, *batch: Candidate) -> list[Judgement]:
    """Reserve and commit one after another; return the judgements."""
    judgements = []
    for one in batch:
        judgements += index.reserve([one])
        index.commit([one])
    return judgements


def stories(index: AnyIndex) -> None:
    """Settle the two stories and the round-up of them."""
    said = settle(
        index, candidate("a", HARBOUR), candidate("b", ORCHARD), candidate("week", ROUND_UP)
    )
    assert [judgement.verdict for judgement in said] == [Verdict.NEW] * 3
    assert said[2].evidence is not None
    assert sorted(said[2].evidence.contains) == ["a", "b"]


@pytest.mark.parametrize(("text", "rule"), [(ROUND_UP, "exact"), (EDITED, "near")])
def test_a_copy_of_a_round_up_is_a_copy(index: AnyIndex, text: str, rule: str) -> None:
    """Given a round-up and its stories, when another outlet runs it, then it is a copy of the round-up."""
    stories(index)
    [judgement] = settle(index, candidate("copy", text))
    assert (judgement.verdict, judgement.duplicate_of) == (Verdict.DUPLICATE, "week")
    assert judgement.evidence is not None
    assert judgement.evidence.rule == rule
    assert [copy.id for copy in index.copies("week")] == ["copy"]


@pytest.mark.parametrize("text", [ROUND_UP, EDITED])
def test_a_copy_of_an_open_round_up_waits(index: AnyIndex, text: str) -> None:
    """Given a round-up not yet delivered, when its copy comes, then it waits for it."""
    settle(index, candidate("a", HARBOUR), candidate("b", ORCHARD))
    [claimed, copy] = index.reserve([candidate("week", ROUND_UP), candidate("copy", text)])
    assert claimed.verdict is Verdict.NEW
    assert (copy.verdict, copy.duplicate_of) == (Verdict.OPEN, "week")


def test_a_round_up_with_another_story_is_new(index: AnyIndex) -> None:
    """Given a round-up, when the next one shares a story and has another, then it is new and names both."""
    stories(index)
    settle(index, candidate("c", MILL))
    [judgement] = settle(index, candidate("next", f"The week. {HARBOUR} Elsewhere: {MILL}"))
    assert judgement.verdict is Verdict.NEW
    assert judgement.evidence is not None
    assert sorted(judgement.evidence.contains) == ["a", "c"]


def test_a_longer_round_up_is_new(index: AnyIndex) -> None:
    """Given a round-up of two stories, when one holds a third besides, then it is new."""
    stories(index)
    settle(index, candidate("c", MILL))
    [judgement] = settle(index, candidate("next", f"{ROUND_UP} And at last: {MILL}"))
    assert judgement.verdict is Verdict.NEW
    assert judgement.evidence is not None
    assert {"a", "b", "c"} <= set(judgement.evidence.contains)
