"""Named spans while they are being corrected."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from worker.enrichment.entities.spans import LABELS, Label, Span


class Named(NamedTuple):
    """A span with our label; `tag` is the model's own, None where only a rule found it."""

    start: int
    end: int
    label: Label
    tag: str | None = None


class Draft:
    """The named spans of one text, in order, none overlapping."""

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
        """Return the spans that overlap a stretch."""
        before: tuple[int, ...] = (start,)  # less than any span that begins there
        index = max(0, bisect_left(self.spans, before) - 1)
        found = []
        while index < len(self.spans) and self.spans[index].start < end:
            if self.spans[index].end > start:
                found.append(self.spans[index])
            index += 1
        return found

    def put(self, start: int, end: int, label: Label) -> None:
        """Name a stretch; spans that it overlaps give way, the model's tag stays if one did agree."""
        tag = None
        for old in self.over(start, end):
            if (old.start, old.end) == (start, end):
                tag = old.tag
            self.spans.remove(old)
        insort(self.spans, Named(start, end, label, tag))

    def relabel(self, one: Named, label: Label) -> None:
        """Give a span another label."""
        self.spans[self.spans.index(one)] = one._replace(label=label)

    def drop(self, one: Named) -> None:
        """Take a span out."""
        self.spans.remove(one)
