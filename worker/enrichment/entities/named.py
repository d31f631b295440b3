"""Named spans while they are being corrected."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from worker.enrichment.entities.spans import LABELS, Label, Span


class Named(NamedTuple):
    """A span with our label. `tag` is the model's own, None if only a rule found the span."""

    start: int
    end: int
    label: Label
    tag: str | None = None


class Draft:
    """The named spans of one text, in order and without overlaps."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self.text = text
        self.spans = [
            Named(one.start, one.end, LABELS[one.tag], one.tag)
            for one in spans
            if one.tag in LABELS
        ]

    def __iter__(self) -> Iterator[Named]:
        return iter(list(self.spans))

    def cut(self, one: Named) -> str:
        """Return the text of a span."""
        return self.text[one.start : one.end]

    def over(self, start: int, end: int) -> list[Named]:
        """Return the spans that overlap [start, end)."""
        return self.spans[self._overlapping(start, end)]

    def put(self, start: int, end: int, label: Label) -> None:
        """Name [start, end) instead of the spans that overlap it; an equal span keeps its tag."""
        overlapping = self._overlapping(start, end)
        tag = None
        for old in self.spans[overlapping]:
            if (old.start, old.end) == (start, end):
                tag = old.tag
        self.spans[overlapping] = [Named(start, end, label, tag)]

    def relabel(self, one: Named, label: Label) -> None:
        """Give a span another label."""
        place = bisect_left(self.spans, one)
        self.spans[place] = Named(one.start, one.end, label, one.tag)

    def _overlapping(self, start: int, end: int) -> slice:
        # A tuple of an offset alone is less than any span that begins there.
        first = bisect_left(self.spans, (start,))
        last = bisect_left(self.spans, (end,), first)
        if first and self.spans[first - 1].end > start:
            first -= 1
        return slice(first, last)
