"""Dead letters on the terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from worker.cli.prose import print_indented
from worker.outcomes import Outcome

if TYPE_CHECKING:
    from worker.deadletters import DeadLetter

BEGINNING = 70
"""Characters of a raw article that are shown where nothing else names it."""
SHOWN = 2_000
"""Characters of a raw article that are shown of one letter."""


def _beginning(article: str, length: int) -> str:
    """Return the first characters of a raw article, without what would move the cursor of a terminal."""
    shown = "".join(char if char.isprintable() else "�" for char in article[:length])
    return shown + ("…" if len(article) > length else "")


def _time(at: float) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def print_letters(letters: "Iterable[DeadLetter]") -> None:
    """Print letters for a person: what and when in one line, what is wrong below it."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    none = True
    for letter in letters:
        none = False
        where = f"{letter.outcome} at {letter.stage}: {letter.reason}"
        console.print(f"{letter.id}  {_time(letter.at)}  {where}", style="bold", soft_wrap=True)
        print_indented(console, letter.error)
        if what := letter.url or letter.source or _beginning(letter.article or "", BEGINNING):
            print_indented(console, what)
        if letter.origin:
            print_indented(console, f"from {letter.origin}")
    if none:
        console.print("No dead letters.")


def print_letter(letter: "DeadLetter") -> None:
    """Print one letter for a person: its facts, what was tried, the article, and what to do next."""
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(f"{letter.outcome} at {letter.stage}: {letter.reason}".capitalize(), style="bold")
    print_indented(console, letter.error)
    facts = {
        "id": letter.id,
        "date": _time(letter.at),
        "url": letter.url,
        "source": letter.source,
        "from": letter.origin,
        "entry": f"{letter.entry} in lane {letter.lane}",
        "attempts": str(letter.attempts),
        "copydesk": letter.copydesk,
    }
    console.print()
    for name, fact in facts.items():
        if fact:
            console.print(f"{name:8}  {_beginning(fact, SHOWN)}", soft_wrap=True)
    if len(letter.history) > 1:  # of one the error is above
        console.print("\nWhat went wrong, oldest first", style="bold")
        for event in letter.history:
            what = " ".join(str(event[key]) for key in ("kind", "stage", "error") if event.get(key))
            print_indented(console, f"{_time(float(event.get('at', 0)))}  {what}")
    article = letter.article
    if article is None:
        console.print("\nIt holds no article: the stream entry had no such field.")
        return
    whole = (
        f", of which the first {SHOWN:,} are shown (all with --json)"
        if len(article) > SHOWN
        else ""
    )
    console.print(f"\nRaw article: {len(article):,} characters{whole}", style="bold")
    print_indented(console, _beginning(article, SHOWN))
    console.print()
    if letter.outcome is Outcome.REJECTED:
        print_indented(
            console,
            "It would be rejected again. Correct it at its source and publish it. Its raw text:",
        )
        console.print(f"  copydesk dlq show {letter.id} --json | jq -r .article", soft_wrap=True)
    else:
        print_indented(console, "When the cause is fixed, publish it again:")
        console.print(f"  copydesk dlq requeue {letter.id}", soft_wrap=True)
