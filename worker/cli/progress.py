"""Progress on stderr, and the summary of a run."""

import time
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from worker.cli.prose import counted, spoken
from worker.ingest import Summary
from worker.outcomes import Outcome

MEANINGS = {
    Outcome.NEW: "delivered for the first time",
    Outcome.UPDATE: "delivered as the next revision",
    Outcome.DUPLICATE: "recorded as copies of another article",
    Outcome.UNCHANGED: "already known, nothing delivered",
    Outcome.REJECTED: "dead letters: the input can never succeed",
    Outcome.FAILED: "dead letters: processing kept failing",
}
SAY_EVERY = 30.0
"""Seconds between two lines on what is waited for."""


class Meter:
    """Shows how far a run is, on a terminal only; and what it waits for, everywhere."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None)
        self._progress.disable = not self._progress.console.is_terminal
        self._waits = False
        self._said_ahead = False
        self._began = 0.0

    def __call__(self, summary: Summary) -> None:
        """Show the state of the run."""
        if summary.stopping:
            self._progress.stop()
            self._say(
                f"Interrupted: {summary.settled:,} of {summary.published:,} published articles "
                "are processed. Stopping once the running batches are finished; press Ctrl-C again to stop "
                "now. Run the same command again to continue."
            )
            return
        if summary.ahead and not self._said_ahead:
            self._said_ahead = True
            self._say(
                f"{counted(summary.ahead, 'article')} already waiting in this lane will be processed first."
            )
        if summary.waits_for and not self._waits:
            self._say(f"Waiting: {summary.waits_for.rstrip('.')}.")
        elif self._waits and not summary.waits_for:
            self._say("Continuing.")
        self._waits = bool(summary.waits_for)
        if not summary.settled:
            self._began = summary.seconds
        self._progress.update(
            self._task,
            description=how_far(summary, began=self._began),
            total=summary.expected,
            completed=summary.settled,
        )

    def _say(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def how_far(summary: Summary, *, began: float = 0.0) -> str:
    """Return how far a run is, in words; the workers were ready after `began` seconds.

    >>> run = Summary(published=900, outcomes={"new": 400}, seconds=6.0, expected=2_000)
    >>> how_far(run, began=2.0)
    '400 of about 2,000 articles, 100/s, 16 s to go'
    """
    if summary.done:
        return "stopping"
    if not summary.settled or summary.seconds <= began:
        return "starting"
    rate = summary.settled / (summary.seconds - began)
    if summary.expected is None:
        return f"{summary.settled:,} articles, {rate:,.0f}/s"
    about = "about " if summary.expected != summary.published else ""
    to_go = spoken(max(0, summary.expected - summary.settled) / rate)
    return (
        f"{summary.settled:,} of {about}{summary.expected:,} articles, {rate:,.0f}/s, {to_go} to go"
    )


class Waiting:
    """Says on stderr what a publisher waits for: at once, and then every half minute."""

    def __init__(self) -> None:
        self._said = -SAY_EVERY

    def __call__(self, why: str) -> None:
        """Say it, if it was not said lately."""
        if time.monotonic() - self._said >= SAY_EVERY:
            self._said = time.monotonic()
            Console(stderr=True).print(
                f"Waiting: {why.rstrip('.')}.", markup=False, highlight=False, soft_wrap=True
            )


def print_summary(summary: Summary, *, store: str = "", server: str = "") -> None:
    """Print what became of a run, for a person.

    `store` and `server` are the options that name where the run was, for the commands that come next.
    """
    console = Console(highlight=False)
    rate = summary.as_dict()["articles_per_second"]
    # Of a few articles most of the time is the start: a rate would say nothing.
    speed = f", {rate:,.0f} a second" if summary.published >= 100 else ""
    console.print(f"{counted(summary.published, 'article')} in {summary.seconds:.1f} s{speed}")
    counts = {
        outcome: summary.outcomes[outcome] for outcome in Outcome if summary.outcomes[outcome]
    }
    width = max((len(f"{count:,}") for count in counts.values()), default=0)
    for outcome, count in counts.items():
        style = "red" if outcome.dead else "green" if outcome.delivered else "default"
        name = f"[{style}]{outcome:9}[/]"
        console.print(f"{count:>{width},}  {name}  [dim]{MEANINGS[outcome]}[/]", soft_wrap=True)
    console.print(
        f"Store: {summary.store}   (read it with: copydesk list{store}, copydesk export{store})",
        soft_wrap=True,
        markup=False,
    )
    if summary.dead:
        console.print(
            f"See why articles failed: copydesk dlq list{server}", soft_wrap=True, markup=False
        )
