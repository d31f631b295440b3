"""The box of the story in a whole page, and the parts of the story outside it."""

from collections.abc import Iterator
from itertools import islice

from worker.cleaning import marks
from worker.cleaning.judge import condemned
from worker.cleaning.letters import letters
from worker.cleaning.lines import is_prose
from worker.cleaning.pieces import Box, Piece, Walk

DOMINANT = 0.75
"""A child box with this share of its parent's prose is the better choice."""
NEARLY_ALL = 0.97
"""The same if the parent is marked as the body of the article."""
LEADING = 0.35
"""The share with which a box is chosen only for its name or its headline."""
_TEXT_TAGS = frozenset({"p", "li", "ul", "ol", "blockquote", "table", "tr", "td", "dl", "dd"})


def story(found: Walk, descriptions: list[str]) -> list[Piece]:
    """Return the pieces of the page that may be the story: those in its box, and the standfirst."""
    weights = _weights(found)
    if not weights:
        return found.pieces
    box = _descend(found, weights)
    inside = _inside(found.pieces, box)
    if not inside:
        return found.pieces
    return [*_standfirst(found, inside[0], descriptions), *inside]


def _standfirst(found: Walk, first: Piece, descriptions: list[str]) -> list[Piece]:
    """Return the pieces between the headline and the box that belong to the story."""
    start = next(index for index, piece in enumerate(found.pieces) if piece is first)
    described = {_key(text) for text in descriptions}
    total = found.root.chars
    before: list[Piece] = []
    for piece in reversed(found.pieces[max(0, start - 40) : start]):
        if piece.kind == "heading" and piece.level == 1:
            break
        before.append(piece)
    else:
        before = [piece for piece in before if _key(piece.text) in described]
    taken: list[Piece] = []
    for piece in reversed(before):
        if (
            piece.words < 8
            or piece.linked > 0.3 * len(piece.text)
            or piece.kind not in ("paragraph", "heading")
        ):
            continue
        told = _key(piece.text) in described
        if not told and any(condemned(box, total) for box in piece.box.line()):
            continue
        marked = any(box.marks & marks.SUMMARY for box in islice(piece.box.line(), 3))
        if told or marked or is_prose(piece):
            taken.append(piece)
    return taken


def _key(text: str) -> str:
    return letters(text)[:60]


def _weights(found: Walk) -> dict[Box, float]:
    """Return the amount of prose in each box; condemned boxes do not count."""
    total = found.root.chars or 1
    verdicts: dict[Box, bool] = {}
    weights: dict[Box, float] = {}
    for piece in found.pieces:
        if not is_prose(piece) or piece.kind == "caption":
            continue
        chain = list(piece.box.line())
        bad = False
        for box in reversed(chain):
            if box not in verdicts:
                verdicts[box] = bad or condemned(box, total) is not None
            bad = verdicts[box]
        if bad:
            continue
        weight = float(len(piece.text) - piece.linked)
        if piece.kind == "list":
            weight /= 2  # lists of headlines are long, too
        for box in chain:
            weights[box] = weights.get(box, 0.0) + weight
    return weights


def _descend(found: Walk, weights: dict[Box, float]) -> Box:
    """Descend from the root to the smallest box that still holds most of the prose."""
    children: dict[Box, list[Box]] = {}
    for box in weights:
        if box.parent is not None and box.tag not in _TEXT_TAGS:
            children.setdefault(box.parent, []).append(box)
    titled = _titled(found)
    here = found.root
    while True:
        step = _next(here, children, weights, titled)
        if step is None:
            return here
        here = step


def _next(
    here: Box, children: dict[Box, list[Box]], weights: dict[Box, float], titled: set[Box]
) -> Box | None:
    below = children.get(here)
    if not below:
        return None
    whole = weights[here]
    best = max(below, key=weights.__getitem__)
    enough = DOMINANT if not here.marks & marks.BODY or best.marks & marks.BODY else NEARLY_ALL
    if weights[best] >= enough * whole:
        return best
    if any(box.marks & marks.BODY or box.tag == "article" for box in here.line()):
        return None  # the body in parts, with something between them
    if _in_parts(here, children, weights):
        return None
    leading = [box for box in _under(here, children) if weights[box] >= LEADING * whole]
    named = (box for box in leading if box.tag == "article" or box.marks & marks.BODY)
    return next(named, None) or next((box for box in leading if box in titled), None)


def _in_parts(here: Box, children: dict[Box, list[Box]], weights: dict[Box, float]) -> bool:
    """Whether two or more boxes marked as the body hold most of the prose together."""
    waiting = list(children.get(here, []))
    bodies: list[float] = []
    while waiting:
        box = waiting.pop()
        if box.marks & marks.BODY and box.tag != "article":
            bodies.append(weights[box])
        elif box.tag != "article":  # that would be another story's body
            waiting.extend(children.get(box, []))
    return len(bodies) > 1 and sum(bodies) >= DOMINANT * weights[here]


def _under(here: Box, children: dict[Box, list[Box]]) -> Iterator[Box]:
    """Yield the boxes inside `here` in reading order."""
    waiting = children.get(here, [])[::-1]
    while waiting:
        box = waiting.pop()
        yield box
        waiting.extend(reversed(children.get(box, [])))


def _titled(found: Walk) -> set[Box]:
    """Return the boxes that hold the page's first main heading."""
    for piece in found.pieces:
        if piece.kind == "heading" and piece.level == 1:
            return set(piece.box.line())
    return set()


def _inside(pieces: list[Piece], box: Box) -> list[Piece]:
    known: dict[Box, bool] = {box: True}

    def within(inner: Box) -> bool:
        trail = []
        answer = False
        for step in inner.line():
            if step in known:
                answer = known[step]
                break
            trail.append(step)
        for step in trail:
            known[step] = answer
        return answer

    return [piece for piece in pieces if within(piece.box)]
