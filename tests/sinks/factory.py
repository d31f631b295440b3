"""Articles for the tests of sinks and formats, and what a store holds of them."""

from typing import Any

import sqlalchemy as sa

from worker.articles import Article, Language
from worker.outcomes import Outcome
from worker.sinks.base import Delivery
from worker.sinks.database import articles, connect


def article(article_id: str = "a1", **fields: Any) -> Article:
    """An article with a text; `fields` replace what is not to the test's liking."""
    given: dict[str, Any] = {
        "title": "Ferry returns to the Tamar",
        "url": f"https://herald.example/{article_id}",
        "source": "herald.example",
        "text": "The ferry came back on Monday.",
        "paragraphs": ["The ferry came back on Monday."],
        "word_count": 6,
        "content_hash": f"hash-{article_id}",
        "language": Language(code="en", confidence=1.0),
    }
    return Article(id=article_id, **(given | fields))


def delivery(article_id: str = "a1", **fields: Any) -> Delivery:
    """The same, ready for a sink."""
    return Delivery.of(article(article_id, **fields))


def copy_of(canonical: str, article_id: str, **fields: Any) -> Delivery:
    """A record of a copy of `canonical`."""
    return delivery(
        article_id, status=Outcome.DUPLICATE, duplicate_of=canonical, similarity=1.0, **fields
    )


def rows(url: str, *columns: sa.Column) -> list[tuple]:
    """What the table holds, in the order of storing."""
    engine = connect(url, write=False)
    with engine.connect() as connection:
        found = [
            tuple(row)
            for row in connection.execute(sa.select(*columns).order_by(articles.c.stored_at))
        ]
    engine.dispose()
    return found
