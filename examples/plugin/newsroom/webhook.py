"""A sink of your own: every batch is posted to an address, such as the content management system's."""

import os
import urllib.error
import urllib.request
from collections.abc import Sequence

import redis

from worker.errors import BatchRefusedError, ConfigurationError, RejectedError, TransientError
from worker.outcomes import Reason, Stage
from worker.settings import Settings
from worker.sinks.base import Delivery

TIMEOUT = 10.0
"""Seconds; well below the setting `store_timeout`."""


class WebhookSink:
    """Posts a batch as a JSON array. The receiver stores it whole or not at all, by `(id, revision)`.

    A batch may come again, after a crash or because another sink was away: the receiver has to know an
    `(id, revision)` that it has, and change nothing.
    """

    name = "webhook"

    def __init__(self, _settings: Settings, _client: "redis.Redis") -> None:
        """Open nothing yet: this runs in each worker process, and once before the work begins.

        Raises:
            ConfigurationError: no address is named.
        """
        self._address = os.environ.get("NEWSROOM_WEBHOOK", "")
        if not self._address:
            raise ConfigurationError("The sink 'webhook' needs an address in NEWSROOM_WEBHOOK.")

    def deliver(self, batch: Sequence[Delivery]) -> None:
        """Post the batch. See `worker.sinks.base.Sink.deliver`."""
        body = b"[" + b",".join(delivery.document for delivery in batch) + b"]"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self._address, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            # 4xx: the receiver will never take it. All else is a matter of time.
            if error.code in (408, 429) or error.code >= 500:
                raise TransientError(f"{self._address} answers {error.code}") from error
            if len(batch) > 1:
                raise BatchRefusedError(f"{self._address} answers {error.code}") from error
            message = f"{self._address} refuses the article: {error.code} {error.reason}"
            raise RejectedError(Reason.SINK_ERROR, message, Stage.DELIVER) from error
        except OSError as error:
            raise TransientError(f"{self._address} does not answer: {error}") from error

    def ping(self) -> None:
        """Answer as long as something listens there."""
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self._address, method="HEAD"), timeout=TIMEOUT
            ):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError as error:
            raise TransientError(f"{self._address} does not answer: {error}") from error

    def close(self) -> None:
        """Nothing is kept open."""
