"""A scraper that publishes on while everything around it fails, each article once."""

import random
import threading
import time
from typing import Any

import redis

from tests.faults.desk import FaultyDesk
from worker.lanes import Lane
from worker.publisher import Publisher


class Scraper:
    """Publishes articles in their order, in small batches to either lane, up to where it is told.

    A batch whose answer is lost is sent again; the server takes it once (`Publisher.publish_once`).
    """

    def __init__(self, desk: FaultyDesk, articles: list[dict[str, Any]], seed: int) -> None:
        self.published = 0
        self.runs = {lane: f"scraper-{lane}" for lane in Lane}
        self.by_lane = dict.fromkeys(Lane, 0)
        self._articles = articles
        self._chance = random.Random(seed)
        client = redis.Redis.from_url(
            desk.settings.redis_url or "", socket_timeout=30, socket_connect_timeout=5
        )
        self._publisher = Publisher(desk.settings, client=client)
        self._goal = 0
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="scraper")
        self._thread.start()

    def go_on_to(self, count: int) -> None:
        """Let it publish the first `count` articles."""
        self._goal = count

    def finish(self) -> None:
        """Publish the rest, and end.

        Raises:
            Exception: what ended it before.
        """
        self._goal = len(self._articles)
        while self.published < self._goal and self._thread.is_alive():
            time.sleep(0.05)
        self.close()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End it where it is."""
        self._ended.set()
        self._thread.join()
        self._publisher.close()

    def _run(self) -> None:
        try:
            while not self._ended.wait(0.002):
                left = self._goal - self.published
                if left > 0:
                    self._publish(min(left, self._chance.randint(1, 12)))
        except BaseException as error:  # handed to whoever waits for it
            self._error = error
            raise

    def _publish(self, count: int) -> None:
        lane = self._chance.choice(list(Lane))
        batch = self._articles[self.published : self.published + count]
        while not self._ended.is_set():
            try:
                self.by_lane[lane] = self._publisher.publish_once(
                    batch, run=self.runs[lane], before=self.by_lane[lane], lane=lane
                )
            except (redis.ConnectionError, redis.TimeoutError):
                time.sleep(0.1)
            else:
                self.published += count
                return
