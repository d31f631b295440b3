"""What a recogniser returns."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

Label = Literal["person", "organisation", "place", "other"]

LABELS: dict[str, Label] = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "other",
    "EVENT": "other",
    "LAW": "other",
    "PRODUCT": "other",
    "WORK_OF_ART": "other",
    "LANGUAGE": "other",
    "MISC": "other",
}
"""Our label for each label of the models (OntoNotes, CoNLL). Numbers, dates and amounts are not entities."""


class Span(NamedTuple):
    """A part of a text and the model's own label; offsets in code points, `end` exclusive."""

    start: int
    end: int
    tag: str


class Recogniser(Protocol):
    """Finds named entities in texts of one language."""

    version: str

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text, in order and without overlaps."""
        ...
