"""Logs for programs."""

import logging

import orjson
import pytest

from worker import logs
from worker.settings import Settings


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
