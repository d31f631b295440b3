"""Progress on stderr, and the summary of a run."""

from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from worker.ingest import Summary
from worker.outcomes import Outcome

MEANINGS = {
    Outcome.NEW: "delivered for the first time",
    Outcome.UPDATE: "delivered as the next revision",
    Outcome.DUPLICATE: "recorded as copies of another article",
    Outcome.UNCHANGED: "known already, nothing delivered",
    Outcome.REJECTED: "dead letters: the input can never succeed",
    Outcome.FAILED: "dead letters: processing kept failing",
}


class Meter:
    """Shows how far a run is, on a terminal only; and what it waits for, everywhere."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:.0f}/s"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None, rate=0.0)
        self._progress.disable = not self._progress.console.is_terminal
        self._waits = False

    def __call__(self, summary: Summary) -> None:
        """Show the state of the run."""
        if summary.waits_for and not self._waits:
            self._say(f"Waiting: {summary.waits_for.rstrip('.')}.")
        elif self._waits and not summary.waits_for:
            self._say("Going on.")
        self._waits = bool(summary.waits_for)
        rate = summary.settled / summary.seconds if summary.seconds else 0.0
        self._progress.update(
            self._task,
            description="articles" if summary.settled else "starting",
            total=summary.published,
            completed=summary.settled,
            rate=rate,
        )

    def _say(self, line: str) -> None:
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def print_summary(summary: Summary) -> None:
    """Print what became of a run, for a person."""
    values = summary.as_dict()
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    for outcome in Outcome:
        count = summary.outcomes[outcome]
        if count or outcome in (Outcome.NEW, Outcome.DUPLICATE):
            style = "red" if outcome.dead else "green" if outcome.delivered else ""
            table.add_row(
                f"{count:,}",
                f"[{style}]{outcome}[/]" if style else outcome.value,
                MEANINGS[outcome],
            )
    console = Console(highlight=False)
    # Of a few articles most of the time is the start: a rate would say nothing.
    speed = f", {values['articles_per_second']:,.0f} a second" if summary.published >= 100 else ""
    console.print(f"{summary.published:,} articles in {summary.seconds:.1f} s{speed}")
    console.print(table)
    console.print(f"Store: {summary.store}   (read it with: copydesk export)", soft_wrap=True)
    if summary.dead:
        console.print("Why some were turned away: copydesk dlq list")
