"""Which enrichers there are, and which of them a desk runs."""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from worker.enrichment.base import Enricher
from worker.errors import ConfigurationError
from worker.settings import Settings

GROUP = "copydesk.enrichers"
"""Entry point group of third parties: name = "module:callable", called with the settings."""

BUILT_IN: dict[str, str] = {
    "language": "worker.enrichment.language:LanguageEnricher",
    "keywords": "worker.enrichment.keywords:KeywordEnricher",
    "summary": "worker.enrichment.summary:SummaryEnricher",
    "reading": "worker.enrichment.reading:ReadingEnricher",
    "dates": "worker.enrichment.dates:DateEnricher",
    "money": "worker.enrichment.money:MoneyEnricher",
    "sentiment": "worker.enrichment.sentiment:SentimentEnricher",
    "dateline": "worker.enrichment.dateline:DatelineEnricher",
    "topics": "worker.enrichment.topics:TopicEnricher",
    "embedding": "worker.enrichment.embedding:EmbeddingEnricher",
    "entities": "worker.enrichment.entities:EntityEnricher",
    "quotes": "worker.enrichment.quotes.enricher:QuoteEnricher",
    "places": "worker.enrichment.places.enricher:PlaceEnricher",
}
"""Name to "module:callable"; modules are imported when the enricher is built."""

LIGHT = frozenset(BUILT_IN) - {"entities", "quotes", "places", "embedding"}
"""The profile `light`: what needs no entities."""

ON_REQUEST: frozenset[str] = frozenset({"embedding"})
"""In no profile; they run only if the setting `enrichers` names them."""


def profile(name: str) -> list[str]:
    """Return the names of a profile's enrichers.

    >>> profile("light")[0]
    'language'
    """
    if name == "light":
        return [known for known in BUILT_IN if known in LIGHT]
    return [known for known in BUILT_IN if known not in ON_REQUEST]


def selected(settings: Settings) -> list[str]:
    """Return the names that the settings ask for; the name of a profile stands for its members."""
    wanted = [settings.profile] if settings.enrichers is None else settings.enrichers
    names: dict[str, None] = {}
    for name in wanted:
        names |= dict.fromkeys(profile(name) if name in {"light", "full"} else [name])
    return list(names)


def build(settings: Settings) -> list[Enricher]:
    """Build the enrichers that the settings ask for, with their models loaded, in a valid order.

    Raises:
        ConfigurationError: a name is unknown, or an enricher cannot be loaded.
    """
    return in_order([_load(name)(settings) for name in selected(settings)])


def check(settings: Settings) -> None:
    """Make sure, without loading them, that the enrichers and models in the settings exist.

    Raises:
        ConfigurationError: a name is unknown, or a model is not installed.
    """
    plugins = {entry.name for entry in entry_points(group=GROUP)}
    for name in selected(settings):
        if name not in BUILT_IN and name not in plugins:
            raise _unknown(name, plugins)
    if "entities" in selected(settings):
        for model in settings.entity_models.values():
            if not Path(model).exists() and find_spec(model) is None:  # spaCy takes a folder, too
                raise model_missing(model)


def model_missing(model: str) -> ConfigurationError:
    """Return the error for a spaCy model that is missing."""
    return ConfigurationError(
        f"The spaCy model {model!r} is not installed. Install its wheel, "
        "or take its language out of COPYDESK_ENTITY_MODELS."
    )


def in_order(enrichers: Sequence[Enricher]) -> list[Enricher]:
    """Sort enrichers so that each follows those whose fields it needs; else keep the order.

    An enricher that serves only some languages needs `language`, too.

    Raises:
        ConfigurationError: enrichers need one another in a circle.
    """
    waiting, ordered = list(enrichers), list[Enricher]()
    while waiting:
        to_come = {field: other.name for other in waiting for field in other.fields}
        ready = [
            enricher
            for enricher in waiting
            if all(to_come.get(field, enricher.name) == enricher.name for field in _needs(enricher))
        ]
        if not ready:
            names = ", ".join(enricher.name for enricher in waiting)
            raise ConfigurationError(
                f"These enrichers need each other's fields in a circle: {names}."
            )
        ordered += ready
        waiting = [enricher for enricher in waiting if enricher not in ready]
    return ordered


def _needs(enricher: Enricher) -> tuple[str, ...]:
    return enricher.needs if enricher.languages is None else (*enricher.needs, "language")


def _load(name: str) -> Callable[[Settings], Enricher]:
    if target := BUILT_IN.get(name):
        module, _, attribute = target.partition(":")
        factory: Callable[[Settings], Enricher] = getattr(import_module(module), attribute)
        return factory
    plugins = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in plugins:
        raise _unknown(name, plugins)
    try:
        loaded: Callable[[Settings], Enricher] = plugins[name].load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The enricher {name!r} ({plugins[name].value}) cannot be loaded: {error}"
        ) from error
    return loaded


def _unknown(name: str, plugins: Iterable[str]) -> ConfigurationError:
    known = ", ".join([*BUILT_IN, *plugins, "light", "full"])
    return ConfigurationError(
        f"There is no enricher {name!r}. Available: {known}. COPYDESK_ENRICHERS, --enrichers "
        "and --stored take some of these."
    )
