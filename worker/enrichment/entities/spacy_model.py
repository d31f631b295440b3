"""A spaCy model run by spaCy: the reference, and the way to run models of another architecture."""

from collections.abc import Iterator, Sequence
from typing import Any

import spacy
from spacy.language import Language
from thinc.api import NumpyOps
from threadpoolctl import ThreadpoolController

from worker.enrichment.entities.spans import Span
from worker.enrichment.registry import model_missing
from worker.errors import ConfigurationError


def load(package: str) -> Language:
    """Load a model package with only what its `ner` needs.

    Raises:
        ConfigurationError: the package is not installed, or has no `ner`.
    """
    try:
        nlp = spacy.load(package)
    except OSError as error:
        raise model_missing(package) from error
    if "ner" not in nlp.pipe_names:
        raise ConfigurationError(f"The spaCy model {package!r} has no `ner`; it finds no entities.")
    needed = {"ner", "tok2vec"} if _listens(nlp) else {"ner"}
    for name in set(nlp.pipe_names) - needed:
        nlp.remove_pipe(name)
    # The wheels of BLIS use a slow generic kernel on many processors; numpy's OpenBLAS does not.
    ops = NumpyOps(use_blis=False)
    for name in needed:
        for node in layers(nlp, name):
            node.ops = ops
    return nlp


def layers(nlp: Language, pipe: str) -> Iterator[Any]:
    """Return the layers of a pipe's model, outermost first."""
    component: Any = nlp.get_pipe(pipe)
    nodes: Iterator[Any] = component.model.walk()
    return nodes


def _listens(nlp: Language) -> bool:
    """Whether `ner` reads the vectors of a `tok2vec` pipe that it shares with others."""
    return any(node.name == "tok2vec-listener" for node in layers(nlp, "ner"))


class SpacyRecogniser:
    """Runs spaCy's own pipeline."""

    def __init__(self, nlp: Language) -> None:
        self.version = f"{nlp.lang}_{nlp.meta['name']} {nlp.meta['version']}, spaCy"
        self._nlp = nlp
        self._threads = ThreadpoolController()

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text."""
        # Each worker process has a core to itself: more threads would only compete.
        with self._threads.limit(limits=1, user_api="blas"):
            return [
                [Span(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
                for doc in self._nlp.pipe(texts)
            ]
