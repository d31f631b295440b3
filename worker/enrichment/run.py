"""Runs enrichers over a batch: each article gets its values and their provenance."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from worker.articles import Article, EnricherRun
from worker.enrichment.base import Enricher, Skipped

Values = Mapping[str, Any]

TOGETHER = 256
"""Articles, at most, that all enrichers process before the next ones: what several enrichers need to know of
a text is remembered for so many."""
CHARACTERS = 1_000_000
"""The same in characters: numpy needs many bytes for each. A single article may have more."""


def together(articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
    """Yield the articles in groups that all enrichers process before the next group."""
    begin = characters = 0
    for place, article in enumerate(articles):
        characters += len(article.text)
        if place > begin and (place - begin == TOGETHER or characters > CHARACTERS):
            yield articles[begin:place]
            begin, characters = place, len(article.text)
    if articles:
        yield articles[begin:]


def enrich(enrichers: Sequence[Enricher], articles: Sequence[Article]) -> None:
    """Fill the articles' fields and `provenance.enrichers`, in place.

    `enrichers` are in a valid order, as `build` returns them. An enricher that fails on a batch is tried
    article by article, and only its own fields of the articles on which it fails are lost.
    """
    for group in together(articles):
        for enricher in enrichers:
            _run(enricher, group)


def _run(enricher: Enricher, articles: Sequence[Article]) -> None:
    served = []
    for article in articles:
        reason = _unserved(enricher, article)
        if reason is None:
            served.append(article)
        else:
            _empty(enricher, article, "skipped", reason)
    if not served:
        return
    started = time.perf_counter()
    try:
        results = _results(enricher, served)
    except Exception as error:  # noqa: BLE001 - other people's code may raise anything
        if len(served) == 1:
            _empty(enricher, served[0], "failed", f"{type(error).__name__}: {error}")
            return
        for article in served:
            _run(enricher, [article])
        return
    milliseconds = round((time.perf_counter() - started) * 1000 / len(served), 3)
    done = EnricherRun(version=enricher.version, status="done", milliseconds=milliseconds)
    for article, values in zip(served, results, strict=True):
        if isinstance(values, Skipped):
            _empty(enricher, article, "skipped", values.reason, milliseconds)
        else:
            _fill(enricher, article, values, done)


def _unserved(enricher: Enricher, article: Article) -> str | None:
    """Return why the enricher does not serve the article, or None."""
    if enricher.languages is None:
        return None
    code = article.language.code if article.language else None
    if code is None:
        return "the language is not known"
    if code in enricher.languages:
        return None
    return f"no {enricher.name} for language {code!r}"


def _results(enricher: Enricher, batch: Sequence[Article]) -> list[Values | Skipped]:
    results = list(enricher.enrich(batch))
    if len(results) != len(batch):
        raise ValueError(f"{len(results)} results for {len(batch)} articles")
    return results


def _fill(enricher: Enricher, article: Article, values: Values, done: EnricherRun) -> None:
    """Set the values; a wrong type, or a field that it does not declare, counts as its failure."""
    foreign = values.keys() - enricher.fields
    if foreign:
        _empty(
            enricher,
            article,
            "failed",
            f"sets {', '.join(sorted(foreign))}, which it does not declare",
        )
        return
    try:
        for field in enricher.fields:
            _set(article, field, values.get(field))
    except ValueError as error:  # pydantic's ValidationError is one
        _empty(enricher, article, "failed", str(error))
        return
    article.provenance.enrichers[enricher.name] = done


def _empty(
    enricher: Enricher,
    article: Article,
    status: Any,
    reason: str,
    milliseconds: float | None = None,
) -> None:
    for field in enricher.fields:
        _set(article, field, None)
    article.provenance.enrichers[enricher.name] = EnricherRun(
        version=enricher.version, status=status, milliseconds=milliseconds, reason=reason
    )


def _set(article: Article, field: str, value: Any) -> None:
    if field not in _OWN:
        article.extra[field] = value
    elif value is None:
        setattr(article, field, _OWN[field].get_default(call_default_factory=True))
    else:
        try:
            value = _checked(field).validate_python(value)
        except ValidationError:  # the article's own check is slower, but its error names the field
            Article.__pydantic_validator__.validate_assignment(article, field, value)
        else:
            setattr(article, field, value)


_OWN = Article.model_fields


@cache
def _checked(field: str) -> TypeAdapter[Any]:
    """Return the check of one field's values."""
    kind: Any = _OWN[field].annotation
    return TypeAdapter(kind)
