"""Variables that look like settings and are none: a misspelt one would change nothing, without a word."""

import os
from difflib import get_close_matches

import typer

from worker.settings import Settings

PREFIX = "COPYDESK_"
OTHERS = ("COPYDESK_TEST_", "COPYDESK_EVAL")
"""Variables of the tests and the benchmarks."""
ALIKE = 0.8
"""How like a setting's name one must be to be taken for a slip: Kubernetes makes variables of services, such
as COPYDESK_REDIS_PORT."""


def unknown_variables() -> list[str]:
    """Return the variables of the environment and of `.env` that begin as settings do, and are none."""
    from dotenv import dotenv_values

    names = {*os.environ, *dotenv_values(str(Settings.model_config["env_file"]))}
    return sorted(
        name
        for name in names
        if name.upper().startswith(PREFIX)
        and name.upper().removeprefix(PREFIX).lower() not in Settings.model_fields
        and not name.startswith(OTHERS)
    )


def about(name: str) -> str:
    """Say that a variable is none of ours, and which was meant."""
    near = meant(name)
    hint = f" Did you mean {near}?" if near else ""
    return f"{name} is set, but there is no such setting.{hint}"


def meant(name: str) -> str | None:
    """Return the variable that a misspelt one was meant to be."""
    known = [field.upper() for field in Settings.model_fields]
    near = get_close_matches(name.upper().removeprefix(PREFIX), known, 1, ALIKE)
    return PREFIX + near[0] if near else None


def warn() -> None:
    """Name on stderr what looks like a slip of the pen."""
    for name in unknown_variables():
        if meant(name):
            typer.echo(f"copydesk: {about(name)}", err=True)
