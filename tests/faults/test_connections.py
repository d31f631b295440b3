"""Connections to Redis that die without a word, as when a machine loses its power or a network its way."""

import logging
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import fault_settings
from tests.faults.desk import FaultyDesk
from tests.faults.feed import make_feed
from tests.faults.proxy import Proxy
from tests.faults.servers import Server
from tests.faults.test_short import SEED
from tests.faults.truth import check
from worker.app import build_app


@pytest.mark.parametrize("direct", [False, True], ids=["celery", "direct"])
def test_work_goes_on_when_connections_die_without_a_word(
    embedded: Server, tmp_path: Path, direct: bool
) -> None:
    """Given a desk at work, when nothing passes on its connections any more, then it opens new ones."""
    network = Proxy(embedded.port)
    url = f"redis://127.0.0.1:{network.port}/0"
    desk = FaultyDesk(fault_settings(url, tmp_path, direct=direct, batch_size=8))
    feed = make_feed(SEED, 600)
    desk.start()
    try:
        for _ in desk.publisher.publish_many(feed.articles):
            pass
        desk.wait_settled(30, 60)
        network.forget()
        desk.wait_settled(len(feed.articles), 120)
        check(desk, feed, len(feed.articles))
    finally:
        desk.stop()
        network.close()


def test_a_worker_takes_another_message_when_the_server_was_away_at_the_last(
    embedded: Server, tmp_path: Path
) -> None:
    """Given a worker that holds one message, when that cannot be acknowledged, then it may take the next."""
    app = build_app(fault_settings(embedded.url, tmp_path))
    queue, taken = app.conf.task_queues[0], []
    with suppress(OSError, *app.connection().connection_errors), app.connection() as connection:
        channel = connection.default_channel
        channel.basic_qos(prefetch_count=1)
        consumer = app.amqp.TaskConsumer(connection, queues=[queue])
        consumer.register_callback(lambda _body, message: taken.append(message))
        app.send_task("copydesk.process", args=("live", []), queue=queue.name)
        with consumer:
            connection.drain_events(timeout=10)
            assert not channel.qos.can_consume()
            embedded.kill()
            taken[0].ack_log_error(logging.getLogger("test"), connection.connection_errors)
            taken.append(channel.qos.can_consume())

    assert taken[1:] == [True]
