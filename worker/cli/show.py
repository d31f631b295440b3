"""`copydesk show` and `copydesk explain`: one article, and why it ended as it did."""

from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import options
from worker.cli.prose import counted, print_indented

if TYPE_CHECKING:
    from worker.articles import Article
    from worker.explain import Explanation
    from worker.settings import Settings

Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the article, the first part of it, or its URL.")
]
Revision = Annotated[
    int | None,
    typer.Option("--revision", "-r", min=1, help="Revision to show. Default: the latest."),
]

_MARKS = "“”„«»\"' "


def show(
    wanted: Wanted,
    store: options.Store = None,
    data_dir: options.DataDir = None,
    revision: Revision = None,
    json: options.Json = False,
) -> None:
    """Show one stored article: its text, what was found in it, and its copies."""
    from dataclasses import asdict

    import orjson

    from worker.errors import CopydeskError
    from worker.explain import copy_line, resolve
    from worker.sinks.store import Store

    with Store.of(options.settings(store=store, data_dir=data_dir)) as opened:
        article_id = resolve(opened, wanted)
        article = opened.get(article_id, revision=revision)
        if article is None:
            raise CopydeskError(f"{article_id} has no revision {revision}.")
        copies = opened.copies(article_id)
    if json:
        fields = {**article.model_dump(mode="json"), "copies": [asdict(copy) for copy in copies]}
        typer.echo(orjson.dumps(fields).decode())
        return
    _print_article(article)
    if copies:
        _print_lists({"Copies": [copy_line(copy) for copy in copies]})


def explain(
    wanted: Wanted,
    store: options.Store = None,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    revision: Revision = None,
    json: options.Json = False,
) -> None:
    """Explain an article's outcome: the evidence, what was cut, what was found."""
    from dataclasses import asdict

    import orjson

    from worker.errors import NotFoundError
    from worker.explain import explain as explain_article
    from worker.sinks.store import Store

    settings = options.settings(store=store, redis_url=redis, data_dir=data_dir)
    try:
        with Store.of(settings) as opened:
            found = explain_article(opened, wanted, revision=revision)
    except NotFoundError as missing:
        letter = _dead_letter(settings, wanted)
        if letter is None:
            raise NotFoundError(f"{missing} No dead letter matches it either.") from None
        found = letter
    if json:
        typer.echo(orjson.dumps(asdict(found)).decode())
        return
    _print_explanation(found)


def _dead_letter(settings: "Settings", wanted: str) -> "Explanation | None":
    """Look for a dead letter by its own id, its raw entry's, or its URL; the newest counts."""
    from worker.deadletters import read_letters
    from worker.errors import ConfigurationError
    from worker.explain import explain_letter
    from worker.lanes import Keys

    try:
        with options.connected(settings) as client:
            for letter in read_letters(client, Keys(settings.namespace)):
                if wanted in (letter.id, letter.entry, letter.url):
                    return explain_letter(letter)
    except ConfigurationError:
        return None  # no server: what is known is in the store
    return None


def _print_article(article: "Article") -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(article.title or "(untitled)", style="bold")
    byline = ", ".join(article.authors)
    when = f"{article.published_at:%Y-%m-%d %H:%M %Z}" if article.published_at else None
    language = article.language.code if article.language else None
    facts = [
        byline,
        article.outlet or article.source,
        when,
        language,
        counted(article.word_count, "word"),
    ]
    console.print(" · ".join(fact for fact in facts if fact), style="dim")
    if article.url:
        console.print(article.url, style="dim")
    state = f"{article.id}  revision {article.revision}  {article.status}"
    if article.duplicate_of:
        state += f" of {article.duplicate_of}"
    console.print(state, style="dim")
    for paragraph in article.paragraphs or [article.text]:
        console.print()
        print_indented(console, paragraph)
    console.print()
    _print_lists(_findings(article))


def _findings(article: "Article") -> dict[str, list[str]]:
    """Return what enrichment found, as headed lists; what found nothing is left out."""
    names: dict[str, list[str]] = {}
    for subject in article.subjects or []:
        names.setdefault(subject.label, []).append(subject.name)
    if not names:
        for mention in article.entities or []:
            names.setdefault(mention.label, []).append(mention.text)
    headings = {"person": "People", "organisation": "Organisations", "place": "Places"}
    topics = [f"{topic.name} ({topic.score:.2f})" for topic in article.topics or []]
    return {
        "Summary": [article.summary] if article.summary else [],
        "Topics": [" · ".join(topics)] if topics else [],
        **{
            heading: [", ".join(dict.fromkeys(names[label]))]
            for label, heading in headings.items()
            if label in names
        },
        "Keywords": [", ".join(keyword.text for keyword in article.keywords)]
        if article.keywords
        else [],
        "Quotes": [
            f"“{quote.text.strip(_MARKS)}” — {quote.speaker or 'unknown speaker'}"
            for quote in article.quotes or []
        ],
        "Money": [
            f"{money.text} ({money.amount:,.2f}".removesuffix(".00") + f" {money.currency})"
            for money in article.money or []
        ],
        "Links": [f"{link.text}: {link.href} ({link.rel})" for link in article.links],
    }


def _print_explanation(found: "Explanation") -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    console.print(found.title or "(untitled)", style="bold")
    revision = f"  revision {found.revision}" if found.revision is not None else ""
    console.print(found.id + revision, style="dim")
    console.print()
    _print_lists(
        {
            f"Why {found.outcome}": found.because,
            "Copies": found.copies,
            "Cleaning": found.cleaning,
            "Where metadata came from": found.metadata,
            "Enrichment": found.enrichment,
            "Versions": found.versions,
        }
    )


def _print_lists(lists: dict[str, list[str]]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    for heading, lines in lists.items():
        if lines:
            console.print(heading, style="bold")
            for line in lines:
                print_indented(console, line)
