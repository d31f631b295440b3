"""Runs steps over a batch so that an article that fails does not harm the others."""

from collections.abc import Callable

import redis

from worker.drafts import Draft, Result
from worker.errors import TransientError
from worker.services import Services
from worker.setbacks import set_aside
from worker.timelimits import OutOfTimeError, Scope

Step = Callable[[list[Draft]], None]


class Isolation:
    """Runs steps within their time limits; articles that fail are set aside and named in the result."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def each(
        self, step: Step, drafts: list[Draft], result: Result, *, seconds: float | None = None
    ) -> list[Draft]:
        """Run a step over all drafts at once, and one by one if that fails; return the drafts that failed.

        One article may take `seconds`; all together may take a little longer, with the size of the batch.
        """
        if not drafts:
            return []
        try:
            self._limited(step, drafts, seconds and seconds * (1 + len(drafts) / 32))
        except (TransientError, redis.RedisError) as error:
            set_aside(self._services, drafts, error, result)
            return drafts
        except OutOfTimeError as error:
            if error.scope is Scope.BATCH:
                raise
        except Exception:  # noqa: BLE001, S110 - the loop below finds out which article is at fault
            pass
        else:
            return []
        return [
            draft for draft in drafts if not self.attempt(step, [draft], result, seconds=seconds)
        ]

    def attempt(
        self, step: Step, drafts: list[Draft], result: Result, *, seconds: float | None = None
    ) -> bool:
        """Run a step; set the drafts aside if it fails. Return whether it succeeded."""
        try:
            self._limited(step, drafts, seconds)
        except OutOfTimeError as error:
            if error.scope is Scope.BATCH:
                raise
            set_aside(self._services, drafts, error, result)
        except Exception as error:  # noqa: BLE001 - whatever a stage raises is the fault of this article alone
            set_aside(self._services, drafts, error, result)
        else:
            return True
        return False

    def _limited(self, step: Step, drafts: list[Draft], seconds: float | None) -> None:
        if seconds is None:
            step(drafts)
            return
        with self._services.limits.article(seconds):
            step(drafts)
