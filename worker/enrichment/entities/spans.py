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
"""Models' own labels (OntoNotes, CoNLL) to ours; numbers, dates and amounts are no entities."""


class Span(NamedTuple):
    """A stretch of text and the model's own label; offsets in code points, end exclusive."""

    start: int
    end: int
    tag: str


class Recogniser(Protocol):
    """Finds named entities in texts of one language."""

    version: str

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Return the spans of each text, in order of appearance, none overlapping."""
        ...
