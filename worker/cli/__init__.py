"""The `copydesk` command: each command is a thin shell over a Python function.

Command modules import what they need inside the function, so that `--help` answers at once.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import redis
import typer
import typer.core
from pydantic import ValidationError

from worker.errors import VALUE_ERROR, CopydeskError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_DEAD_LETTERS = 3
EXIT_INTERRUPTED = 130


class _Commands(typer.core.TyperGroup):
    """The commands; what is wrong with an option is said without the words that pydantic puts before it."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(VALUE_ERROR)
            raise


app = typer.Typer(
    name="copydesk",
    cls=_Commands,
    help="Clean, deduplicate and enrich the raw articles that scrapers publish to Redis.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Panel, command, module and function. A group has no function: the module's `app` is mounted.
COMMANDS: list[tuple[str, str, str, str | None]] = [
    ("Run", "ingest", "worker.cli.ingest", "ingest"),
    ("Run", "serve", "worker.cli.serve", "serve"),
    ("Run", "publish", "worker.cli.publish", "publish"),
    ("Run", "replay", "worker.cli.replay", "replay"),
    ("Run", "intake", "worker.cli.roles", "intake"),
    ("Run", "worker", "worker.cli.roles", "worker"),
    ("Stages", "clean", "worker.cli.clean", "clean"),
    ("Stages", "dedupe", "worker.cli.dedupe", "dedupe"),
    ("Stages", "enrich", "worker.cli.enrich", "enrich"),
    ("Read", "list", "worker.cli.listing", "list_articles"),
    ("Read", "export", "worker.cli.export", "export"),
    ("Read", "show", "worker.cli.show", "show"),
    ("Read", "explain", "worker.cli.show", "explain"),
    ("Read", "stories", "worker.cli.stories", "stories"),
    ("Watch", "status", "worker.cli.status", "status"),
    ("Watch", "health", "worker.cli.status", "health"),
    ("Watch", "metrics", "worker.cli.metrics", "metrics"),
    ("Watch", "dlq", "worker.cli.dlq", None),
    ("Watch", "index", "worker.cli.index", None),
    ("About", "settings", "worker.cli.settings", "settings"),
    ("About", "schema", "worker.cli.about", "schema"),
    ("About", "version", "worker.cli.about", "version"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from worker.cli.about import version

        version()
        raise typer.Exit


@app.callback()
def _desk(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _register() -> None:
    for panel, name, module_name, function in COMMANDS:
        module = import_module(module_name)
        if function is None:
            app.add_typer(module.app, name=name, rich_help_panel=panel)
        else:
            command: Callable[..., Any] = getattr(module, function)
            app.command(name, rich_help_panel=panel)(command)


def main() -> None:
    """Run the command line. A fault that a person can put right is one line, never a traceback."""
    try:
        _register()
        app(prog_name="copydesk")
    except KeyboardInterrupt:  # inside a command, typer ends so as well
        sys.exit(EXIT_INTERRUPTED)
    except ValidationError as error:
        _fail(_settings_wrong(error), EXIT_USAGE)
    except CopydeskError as error:
        _fail(str(error), EXIT_FAILED)
    except redis.RedisError as error:
        _fail(f"The Redis server went away or refused a command: {error}.", EXIT_FAILED)
    except OSError as error:
        _drop_output()
        what = error.filename or "The output"
        _fail(f"{what}: {error.strerror or error}.", EXIT_FAILED)


def _settings_wrong(error: ValidationError) -> str:
    """Say which settings are wrong, by the names of their variables, and where they are explained."""
    from worker.addresses import hide_password

    problems = []
    for one in error.errors():
        name, *inside = (str(part) for part in one["loc"])
        variable = ".".join([f"COPYDESK_{name.upper()}", *inside])
        reason = one["msg"].removeprefix(VALUE_ERROR)
        given = hide_password(str(one["input"]))
        problems.append(f"{variable} is {given[:60]!r}: {reason[0].lower()}{reason[1:]}")
    return f"A setting is not valid. {'; '.join(problems)}. `copydesk settings` explains each one."


def _drop_output() -> None:
    """Write no more to stdout: what it still holds would fail once more when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, status: int) -> None:
    print(f"copydesk: {message}", file=sys.stderr)  # noqa: T201 - this is the user's channel
    sys.exit(status)
