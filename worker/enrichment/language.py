"""The language of an article, and of its passages where it is written in several."""

from collections.abc import Sequence

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from worker.articles import Article, Language
from worker.settings import Settings


class LanguageEnricher:
    """Sets `language`; the code is null with a reason where it cannot be told."""

    name = "language"
    version = "1"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ("language",)

    def __init__(self, _settings: Settings) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self._identifier.set_languages([code for code in self._identifier.labels if len(code) == 2])

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Language]]:
        """Return the language of each article."""
        values = []
        for article in batch:
            code, confidence = self._identifier.classify(article.text)
            values.append({"language": Language(code=code, confidence=confidence)})
        return values
