"""Claims in the index are never left behind: copies would wait for an article that nobody works on."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from tests.articles import FERRY, raw
from tests.faults.servers import Server
from worker.drafts import Draft
from worker.errors import RejectedError
from worker.lanes import Lane
from worker.outcomes import Reason, Stage
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.testing import LocalDesk, RecordingSink

LIVE = Lane.LIVE


class RefusesAndEndsTheIndex(RecordingSink):
    """A sink that refuses what comes from a.example; the first time it kills the index' server before."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.armed = True

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Kill the server, refuse, or keep the batch."""
        if any(delivery.article.url == "https://a.example/1" for delivery in batch):
            if self.armed:
                self.armed = False
                self.server.kill()
            raise RejectedError(Reason.SINK_ERROR, "too long for the column", Stage.DELIVER)
        super().deliver(batch)


def test_a_claim_that_cannot_be_given_up_is_not_left_behind(
    settings: Settings, embedded: Server
) -> None:
    """Given an index whose server is killed before a refused article gives up its claim.

    Then the article is not buried before the server is back; and after it, a copy is the canonical.
    """
    settings.index_url = embedded.url
    with LocalDesk(settings, []) as desk:
        desk.services.sinks = [RefusesAndEndsTheIndex(embedded)]
        without = desk.run(raw(FERRY, "https://a.example/1"))
        embedded.start()
        again = desk.retry()
        copy = desk.run(raw(FERRY, "https://b.example/1"))

    assert (["later"], ["rejected"], ["new"]) == (without, again, copy)


def test_an_entry_that_comes_again_finds_its_own_claim(settings: Settings) -> None:
    """Given a worker that died with a claim open, then the entry's next try has it, and its copy ends too."""
    with LocalDesk(settings, []) as desk:
        desk.publisher.publish(raw(FERRY, "https://a.example/1"))
        streams = desk.services.streams
        ids = streams.read(LIVE, "intake:test", 10)
        drafts = list(map(Draft, streams.take(LIVE, "worker:dead:1", ids)))
        dying = Pipeline(desk.services)
        dying._clean(drafts)
        dying._assemble(drafts)
        assert [] == dying._judge(drafts)
        streams.keep_alive([], ["worker:dead:1"])  # what its main process says

        copy = desk.run(raw(FERRY, "https://b.example/1"))
        both = desk.retry()

    assert (["later"], ["duplicate", "new"]) == (copy, sorted(both))


def test_one_death_alone_buries_nothing() -> None:
    """Given a limit of one death, which would bury a whole batch for one article, then it is refused."""
    with pytest.raises(ValidationError, match="max_deaths"):
        Settings(max_deaths=1)
