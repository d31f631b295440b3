"""`copydesk settings`."""

from typing import Annotated, Any

import typer

from worker.cli import options

OTHERS = ("COPYDESK_TEST_", "COPYDESK_EVAL")
"""Variables of the tests and the benchmarks."""


def settings(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference in Markdown, with defaults.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Show every setting: its environment variable, its value here, and what it is for.

    Passwords are left out. Variables that look like settings and are none are named on stderr.
    """
    import orjson
    from rich.console import Console
    from rich.table import Table

    from worker.services import hide_password
    from worker.settings import Settings

    if markdown:
        typer.echo(reference())
        return
    values = options.settings()
    for name in unknown_variables():
        typer.echo(f"{name} is set, and is no setting of this program.{_meant(name)}", err=True)
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
    table.add_column("what it is", style="dim", overflow="fold")
    for name, field in Settings.model_fields.items():
        value = _shown(name, getattr(values, name))
        style = "bold" if name in values.model_fields_set else ""
        table.add_row(
            f"COPYDESK_{name.upper()}", f"[{style}]{value}[/]" if style else value, _about(field)
        )
    Console(highlight=False).print(table)


def reference() -> str:
    """Return the reference of all settings as a Markdown table."""
    from pydantic_core import PydanticUndefined

    from worker.settings import Settings

    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (None, PydanticUndefined) else f"`{_shown(name, default)}`"
        rows.append(f"| `COPYDESK_{name.upper()}` | {shown} | {_about(field)} |")
    return "\n".join(rows)


def _shown(name: str, value: Any) -> str:
    from worker.services import hide_password

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


def unknown_variables() -> list[str]:
    """Return the variables of the environment that begin as settings do, and are none."""
    import os

    from worker.settings import Settings

    known = {f"COPYDESK_{name.upper()}" for name in Settings.model_fields}
    return sorted(
        name
        for name in os.environ
        if name.startswith("COPYDESK_")
        and name.upper() not in known
        and not name.startswith(OTHERS)
    )


def _meant(name: str) -> str:
    from difflib import get_close_matches

    from worker.settings import Settings

    near = get_close_matches(name, [f"COPYDESK_{one.upper()}" for one in Settings.model_fields], 1)
    return f" Did you mean {near[0]}?" if near else ""


def _about(field: Any) -> str:
    return " ".join((field.description or "").split())
