"""What the filters `clean`, `dedupe` and `enrich` have in common: how they write, and how they end."""

import sys
from collections.abc import Iterable
from typing import Any

import orjson
import typer

from worker.cli.prose import fills_a_file, ticking
from worker.errors import RejectedError
from worker.outcomes import Reason


def error_row(identifier: Any, error: RejectedError) -> dict[str, Any]:
    """Return what stands in the place of a line that is no article."""
    return {"id": identifier, "error": {"reason": str(error.reason), "message": str(error)}}


def write_lines(results: Iterable[dict[str, Any]]) -> None:
    """Write a JSON object a line, each at once: lines may come one by one, from a feed that goes on.

    Raises:
        typer.Exit: at the end, as `ingest` does for dead letters, where lines hold an `error`.
    """
    from worker.cli import EXIT_DEAD_LETTERS

    if fills_a_file():
        results = ticking(results, "Written")
    count = wrong = 0
    for result in results:
        count += 1
        failed, line = _line(result)
        wrong += failed
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    if wrong:
        hold = "holds" if wrong == 1 else "hold"
        typer.echo(
            f"copydesk: {wrong:,} of {count:,} lines {hold} an error instead of a result.",
            err=True,
        )
        raise typer.Exit(EXIT_DEAD_LETTERS)


def _line(result: dict[str, Any]) -> tuple[bool, bytes]:
    """Return whether a result is an error, and its line."""
    try:
        return "error" in result, orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:  # it reads more levels than it writes
        message = f"What is kept of the line cannot be written as JSON: {error}. Look at its field `extra`."
        identifier = result.get("id")
        known = identifier if isinstance(identifier, str | int) else None
        return _line(error_row(known, RejectedError(Reason.TOO_DEEP, message)))
