"""`copydesk dedupe`: deduplication as a filter, JSON Lines in and out."""

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import options
from worker.cli.filters import error_row, write_lines
from worker.errors import RejectedError
from worker.files import STDIN, read_lines
from worker.outcomes import Reason
from worker.settings import Settings

if TYPE_CHECKING:
    from worker.articles import RawArticle
    from worker.dedup.base import Candidate, Index, Judgement
    from worker.dedup.fingerprint import Fingerprint
    from worker.dedup.index import RedisIndex

BATCH = 64
PATIENCE = 20
"""How often a copy of another process' open claim is looked up again before it is reported as open."""
PAUSE = 0.25


def dedupe_lines(
    lines: Iterable[bytes],
    index: "Index",
    settings: Settings | None = None,
    *,
    keep: bool = False,
) -> Iterator[dict[str, Any]]:
    """Judge articles, one JSON object a line; yield one result a line, in the same order.

    A line has `text` or `html`, and may have `id`, `title`, `url`, `source`, `language` and dates. A
    result has `id`, `status` (new, update, duplicate, unchanged), `revision`, `duplicate_of`,
    `similarity` and `evidence`. Articles are named by the `id` of their line; two lines are versions
    of one article if they share the URL, or the id where there is none. A line that cannot be read
    yields `{"id": …, "error": {"reason": …, "message": …}}`; so does one that holds such an `error` already.
    With `keep` a result is the line's own object with the verdict's fields added.
    """
    from worker.dedup.fingerprint import fingerprints
    from worker.reading import parsed

    settings = settings or Settings()
    run = secrets.token_hex(6)
    names: dict[str, Any] = {}
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, BATCH)):
        rows: list[dict[str, Any]] = [{"id": None} for _ in batch]
        read = []
        for row, (number, line) in zip(rows, batch, strict=True):
            try:
                given = parsed(line)
                row["id"] = given.get("id")
                if keep:
                    row["given"] = given
                if found := _read(given, row, settings):
                    read.append((row, f"{run}/{number}", *found))
            except RejectedError as error:
                row.update(error_row(row["id"], error))
        prints = fingerprints([(text, title) for *_, text, title in read])
        for (row, holder, raw, _, _), print_ in zip(read, prints, strict=True):
            candidate = row["candidate"] = _candidate(raw, holder, print_)
            names.setdefault(candidate.id, candidate.id if row["id"] is None else row["id"])
        asked = [row["candidate"] for row, *_ in read]
        yield from _results(rows, _judge(asked, index), names)


def _read(
    given: dict[str, object], row: dict[str, Any], settings: Settings
) -> "tuple[RawArticle, str, str | None] | None":
    """Return what a line holds, its text and its title; None: an error, which the row passes on."""
    from worker.cleaning import clean
    from worker.reading import validated

    if "error" in given:
        row["error"] = given["error"]
        return None
    raw = validated(given)
    if raw.text is None or raw.html is not None:
        cleaned = clean(raw, **settings.bounds)
        text, title = cleaned.text, cleaned.title
    else:
        text, title = raw.text, raw.title
    if not text.strip():
        raise RejectedError(Reason.NO_TEXT, "The line has neither text nor html.")
    return raw, text, title or None


def _candidate(raw: "RawArticle", holder: str, print_: "Fingerprint") -> "Candidate":
    from worker.dedup.base import Candidate, version_at
    from worker.dedup.identity import id_of_url

    address = id_of_url(raw.url) if raw.url else None
    return Candidate(
        id=address or raw.id or print_.content.hex(),
        holder=holder,
        fingerprint=print_,
        version_at=version_at(raw),
        language=raw.language,
        outlet=raw.source,
        url=raw.url,
    )


def _judge(batch: "list[Candidate]", index: "Index") -> "dict[str, Judgement]":
    """Return the judgements by holder; what hangs on an open claim is asked again."""
    from worker.dedup.base import Verdict

    judgements: dict[str, Judgement] = {}
    patience = PATIENCE
    while batch:
        answers = dict(zip((one.holder for one in batch), index.reserve(batch), strict=True))
        judgements |= answers
        waiting = [one for one in batch if answers[one.holder].verdict is Verdict.OPEN]
        settled = [one for one in batch if answers[one.holder].verdict is not Verdict.OPEN]
        index.commit(
            [one for one in settled if answers[one.holder].verdict is not Verdict.UNCHANGED]
        )
        if not settled:  # another process holds these claims
            patience -= 1
            if not patience:
                break
            time.sleep(PAUSE)
        batch = waiting
    return judgements


def _results(
    rows: list[dict[str, Any]], judgements: "dict[str, Judgement]", names: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        given = row.pop("given", {})
        if "candidate" not in row:
            yield row
            continue
        judgement = judgements[row["candidate"].holder]
        evidence = judgement.evidence.model_dump() if judgement.evidence else None
        if evidence:
            compared = evidence["compared_to"]
            evidence["compared_to"] = names.get(compared, compared)
            evidence["contains"] = [names.get(name, name) for name in evidence["contains"]]
        yield given | {
            "id": row["id"],
            "status": judgement.verdict.value,
            "revision": judgement.revision,
            "duplicate_of": names.get(judgement.duplicate_of or "", judgement.duplicate_of),
            "similarity": judgement.similarity,
            "evidence": evidence,
        }


@contextmanager
def _index(settings: Settings, name: str | None) -> "Iterator[RedisIndex]":
    """Open the named index, or a scratch one that is removed at the end."""
    import tempfile
    from pathlib import Path

    from worker.broker import EmbeddedBroker
    from worker.dedup.connect import index_client
    from worker.dedup.index import RedisIndex

    with ExitStack() as stack:
        if name:
            yield stack.enter_context(options.opened_index(settings, name))
            return
        url = settings.index_url or settings.redis_url
        if not url:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-"))
            url = stack.enter_context(EmbeddedBroker(Path(folder))).url
        scratch = RedisIndex(index_client(url), settings, f"scratch-{secrets.token_hex(6)}")
        try:
            yield scratch
        finally:
            scratch.clear()


def dedupe(
    path: options.Lines = STDIN,
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            help="Use and keep this index on the server; `dedup` is the one that workers use. "
            "Default: a scratch index, removed at the end.",
            metavar="NAME",
        ),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Write the whole line with the verdict added."),
    ] = False,
) -> None:
    """Find copies and updates: JSON Lines in, JSON Lines out, in the same order.

    Writes a verdict for each line. With --keep it writes the line too, so that filters can be piped:
    `clean … | dedupe --keep | enrich`.

    A line that cannot be processed comes out with an `error` instead.

    Exit status: 0 no errors; 3 some lines have errors; 1 the file could not be read to the end.
    """
    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with _index(settings, index) as opened:
        write_lines(dedupe_lines(read_lines(path), opened, settings, keep=keep))
