"""The interface of a sink, and what is delivered to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from worker.articles import Article
from worker.errors import RejectedError
from worker.outcomes import Reason, Stage

if TYPE_CHECKING:  # cleaning takes long to load, and whoever reads the store cleans nothing
    from worker.cleaning.base import Known

BODY = {"text", "paragraphs", "blocks", "html", "links", "removed", "credits"}
"""The fields that hold the body. They are neighbours in `Article`, followed by `word_count`."""
# Writes bytes at once; `model_dump_json` would make a string first.
_JSON = TypeAdapter(Article)
_BEHIND = b',"word_count":'
_NUL = b"\\u0000"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An article and its JSON text, encoded once for all sinks."""

    article: Article
    document: bytes
    """UTF-8 JSON of the article, without line breaks and without the character NUL."""

    @classmethod
    def of(cls, article: Article, known: "Known | None" = None) -> Self:
        """Encode `article`. NUL characters are dropped, because PostgreSQL accepts none.

        With `known`, of an article whose body is as cleaning left it, the body's JSON text is made only once
        for all articles with that body.

        Raises:
            RejectedError: a value of `extra` cannot be written as JSON (nested too deep).
        """
        try:
            if known is not None and known.again:
                document, nul = _around(article, known)
            else:
                document = _JSON.dump_json(article)
                nul = _NUL in document
        except PydanticSerializationError as error:
            message = f"The article cannot be written as JSON: {error}. Look at its field `extra`."
            raise RejectedError(Reason.INVALID_FIELD, message, Stage.DELIVER) from error
        if nul:
            article = Article.model_validate(_without_nul(article.model_dump()))
            document = _JSON.dump_json(article)
        return cls(article, document)


def _around(article: Article, known: "Known") -> tuple[bytes, bool]:
    """Encode everything but the body and insert the body's known JSON; return also whether there is a NUL."""
    if not known.json:
        known.json = _JSON.dump_json(article, include=BODY)[1:-1]
        known.nul = _NUL in known.json
    # It cannot occur earlier: quotes in texts are escaped, and no field before the body has this name.
    before, behind, after = _JSON.dump_json(article, exclude=BODY).partition(_BEHIND)
    document = b"".join((before, b",", known.json, behind, after))
    return document, known.nul or _NUL in before or _NUL in after


class Sink(Protocol):
    """A place to which articles are delivered, each `(id, revision)` once."""

    name: str

    def deliver(self, batch: Sequence[Delivery]) -> Sequence[Delivery] | None:
        """Store the whole batch or nothing; a repeated `(id, revision)` changes nothing.

        The batch holds new articles and updates, and duplicates as records; `status` tells them apart. The
        store returns the batch with the revisions that it assigned, for the sinks after it; others return
        None.

        Raises:
            TransientError: the sink is away or busy; the whole batch may be delivered again.
            RejectedError: it refuses the article for good; only a batch of one raises it.
            BatchRefusedError: it refuses an article of a larger batch; they are then delivered one by one.
        """
        ...

    def ping(self) -> None:
        """Raise TransientError unless the sink answers."""
        ...

    def close(self) -> None:
        """Free connections and flush what is buffered."""
        ...


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
