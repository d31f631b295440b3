"""`copydesk list`, `export`, `show` and `explain`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.command import copydesk
from tests.sinks.factory import copy_of, delivery
from worker.articles import Money
from worker.cli.export import export
from worker.cli.listing import list_articles
from worker.cli.show import explain, show
from worker.outcomes import Outcome
from worker.settings import Settings
from worker.sinks.sql import SqlSink
from worker.testing import LocalDesk

FIELDS = {
    "id", "revision", "status", "duplicate_of", "similarity", "url", "source", "title", "authors",
    "published_at", "text", "paragraphs", "links", "language", "entities", "keywords", "summary",
    "word_count", "provenance",
}  # fmt: skip
app = typer.Typer()
app.command("list")(list_articles)
app.command()(export)
app.command()(show)
app.command()(explain)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The path of a store with a story, its update and a copy."""
    path = tmp_path / "store.db"
    sink = SqlSink(f"sqlite:///{path}")
    sink.deliver([delivery("storm", title="Storm [bold]"), copy_of("storm", "echo")])
    sink.deliver([delivery("storm", revision=2, status=Outcome.UPDATE)])
    sink.close()
    return str(path)


def run(*arguments: str) -> str:
    """Run a command that has to go well; return what it printed."""
    result = CliRunner().invoke(app, arguments)
    assert 0 == result.exit_code, result.output
    return result.output


def test_list_names_what_was_stored_last_first(store: str) -> None:
    """Given a story, its copy and its update, then the newest comes first, whole, and `--limit` holds."""
    command = ["list", "--store", store, "--status", "all", "--all-revisions"]
    everything = run(*command).splitlines()

    assert ["id", "published", "status", "source", "title"] == everything[0].split()
    assert ["storm", "echo", "storm"] == [line.split()[0] for line in everything[1:]]
    assert everything[1].endswith("Ferry returns to the Tamar")
    assert "update 2" in everything[1]
    assert everything[3].endswith("Storm [bold]")
    assert 2 == len(run(*command, "--limit", "1").splitlines())


def test_list_says_where_nothing_is_like_that(store: str) -> None:
    """Given a store without Dutch articles, when they are listed, then that is said on stderr."""
    result = CliRunner().invoke(app, ["list", "--store", store, "--language", "nl"])

    assert (0, "", "No stored article matches.\n") == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


def test_export_prints_an_article_a_line(store: str) -> None:
    """Given a store; when exported; then the latest delivered articles stand a line each, whole."""
    lines = run("export", "--store", store).splitlines()

    (article,) = map(json.loads, lines)
    assert ("storm", 2, "update", 1) == tuple(
        article[name] for name in ("id", "revision", "status", "copies")
    )
    assert FIELDS <= set(article)


def test_an_export_that_fails_half_way_leaves_the_file_of_before(
    store: str, tmp_path: Path
) -> None:
    """Given an article that cannot be read, then the file of the last export stands as it was, alone."""
    file = tmp_path / "out" / "articles.jsonl"
    file.parent.mkdir()
    run("export", "--store", store, "--status", "all", "--output", str(file))
    before = file.read_bytes()
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("UPDATE articles SET document = '{' WHERE status = 'update'")

    broken = ["export", "--store", store, "--status", "all", "--output", str(file)]
    failed = CliRunner().invoke(app, broken)

    assert 0 != failed.exit_code
    assert before == file.read_bytes()
    assert [file] == list(file.parent.iterdir())


def test_an_export_goes_through_a_link_and_into_a_pipe(store: str, tmp_path: Path) -> None:
    """Given a link, then what it points to is written; given a device, then it is written as it is."""
    link, target = tmp_path / "today.jsonl", tmp_path / "articles.jsonl"
    link.symlink_to(target)

    run("export", "--store", store, "--output", str(link))
    run("export", "--store", store, "--output", "/dev/null")

    assert link.is_symlink()
    assert 1 == len(target.read_bytes().splitlines())
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--status", "new"], [("storm", 1)]),
        (["--status", "duplicate"], [("echo", 1)]),
        (["--status", "all"], [("echo", 1), ("storm", 2)]),
        (["--status", "all", "--all-revisions"], [("storm", 1), ("echo", 1), ("storm", 2)]),
        (["--language", "de"], []),
        (["--until", "2020-01-01"], []),
        (["--since", "1h", "--source", "herald.example"], [("storm", 2)]),
    ],
)
def test_export_selects(store: str, arguments: list[str], expected: list[tuple[str, int]]) -> None:
    """Given options; when exported; then what fits them comes."""
    found = [json.loads(line) for line in run("export", "--store", store, *arguments).splitlines()]

    assert expected == [(article["id"], article["revision"]) for article in found]


