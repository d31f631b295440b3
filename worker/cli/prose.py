"""Prose on the terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def print_indented(console: "Console", text: str) -> None:
    """Print a text wrapped and indented, without blanks at the ends of its lines."""
    from rich.text import Text

    for line in Text(text).wrap(console, console.width - 2):
        console.print(f"  {line.plain.rstrip()}", soft_wrap=True)
