"""Topics on BBC and AG News, which they were not made from: `python -m benchmarks.enrichment_topics`.

Media Topics of the top level are mapped to the set's labels; the first of an article's topics that
is mapped is the prediction. An article without one, or without topics, counts as wrong. Side by
side stands scikit-learn's TF-IDF with logistic regression, trained on half of the set itself.
"""

import time

from benchmarks import evaluation
from benchmarks.harness import installed, machine
from worker.articles import Article
from worker.enrichment.base import Skipped
from worker.enrichment.topics import TopicEnricher
from worker.settings import Settings

BBC = {
    "01": "entertainment", "04": "business", "11": "politics", "13": "tech", "15": "sport",
}  # fmt: skip
AG = {
    "02": "World", "03": "World", "04": "Business", "09": "Business", "11": "World",
    "12": "World", "13": "Sci/Tech", "14": "World", "15": "Sports", "16": "World",
}  # fmt: skip
"""First two digits of a Media Topic to the set's label."""


def macro_f1(gold: list[str], found: list[str]) -> float:
    """Return the mean of the F1 of each gold label; a prediction of none of them is a miss."""
    pairs = list(zip(gold, found, strict=True))
    scores = []
    for label in sorted(set(gold)):
        right = sum(g == f == label for g, f in pairs)
        named = sum(f == label for _, f in pairs)
        scores.append(evaluation.f1(right, named, gold.count(label))[2])
    return sum(scores) / len(scores)


def predictions(articles: list[Article], labels: dict[str, str]) -> list[str]:
    """Return the label of each article, `none` where no topic of its is mapped."""
    found = []
    for values in TopicEnricher(Settings()).enrich(articles):
        topics = [] if isinstance(values, Skipped) else values["topics"]
        codes = [topic.code[7:9] for topic in topics if topic.parent is None]
        found.append(next((labels[code] for code in codes if code in labels), "none"))
    return found


def supervised(texts: list[str], gold: list[str]) -> float:
    """Return the macro F1 on the odd rows of a model trained on the even ones."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression(C=10))
    model.fit(texts[::2], gold[::2])
    return macro_f1(gold[1::2], list(model.predict(texts[1::2])))


def main() -> None:
    """Print the figures."""
    print(machine())
    for name, labels in (("bbc", BBC), ("agnews", AG)):
        rows = evaluation.rows(f"topics_{name}_dev")
        articles = [
            Article(id=str(row["id"]), title=row["title"], text=row["text"]) for row in rows
        ]
        gold = [row["label"] for row in rows]
        started = time.perf_counter()
        found = predictions(articles, labels)
        rate = len(rows) / (time.perf_counter() - started)
        print(f"\n{name}: {len(rows)} articles, macro F1")
        print(
            f"  Copydesk, trained on neither  {macro_f1(gold, found):.3f}   {rate:,.0f} articles/s"
        )
        print(f"  without a mapped topic        {found.count('none') / len(found):.1%}")
        if installed("sklearn"):
            texts = [f"{row['title']}\n{row['text']}" for row in rows]
            print(f"  TF-IDF + LR, trained on half  {supervised(texts, gold):.3f}")
        else:
            print("  scikit-learn is not installed")


if __name__ == "__main__":
    main()
