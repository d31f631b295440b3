"""Language: share of right codes, and speed beside py3langid.

    python -m benchmarks.enrichment_language

Right is the ISO 639-1 code of the set, alone; a null counts as wrong. `fundus`: news articles of
25 languages; `UDHR`: paragraphs of the Universal Declaration of Human Rights.
"""

import time

from benchmarks.evaluation import batches, enriched, rows
from benchmarks.harness import machine
from worker.articles import Article
from worker.enrichment.language import LanguageEnricher
from worker.settings import Settings

SETS = {"fundus": "lid_news_fundus_dev", "UDHR": "lid_udhr_paragraphs_dev"}


def accuracy() -> dict[str, float]:
    """Return the share of right codes of each set."""
    enricher = LanguageEnricher(Settings())
    shares = {}
    for name, file in SETS.items():
        gold = rows(file)
        articles = enriched([enricher], [Article(id=row["id"], text=row["text"]) for row in gold])
        right = sum(
            article.language is not None and article.language.code == row["lang"]
            for article, row in zip(articles, gold, strict=True)
        )
        shares[name] = right / len(gold)
    return shares


def speed() -> tuple[float, float]:
    """Return articles a second of ours and of py3langid on whole news articles."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    enricher = LanguageEnricher(Settings())
    articles = [Article(id=row["id"], text=row["text"]) for row in rows(SETS["fundus"])]
    enricher.enrich(articles[:8])
    started = time.perf_counter()
    for batch in batches(articles):
        enricher.enrich(batch)
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for article in articles:
        library.classify(article.text)
    return len(articles) / ours, len(articles) / (time.perf_counter() - started)


def main() -> None:
    """Print the figures."""
    for name, share in accuracy().items():
        print(f"language  {name:<8} {share:.3f}")
    ours, theirs = speed()
    print(f"language  {ours:,.0f} articles/s; py3langid {theirs:,.0f}; ratio {ours / theirs:.1f}")


if __name__ == "__main__":
    print(machine())
    main()
