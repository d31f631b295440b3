"""Random histories: the index on the server says what the plain model in memory says."""

import secrets
import time

import redis
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests.dedup.stories import HARBOUR, ORCHARD, candidate
from worker.dedup.base import Candidate, Judgement
from worker.dedup.index import RedisIndex
from worker.dedup.memory import MemoryIndex
from worker.settings import Settings

TEXTS = [
    HARBOUR,
    HARBOUR.replace("Tuesday", "Wednesday"),
    HARBOUR.replace("Tuesday", "Wednesday").replace("spring", "autumn"),
    HARBOUR + " The ferry runs again from Friday, the harbour master said late in the evening.",
    ORCHARD,
    ORCHARD.replace("a third", "a quarter"),
    f"{HARBOUR} In other news. {ORCHARD}",
    f"{HARBOUR} In other news. {ORCHARD}".replace("Tuesday", "Wednesday"),
    "Kelmouth ferry sails again.",
    "Kelmouth ferry sails again on 12 May.",
]
LEASE, WINDOW_DAYS = 120.0, 4.0
DAY = 86_400.0

articles = st.builds(
    lambda name, text, entry, version, known: candidate(
        name, TEXTS[text], holder=f"live/{name}-{entry}", version_at=version, known=known
    ),
    name=st.sampled_from("abcd"),
    text=st.integers(0, len(TEXTS) - 1),
    entry=st.integers(1, 2),
    version=st.sampled_from([0.0, 1_000.0, 2_000.0]),
    known=st.booleans(),  # a guess, which changes no answer
)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["reserve", "commit", "release"]), st.lists(articles, max_size=3)
        ),
        st.tuples(st.just("wait"), st.sampled_from([50.0, 130.0, 1.2 * DAY, 6 * DAY])),
    ),
    max_size=24,
)


class Clock:
    """The server's clock, set on by the same steps."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def plain(judgement: Judgement) -> tuple[object, ...]:
    """Return what has to be equal; estimates are rounded once in Python and once in Lua."""
    evidence = judgement.evidence
    return (
        judgement.verdict,
        judgement.revision,
        judgement.duplicate_of,
        round(judgement.similarity, 3) if judgement.similarity is not None else None,
        evidence.rule if evidence else None,
        evidence.compared_to if evidence else None,
        sorted(evidence.contains) if evidence else [],
    )


@effort(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_the_server_and_the_model_agree(
    client: redis.Redis, settings: Settings, history: list[tuple[str, object]]
) -> None:
    """Given any history of claims, commits, releases and waits, then both say the same throughout."""
    clock = Clock()
    reserved: dict[tuple[str, str], Candidate] = {}
    own = settings.model_copy(
        update={"claim_lease": LEASE, "window_days": WINDOW_DAYS, "index_documents": 1_000}
    )
    server = RedisIndex(client, own, f"model-{secrets.token_hex(4)}")
    model = MemoryIndex(WINDOW_DAYS * DAY, LEASE, clock)
    try:
        for verb, what in history:
            if isinstance(what, float):
                clock.ahead += what
                server.clock_ahead = clock.ahead
                continue
            batch: list[Candidate] = what
            if verb == "reserve":
                reserved |= {(one.id, one.holder): one for one in batch}
            else:  # a holder commits and releases what it has reserved
                batch = [reserved.get((one.id, one.holder), one) for one in batch]
            if verb == "reserve":
                expected = [plain(judgement) for judgement in model.reserve(batch)]
                assert expected == [plain(judgement) for judgement in server.reserve(batch)]
            elif verb == "commit":
                model.commit(batch)
                server.commit(batch)
            else:
                model.release(batch)
                server.release(batch)
    finally:
        server.clear()
