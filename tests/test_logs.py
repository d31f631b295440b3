"""Logs for programs."""

import logging

import orjson
import pytest

from worker import logs
from worker.settings import Settings


def test_a_message_that_is_not_acknowledged_is_no_alarm(capfd: pytest.CaptureFixture[str]) -> None:
    """Given what Celery logs when a server goes away, then it is a warning in one line."""
    before = logging.getLogger().handlers
    logs.set_up(Settings(log_format="json"))
    celery = logging.getLogger("celery.worker.request")
    try:
        error = ConnectionError("refused")
        celery.critical("Couldn't ack %r, reason:%r", "3f", error, exc_info=error)
        celery.critical("Something else", exc_info=error)
    finally:
        logging.getLogger().handlers = before

    unacknowledged, other = map(orjson.loads, capfd.readouterr().err.splitlines())
    assert "Couldn't ack '3f', reason:ConnectionError('refused')" == unacknowledged["event"]
    assert ("warning", False) == (unacknowledged["level"], "exception" in unacknowledged)
    assert ("critical", True) == (other["level"], "exception" in other)


def test_a_traceback_shows_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    """Given an error where a password is at hand, then its log line names the place and not the password."""
    before = logging.getLogger().handlers
    logs.set_up(Settings(log_format="json"))
    try:
        password = "hunter2"
        try:
            int("no number")
        except ValueError:
            logging.getLogger("desk").exception("it broke")
    finally:
        logging.getLogger().handlers = before

    line = capfd.readouterr().err
    assert password not in line
    frames = orjson.loads(line)["exception"][0]["frames"]
    assert "test_a_traceback_shows_no_values" == frames[-1]["name"]
