"""Entries that somebody deletes from the stream, at any moment: no claim of theirs stays behind."""

from collections.abc import Sequence
from contextlib import nullcontext

from tests.articles import FERRY, raw
from worker.direct import DirectDispatch
from worker.drafts import Draft
from worker.errors import TransientError
from worker.intake import Intake
from worker.lanes import Lane
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.testing import LocalDesk, RecordingSink

LIVE = Lane.LIVE


def test_an_entry_that_somebody_deletes_amid_its_work_leaves_no_claim_behind(
    settings: Settings,
) -> None:
    """Given an entry that is deleted while its store is away, then no copy waits for it."""

    class Away(RecordingSink):
        def deliver(self, batch: Sequence[Delivery]) -> None:
            if not self.deliveries:
                streams = desk.services.streams
                streams.client.xtrim(streams.keys.raw(LIVE), maxlen=0, approximate=False)
                self.deliveries += batch
                raise TransientError("The store is away")
            super().deliver(batch)

    with LocalDesk(settings, []) as desk:
        desk.services.sinks = [Away()]
        deleted = desk.run(raw(FERRY, "https://a.example/1"))
        desk.services.breakers.record_sinks(away=False, probe=True)
        copy = desk.run(raw(FERRY, "https://b.example/1"))

    assert (["later"], ["new"]) == (deleted, copy)


def test_an_entry_that_somebody_deletes_under_a_killed_worker_leaves_no_claim_behind(
    desk: LocalDesk,
) -> None:
    """Given a claim of a worker that was killed, when its entry is deleted, then no copy waits for it."""
    streams = desk.services.streams
    desk.publisher.publish(raw(FERRY, "https://a.example/1"))
    [entry] = streams.take(LIVE, "worker:dead", streams.read(LIVE, "intake:test", 10))
    pipeline, draft = Pipeline(desk.services), Draft(entry)
    pipeline._clean([draft])
    pipeline._assemble([draft])
    pipeline._judge([draft])
    streams.client.xtrim(streams.keys.raw(LIVE), maxlen=0, approximate=False)
    streams.keep_alive(["worker:main"], ["worker:dead"])
    held_up = desk.run(raw(FERRY, "https://b.example/1"))

    intake = Intake(desk.settings, desk.services.client, DirectDispatch(desk.services, nullcontext))
    intake._turn()
    desk.retry()  # where the copy was not yet due

    assert ["later"] == held_up
    assert ["https://b.example/1"] == [article["url"] for article in desk.delivered()]