def test_export_writes_a_file(store: str, tmp_path: Path) -> None:
    """Given a path; when exported as ninjs; then the file holds it and stdout nothing."""
    target = tmp_path / "out.jsonl"
    result = CliRunner().invoke(app, ["export", "--store", store, "-f", "ninjs", "-o", str(target)])

    assert ("", "text") == (result.stdout, json.loads(target.read_text())["type"])
    assert "1 article written" in result.stderr


def test_an_article_of_another_version_is_named(store: str, tmp_path: Path) -> None:
    """Given a document that this version cannot read, then its id and what is wrong are told, no setting."""
    with closing(sqlite3.connect(store)) as connection, connection:
        changed = "json_set(document, '$.word_count', 'many')"
        connection.execute(f"UPDATE articles SET document = {changed} WHERE revision = 2")

    done = copydesk("export", "--store", store, folder=tmp_path)

    assert 1 == done.returncode
    assert "cannot read, storm (revision 2): word_count: " in done.stderr
    assert "setting" not in done.stderr


def test_export_explains_a_wrong_time(store: str) -> None:
    """Given a time that is none; then the usage error shows how to write one."""
    result = CliRunner().invoke(app, ["export", "--store", store, "--since", "last week"])

    assert 2 == result.exit_code
    assert "24h" in result.output


def test_show_prints_the_article(store: str) -> None:
    """Given an article with brackets in its title; when shown; then nothing is taken for markup."""
    shown = run("show", "storm", "--store", store, "--revision", "1")

    assert "Storm [bold]" in shown
    assert "The ferry came back on Monday." in shown
    assert "https://herald.example/echo" in shown


def test_show_prints_amounts_to_the_penny(tmp_path: Path) -> None:
    """Given a round amount and one with pence; when shown; then neither is rounded, and the one is whole."""
    money = [
        Money(text="£24 million", start=0, end=11, amount=24e6, currency="GBP"),
        Money(text="£4.50", start=12, end=17, amount=4.5, currency="GBP"),
    ]
    sink = SqlSink(f"sqlite:///{tmp_path / 'store.db'}")
    sink.deliver([delivery("fare", money=money, word_count=1)])
    sink.close()

    shown = run("show", "fare", "--store", str(tmp_path / "store.db"))

    assert "£24 million (24,000,000 GBP)" in shown
    assert "£4.50 (4.50 GBP)" in shown
    assert " · 1 word\n" in shown


def test_show_is_an_object_for_programs(store: str) -> None:
    """Given --json; when shown; then the copies are listed in the article."""
    article = json.loads(run("show", "storm", "--store", store, "--json"))

    assert ["echo"] == [copy["id"] for copy in article["copies"]]
    assert 2 == article["revision"]


def test_explain_knows_dead_letters(settings: Settings, store: str) -> None:
    """Given an article that was turned away.

    When explained by its address; then the reason is told.
    """
    url = "https://broken.example/1"
    with LocalDesk(settings, []) as desk:
        desk.run({"url": url, "text": "   "})
    options = ["--store", store, "--redis", str(settings.redis_url)]
    environment = {"COPYDESK_NAMESPACE": settings.namespace}

    result = CliRunner(env=environment).invoke(app, ["explain", url, *options, "--json"])

    assert 0 == result.exit_code, result.output
    explained = json.loads(result.output)
    assert "rejected" == explained["outcome"]
    assert "'html' and 'text' are both missing or empty" in explained["because"][0]
    assert 2 == len(explained["because"])
    nobody = CliRunner(env=environment).invoke(app, ["explain", "nobody", *options])
    assert "No dead letter matches it either." in str(nobody.exception)


def test_explain_says_why(store: str) -> None:
    """Given a copy; when explained; then its canonical is named, for people and for programs."""
    assert "It is a copy of storm" in run("explain", "echo", "--store", store)
    explained = json.loads(run("explain", "echo", "--store", store, "--json"))
    assert ("echo", "duplicate") == (explained["id"], explained["outcome"])
