"""RQ, one job an article, in workers that do not fork for each."""

from typing import Any

from benchmarks.rivals import done


def process(_article: dict[str, Any]) -> None:
    """Do nothing."""
    done()
