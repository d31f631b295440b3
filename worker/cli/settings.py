"""`copydesk settings`."""

from typing import Annotated, Any

import typer

from worker.cli import options
from worker.cli.prose import print_indented

LINE = 600
"""Characters of a line where no terminal folds it."""


def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference as Markdown, with defaults.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Show every setting: its environment variable, current value and purpose.

    Passwords are hidden. Variables that look like misspelt settings are listed on stderr.
    """
    import sys

    import orjson
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from worker.addresses import hide_password
    from worker.cli.variables import about, unknown_variables
    from worker.settings import Settings

    if markdown:
        typer.echo(reference())
        return
    values = Settings()
    for name in unknown_variables():
        typer.echo(about(name), err=True)
    if json:
        shown = {
            name: hide_password(value) if isinstance(value, str) and _is_url(name) else value
            for name, value in values.model_dump(mode="json").items()
        }
        typer.echo(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
        return
    rows = [
        (
            name,
            f"COPYDESK_{name.upper()}",
            _shown(name, getattr(values, name)) or "-",
            _about(field),
        )
        for name, field in Settings.model_fields.items()
    ]
    if sys.stdout.isatty():
        console = Console(highlight=False, markup=False)
        for name, variable, value, about_it in rows:
            style = "bold" if name in values.model_fields_set else ""
            console.print(Text.assemble(variable, "  ", (value, style)), soft_wrap=True)
            print_indented(console, about_it, style="dim")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("variable", "value", "purpose"):
        table.add_column(heading)
    for _, *cells in rows:
        table.add_row(*cells)
    Console(highlight=False, markup=False, width=LINE).print(table)  # a line each, for grep


def reference() -> str:
    """Return the reference of all settings as a Markdown table."""
    from pydantic_core import PydanticUndefined

    from worker.settings import Settings

    rows = ["| variable | default | purpose |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, PydanticUndefined) else f"`{_shown(name, default)}`"
        rows.append(f"| `COPYDESK_{name.upper()}` | {shown} | {_about(field)} |")
    return "\n".join(rows)


def _shown(name: str, value: Any) -> str:
    from worker.addresses import hide_password

    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, dict):
        import orjson

        return orjson.dumps(value).decode()  # as the variable is written
    return hide_password(str(value)) if _is_url(name) else str(value)


def _is_url(name: str) -> bool:
    return name.endswith(("_url", "store", "archive"))


def _about(field: Any) -> str:
    return " ".join((field.description or "").split())
