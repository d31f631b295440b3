"""Where the quotation marks of a text open and close."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

OPEN_DOUBLE, CLOSE_DOUBLE, STRAIGHT = "“", "”", '"'
DOUBLE = re.compile(r"[“”\"]")
PARAGRAPH = re.compile(r"[^\n]+")
# ‘ or ' that opens a quotation in single marks: behind a blank, before a letter: said: ‘We
SINGLE_OPEN = re.compile(r"(?:(?<=[\s(\[—–:,])|(?<=^))[‘'](?=[A-Za-z0-9])")
# ’ or ' that closes one: behind a stop or word, before a blank or stop: it.’ / it’,
SINGLE_CLOSE = re.compile(r"[’'](?=[\s.,;:!?)\]—–]|$)")


@dataclass(slots=True)
class Quotation:
    """A stretch between quotation marks; offsets are those of the words, without the marks.

    `parts` are its stretches a paragraph each, where a quotation runs over several.
    """

    start: int
    end: int
    parts: list[tuple[int, int]] = field(default_factory=list)


def quotations(text: str) -> list[Quotation]:
    """Return the outermost quotations, in order.

    Double marks count where the text has any, single ones elsewhere (as British papers set them).
    A quotation that a paragraph leaves open and the next one opens again is one quotation; one
    that is left open for another reason ends with its paragraph.
    """
    single = DOUBLE.search(text) is None
    if single and SINGLE_OPEN.search(text) is None:
        return []
    odd = text.count(STRAIGHT) % 2 == 1  # then one of them may stand for inches
    found: list[Quotation] = []
    still_open = False
    for paragraph in PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        pairs = _single_pairs(text, start, end) if single else _double_pairs(text, start, end, odd)
        for opened, closed, is_closed in pairs:
            if still_open and found and not text[start:opened].strip("“”\"'‘ \t"):
                found[-1].end = closed
                found[-1].parts.append((opened, closed))
            else:
                found.append(Quotation(opened, closed, [(opened, closed)]))
            still_open = not is_closed
    return [one for one in found if text[one.start : one.end].strip()]


def _double_pairs(text: str, start: int, end: int, odd: bool) -> Iterator[tuple[int, int, bool]]:
    """Yield (first, last + 1, whether it is closed) of the words inside each pair of marks."""
    opened: int | None = None
    depth = 0
    for mark in DOUBLE.finditer(text, start, end):
        position, char = mark.start(), mark[0]
        if char == OPEN_DOUBLE:
            if opened is None:
                opened = position + 1
            else:
                depth += 1
        elif char == CLOSE_DOUBLE:
            if depth:
                depth -= 1
            elif opened is not None:
                yield opened, position, True
                opened = None
        elif char == STRAIGHT and not _is_inches(text, position, odd=odd, opens=opened is None):
            if opened is None:
                opened = position + 1
            else:
                yield opened, position, True
                opened, depth = None, 0
    if opened is not None:
        yield opened, end, False


def _is_inches(text: str, position: int, *, odd: bool, opens: bool) -> bool:
    """Whether a straight mark stands for inches: a 12" record. No quotation opens behind a digit."""
    before, after = text[max(0, position - 1) : position], text[position + 1 : position + 2]
    return before.isdigit() and (opens or (odd and (after == " " or after.isalpha())))


def _single_pairs(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    position = start
    while (opening := SINGLE_OPEN.search(text, position, end)) is not None:
        first = opening.end()
        closing = SINGLE_CLOSE.search(text, first, end)
        # "the workers’ union" closes nothing: a mark behind a stop is surer than one behind an s.
        while closing is not None and text[closing.start() - 1] == "s":
            later = SINGLE_CLOSE.search(text, closing.end(), end)
            if later is None:
                break
            closing = later
        if closing is None:
            return
        yield first, closing.start(), True
        position = closing.end()
