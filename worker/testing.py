"""For tests of your own scrapers, enrichers and sinks: a desk in one process, and a sink that records.

with LocalDesk(OwnSettings(data_dir=tmp_path), enrichers=[]) as desk:
    assert desk.run({"url": "https://a.example/1", "html": "<p>…</p>"}) == ["new"]
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import orjson
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from worker import services
from worker.broker import EmbeddedBroker
from worker.drafts import Result
from worker.enrichment.base import Enricher
from worker.lanes import Lane
from worker.publisher import Publishable, Publisher
from worker.services import Services
from worker.settings import Settings
from worker.sinks.base import Delivery
from worker.work import process_batch

LATER = "later"
"""Stands for the outcome of an article that has none yet and will come back."""


class OwnSettings(Settings):
    """Settings that ignore the environment and `.env`, so that no test writes to a real desk."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the arguments alone."""
        return (init_settings,)


class LocalDesk:
    """A whole desk in this process: it publishes articles, processes them and returns their outcomes.

    Everything is real except Celery and the intake. Without `settings.redis_url` it runs the embedded broker
    in `settings.data_dir`; without `enrichers` it loads those that the settings name, with `[]` none. Use
    `OwnSettings`: plain `Settings` would read the environment, and write to the desk that is named there.
    """

    def __init__(self, settings: Settings, enrichers: Sequence[Enricher] | None = None) -> None:
        self.settings = settings
        self._enrichers = enrichers
        self._broker = None if settings.redis_url else EmbeddedBroker(settings.data_dir)
        self.services: Services
        self.publisher: Publisher

    def start(self) -> None:
        """Connect, and create what is missing."""
        if self._broker:
            self._broker.start()
            self.settings.redis_url = self._broker.url
        self.services = services.build(self.settings, self._enrichers)
        self.services.streams.create_groups()
        self.publisher = Publisher(self.settings, client=self.services.client)

    def stop(self) -> None:
        """Close what `start` opened."""
        self.services.close()
        if self._broker:
            self._broker.stop()

    def run(self, *articles: Publishable, lane: Lane = Lane.LIVE) -> list[str]:
        """Publish the articles, process them as one batch, and return their outcomes in order."""
        entries = [self.publisher.publish(article, lane=lane) for article in articles]
        ids = self.services.streams.read(lane, "intake:local", 1000)
        outcomes = outcomes_by_entry(process_batch(self.services, lane, ids))
        return [outcomes.get(entry, LATER) for entry in entries]

    def retry(self, lane: Lane = Lane.LIVE) -> list[str]:
        """Process the articles that were handed back, before they are due; return their outcomes."""
        later = self.services.streams.keys.later(lane)
        waiting: Any = self.services.client.zrange(later, 0, -1)
        if waiting:
            self.services.client.zadd(later, dict.fromkeys(waiting, 0))
        found = self.services.streams.due(lane, "intake:local", 1000)
        ids = [one for batch in found.batches for one in batch]
        outcomes = outcomes_by_entry(process_batch(self.services, lane, ids, probe=True))
        return [outcomes.get(entry, LATER) for entry in ids]

    def delivered(self) -> list[dict[str, Any]]:
        """Return the articles in the output stream, as plain data."""
        rows: Any = self.services.client.xrange(self.services.streams.keys.articles)
        return [orjson.loads(fields[b"article"]) for _, fields in rows]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class RecordingSink:
    """A sink that keeps what it is given. First it raises the given errors, one per call."""

    name = "recording"

    def __init__(self, errors: Iterable[Exception] = ()) -> None:
        self.errors = list(errors)
        self.deliveries: list[Delivery] = []

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Raise the next error, or keep the batch. See `Sink.deliver`."""
        if self.errors:
            raise self.errors.pop(0)
        self.deliveries += batch

    def ping(self) -> None:
        """Answer."""

    def close(self) -> None:
        """Close nothing."""


def outcomes_by_entry(result: Result) -> dict[str, str]:
    """Return the outcome of each entry that a batch has settled."""
    return {one.entry.id: one.outcome.value for one in result.settlements}
