"""`copydesk schema` and `copydesk version`."""

from typing import Annotated, Literal

import typer


def schema(
    which: Annotated[
        Literal["raw", "article"],
        typer.Argument(
            metavar="WHICH", help="`raw`: what scrapers publish; `article`: what comes out."
        ),
    ],
) -> None:
    """Print the JSON Schema of raw or processed articles."""
    import orjson

    from worker.articles import Article, RawArticle

    model = RawArticle if which == "raw" else Article
    text = orjson.dumps(model.model_json_schema(), option=orjson.OPT_INDENT_2)
    typer.echo(text.decode())


def version() -> None:
    """Print the version."""
    from worker import __version__

    typer.echo(f"copydesk {__version__}")
