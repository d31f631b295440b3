"""Rates of sources: one that publishes faster than it may is slowed down, and no other waits for it."""

from collections import Counter
from collections.abc import Sequence

import redis

from worker.settings import Settings
from worker.streams import load_script

OTHERS = "*"
LONGEST = 60.0
"""Seconds after which a refused article asks again, at most."""


class Throttle:
    """Grants articles of a source at the rate of `Settings.source_limits`, over all workers."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._limits = settings.source_limits
        self._prefix = f"{settings.namespace}:rate:"
        self._client = client

    def delays(self, sources: Sequence[str | None]) -> list[float]:
        """Return for each article 0.0 where it may go on, else the seconds after which it asks again."""
        if not self._limits:
            return [0.0] * len(sources)
        wanted: Counter[str] = Counter()
        for source in sources:
            wanted[source or ""] += 1
        granted = {
            source: self._grant(source, rate, count)
            for source, count in wanted.items()
            if (rate := self._limits.get(source, self._limits.get(OTHERS, 0.0)))
        }
        delays, refused = [], Counter[str]()
        for source in (source or "" for source in sources):
            if source not in granted or granted[source] > 0:
                if source in granted:
                    granted[source] -= 1
                delays.append(0.0)
            else:
                refused[source] += 1
                rate = self._limits.get(source, self._limits.get(OTHERS, 0.0))
                delays.append(min(LONGEST, refused[source] / rate))
        return delays

    def _grant(self, source: str, rate: float, count: int) -> int:
        script = load_script(self._client, "grant")
        return int(script(keys=[self._prefix + source], args=[rate, count]))
