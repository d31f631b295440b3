"""`copydesk settings`."""

from typing import Annotated, Any

import typer

from worker.cli import options

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
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("variable", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("purpose", style="dim", overflow="fold")
    for name, field in Settings.model_fields.items():
        value = _shown(name, getattr(values, name))
        style = "bold" if name in values.model_fields_set else ""
        table.add_row(f"COPYDESK_{name.upper()}", Text(value, style), _about(field))
    width = None if sys.stdout.isatty() else LINE  # a line each, for grep
    Console(highlight=False, markup=False, width=width).print(table)


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
