"""The promises of docs/guarantees.md name tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_each_promise_names_a_test_that_is_there() -> None:
    """Given the table of promises, then each row names tests, and every one of them exists."""
    text = (ROOT / "docs" / "guarantees.md").read_text()
    rows = re.findall(r"^\| \d+ \|.*$", text, re.MULTILINE)  # | 1 | An article … | `test_x` |
    sources = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)", sources, re.MULTILINE))

    assert rows
    assert [] == [row for row in rows if not re.search(r"`test_\w+`", row)]
    assert set() == set(re.findall(r"`(test_\w+)`", text)) - known
