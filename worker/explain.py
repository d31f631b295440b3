"""Why an article ended as it did, in sentences: from its stored row, its evidence and its provenance."""

from collections import Counter
from dataclasses import dataclass, field

from worker.articles import DATES, Article, Evidence
from worker.deadletters import DeadLetter
from worker.dedup.identity import id_of_url
from worker.errors import CopydeskError, NotFoundError
from worker.outcomes import Outcome
from worker.sinks.store import Copy, Store

# Why deduplication decided so, by the rule that spoke; the words follow "because".
RULES = {
    "exact": "every word is the same",
    "near": "their wording overlaps too much to be chance",
    "containment": "the longer text contains almost all of the shorter one",
    "identity": "it has the same identity (URL, or source and id)",
    "numbers": "they differ in their numbers, as market and weather reports do",
}
SHOWN = 160
"""Characters of a removed piece that are quoted."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened to one article. Each list holds sentences or short lines, in reading order."""

    id: str
    revision: int | None
    """None of a dead letter, which never became an article."""
    title: str | None
    outcome: str
    because: list[str]
    copies: list[str] = field(default_factory=list)
    cleaning: list[str] = field(default_factory=list)
    metadata: list[str] = field(default_factory=list)
    enrichment: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def resolve(store: Store, wanted: str) -> str:
    """Return the id that `wanted` means: an id, the beginning of one, or a URL.

    Raises:
        NotFoundError: none is meant.
        CopydeskError: several are meant; the text lists them.
    """
    known = id_of_url(wanted)
    ids = (known and store.find(known)) or store.find(wanted)
    if not ids:
        raise NotFoundError(f"The store holds no article {wanted}. Give its id or its URL.")
    if len(ids) > 1:
        raise CopydeskError(f"{wanted!r} matches {', '.join(ids)}: give more of the id.")
    return ids[0]


def explain(store: Store, wanted: str, *, revision: int | None = None) -> Explanation:
    """Explain one article of the store, its latest revision unless another is named.

    Raises:
        CopydeskError: there is no such article or revision.
    """
    article_id = resolve(store, wanted)
    revisions = store.revisions(article_id)
    found = [article for article in revisions if revision in (None, article.revision)]
    if not found:
        numbers = ", ".join(str(article.revision) for article in revisions)
        raise CopydeskError(f"{article_id} has no revision {revision}; it has {numbers}.")
    article = found[-1]
    canonical = store.get(article.duplicate_of) if article.duplicate_of else None
    return Explanation(
        id=article.id,
        revision=article.revision,
        title=article.title,
        outcome=article.status.value,
        because=_because(article, canonical, revisions),
        copies=[copy_line(copy) for copy in store.copies(article_id)],
        cleaning=_cleaning(article),
        metadata=_metadata(article),
        enrichment=_enrichment(article),
        versions=_versions(article),
    )


def explain_letter(letter: DeadLetter) -> Explanation:
    """Explain an article that was turned away."""
    while_ = f"{letter.outcome.capitalize()} in stage {letter.stage} ({letter.reason})"
    because = [f"{while_}: {letter.error}"]
    for event in letter.history[:-1]:  # the last one is the error above
        what = " ".join(str(event[key]) for key in ("stage", "error") if event.get(key))
        because.append(f"Before that: {event.get('kind', 'failure')} {what}".rstrip())
    if letter.origin:
        because.append(f"It came from {letter.origin}.")
    because.append(
        f"Attempts: {letter.attempts}. See its raw text with: copydesk dlq show {letter.id}"
    )
    return Explanation(
        id=letter.entry,
        revision=None,
        title=letter.url or letter.source,
        outcome=letter.outcome.value,
        because=because,
        versions=[f"copydesk {letter.copydesk}"],
    )


def _because(article: Article, canonical: Article | None, revisions: list[Article]) -> list[str]:
    evidence = article.evidence
    if article.status is Outcome.DUPLICATE:
        target = _named(article.duplicate_of, canonical)
        reason = RULES.get(evidence.rule, f"rule {evidence.rule}") if evidence else "of its content"
        lines = [f"It is a copy of {target}, because {reason}."]
        lines += _figures(evidence)
        lines.append("A copy is recorded, but not enriched or delivered.")
        return lines
    if article.status is Outcome.UPDATE:
        lines = ["The same article arrived again with changed content."]
        lines += _figures(evidence)
        if len(revisions) > 1:
            lines.append(f"The store holds {len(revisions)} revisions of it.")
        return lines
    lines = ["Nothing like it was in the index when it arrived."]
    if evidence and evidence.compared_to:
        reason = RULES.get(evidence.rule, f"rule {evidence.rule}")
        lines.append(f"The nearest was {evidence.compared_to}, but it is not a copy: {reason}.")
        lines += _figures(evidence)
    return lines


def _figures(evidence: Evidence | None) -> list[str]:
    if evidence is None or evidence.similarity is None:
        return []
    line = f"The two texts share {evidence.similarity:.0%} of their wording"
    if evidence.containment is not None:
        line += f"; {evidence.containment:.0%} of the shorter one is in the longer"
    return [line + "."]


def _named(article_id: str | None, article: Article | None) -> str:
    if article is None:
        return f"{article_id} (which is not in this store)"
    where = article.url or article.source or "no address"
    return f"{article_id} “{article.title or 'untitled'}” ({where})"


def copy_line(copy: Copy) -> str:
    """Return one line on a copy: outlet, time, likeness, address."""
    when = copy.published_at or copy.stored_at
    likeness = f", {copy.similarity:.0%} alike" if copy.similarity is not None else ""
    return (
        f"{copy.outlet or 'unknown outlet'}, {when:%Y-%m-%d %H:%M}{likeness}: {copy.url or copy.id}"
    )


def _cleaning(article: Article) -> list[str]:
    lines = []
    if article.provenance.extractor:
        lines.append(
            f"Read as a {article.provenance.extractor}; {article.word_count:,} words kept."
        )
    counts = Counter(piece.reason for piece in article.removed)
    for reason, count in counts.most_common():
        sample = next(piece.text for piece in article.removed if piece.reason == reason)
        sample = " ".join(sample.split())
        if len(sample) > SHOWN:
            sample = sample[:SHOWN] + " …"
        times = f" ({count} times)" if count > 1 else ""
        lines.append(f"Removed as {reason}{times}: {sample}")
    return lines


def _metadata(article: Article) -> list[str]:
    origins: dict[str, list[str]] = {}
    for name, origin in article.provenance.fields.items():
        origins.setdefault(origin, []).append(name)
    lines = [
        f"{', '.join(names)}: {'as the scraper gave it' if origin == 'raw' else origin}"
        for origin, names in origins.items()
    ]
    for name in DATES:
        if name in article.extra and name not in origins.get("raw", []):
            written = str(article.extra[name])[:SHOWN]
            lines.append(f"{name}: “{written}” is ambiguous or not a date; kept in extra")
    return lines


def _enrichment(article: Article) -> list[str]:
    lines = []
    for name, run in article.provenance.enrichers.items():
        taken = f", {run.milliseconds:.1f} ms" if run.milliseconds is not None else ""
        reason = f": {run.reason}" if run.reason else ""
        lines.append(f"{name} {run.status}{reason} (version {run.version}{taken})")
    return lines


def _versions(article: Article) -> list[str]:
    provenance = article.provenance
    named = {
        "copydesk": provenance.copydesk,
        "fingerprint": provenance.fingerprint,
        "schema": article.schema_version,
    }
    return [f"{name} {version}" for name, version in named.items() if version]
