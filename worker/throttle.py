"""Rate limits per source: a source that exceeds its rate is slowed down, and no other waits for it."""

from collections.abc import Sequence

import redis

from worker.scripts import load_script
from worker.settings import Settings

OTHERS = "*"


class Throttle:
    """Spaces the articles of a source at its rate in `Settings.source_limits`, over all workers."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._limits = settings.source_limits
        self._namespace = settings.namespace
        self._client = client

    def delays(self, articles: Sequence[tuple[str | None, str]]) -> list[float]:
        """Return the seconds that each article, given as source and name of its entry, has to wait.

        An article that comes back after its wait may go on, whatever came meanwhile.
        """
        delays = [0.0] * len(articles)
        if not self._limits:
            return delays
        by_source: dict[str, list[int]] = {}
        for place, (source, _) in enumerate(articles):
            by_source.setdefault(source or "", []).append(place)
        for source, places in by_source.items():
            if rate := self._limits.get(source, self._limits.get(OTHERS, 0.0)):
                waits = self._grant(source, rate, [articles[place][1] for place in places])
                for place, milliseconds in zip(places, waits, strict=True):
                    delays[place] = milliseconds / 1000
        return delays

    def _grant(self, source: str, rate: float, entries: list[str]) -> list[int]:
        script = load_script(self._client, "grant")
        keys = [f"{self._namespace}:{kind}:{source}" for kind in ("rate", "turns")]
        waits: list[int] = script(keys=keys, args=[rate, *entries])
        return waits
