"""Which pieces are the story, and which are promotion, prompts, navigation and the like."""

from itertools import takewhile

from worker.cleaning import marks
from worker.cleaning.lines import by_text, is_prose
from worker.cleaning.pieces import Box, Piece

STRONG_MARKS = (
    marks.PROMOTION
    | marks.SHARE
    | marks.TAGS
    | marks.BYLINE
    | marks.ADVERT
    | marks.COMMENT
    | marks.NAVIGATION
    | marks.PROMPT
    | marks.HIDDEN
    | marks.INFOBOX
)
_CONDEMNING = STRONG_MARKS | marks.WEAK
LONGEST_CAPTION = 120
"""Words; a longer piece is a story inside a picture's box."""
_BELIEVED = marks.COMMENT | marks.NAVIGATION | marks.HIDDEN
_FRAMES = frozenset(
    {"div", "section", "figure", "span", "article", "header", "center", "td", "aside"}
)
HALF = 0.5
"""Marks for comments, the site's frame and hidden text are believed up to this share of the text."""
MOST_OF_IT = 0.3
"""A box that holds a larger share of the text is not believed, whatever its class says."""
MOST_AT_EDGE = 4
_ENDS = (".", "!", "?", ":", "…", "”", '"', "’", "»", "。", "！", "？", "।", "؟", "۔")
FAR = 5
"""How many boxes up one can still make a piece a caption."""
MUCH_PROSE = 1_200
"""Characters of prose in a box from which its marks are not believed either."""


def judge(pieces: list[Piece], page_chars: int = 0, *, believe: bool = True) -> None:
    """Set `reason` on every piece that is not part of the story, and the kind `caption` on captions.

    `page_chars` is the length of the text of the whole page. Without `believe`, class names and links are
    ignored: this is the second try, if they condemned everything.
    """
    total = max(sum(len(piece.text) for piece in pieces), page_chars, 1)
    verdicts: dict[Box, str | None] = {}
    seen: set[str] = set()
    for piece in pieces:
        if not piece.text[:1].isalnum() and not any(map(str.isalnum, piece.text)):
            piece.reason = "separator"
            continue
        if not believe:
            piece.linked = 0
        piece.reason = _by_box(piece, total, verdicts) if believe else None
        if piece.reason is None and _is_caption(piece, total):
            piece.kind = "caption"
        elif piece.reason is None:
            piece.reason = by_text(piece)
        if piece.reason is None and piece.words > 5:
            if piece.text in seen and piece.text.endswith(_ENDS) and piece.words > 10:
                piece.reason = "repeated"
            seen.add(piece.text)
    _lists(pieces)
    _pull_quotes(pieces)
    _edges(pieces)
    _empty_headings(pieces)


def _by_box(piece: Piece, total: int, verdicts: dict[Box, str | None]) -> str | None:
    if not piece.box.marks_around & _CONDEMNING:
        return None
    chain: list[Box] = []
    verdict: str | None = None
    for box in piece.box.line():
        if box in verdicts:
            verdict = verdicts[box]
            break
        chain.append(box)
    for box in reversed(chain):
        verdict = verdict or condemned(box, total)
        verdicts[box] = verdict
    return verdict


def condemned(box: Box, total: int) -> str | None:
    """Return why everything in `box` is removed, or None."""
    bits = box.marks
    strong = bits & STRONG_MARKS
    if bits & marks.EMBED:
        strong &= ~marks.SHARE
    share = box.chars / total
    if strong & _BELIEVED and share < HALF:
        return marks.REASONS[strong & _BELIEVED & -(strong & _BELIEVED)]
    if bits & marks.BODY or share > MOST_OF_IT:
        return None
    if strong and box.prose < MUCH_PROSE:
        return marks.REASONS[strong & -strong]
    if bits & marks.WEAK and (box.linked > 0.2 * box.chars or not box.prose):
        return marks.REASONS[marks.WEAK]
    return None


def _is_caption(piece: Piece, total: int) -> bool:
    if piece.kind == "caption":
        return True
    if piece.words > LONGEST_CAPTION:
        return False
    box: Box | None = piece.box
    steps = 0
    while box is not None and steps < FAR and box.chars <= 0.25 * total:
        if box.marks & marks.CAPTION or _frames_a_picture(box):
            return True
        if box.marks & marks.FIGURE and piece.kind not in ("quote", "table", "code"):
            return True
        box, steps = box.parent, steps + 1
    return False


def _frames_a_picture(box: Box) -> bool:
    """Whether a box holds just a picture and a line or two, and so must be the picture's frame."""
    return 0 < box.pictures < 3 and box.chars <= 350 and box.pieces <= 3 and box.tag in _FRAMES


def _pull_quotes(pieces: list[Piece]) -> None:
    """Remove quotes that also appear word for word in a paragraph: they are decoration."""
    quotes = [piece for piece in pieces if piece.kind == "quote" and piece.reason is None]
    if not quotes:
        return
    told = [
        _letters(piece.text) for piece in pieces if piece.reason is None and piece.kind != "quote"
    ]
    for quote in quotes:
        words = _letters(quote.text)
        if len(words) > 20 and any(words in text for text in told):
            quote.reason = "repeated"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _lists(pieces: list[Piece]) -> None:
    """Remove lists whose items consist mostly of links: they are not part of the story."""
    groups: dict[Box, list[Piece]] = {}
    for piece in pieces:
        if piece.group is not None and piece.reason is None:
            groups.setdefault(piece.group, []).append(piece)
    for group, items in groups.items():
        length = sum(len(item.text) for item in items)
        teasers = sum(
            bool(item.runs[0].href) and item.linked > 0.15 * len(item.text) for item in items
        )
        if sum(item.linked for item in items) > 0.7 * length or (
            group.tag == "ul" and 2 < len(items) == teasers
        ):
            for item in items:
                item.reason = "promotion"


def _edges(pieces: list[Piece]) -> None:
    """Remove short lines without a full stop before the first and after the last sentence."""
    kept = [piece for piece in pieces if piece.reason is None and piece.kind != "caption"]
    if not any(is_prose(piece) for piece in kept):
        return
    for order in (kept, kept[::-1]):
        edge = list(takewhile(lambda piece: not is_prose(piece), order))
        if len(edge) > MOST_AT_EDGE:
            continue  # results, price lists, recipes: the story itself consists of short lines
        for piece in edge:
            if piece.kind == "paragraph" and piece.words < 8 and not piece.text.endswith(_ENDS):
                piece.reason = "furniture"


def _empty_headings(pieces: list[Piece]) -> None:
    """Remove headings whose whole section was removed."""
    pending: Piece | None = None
    removed_after: str | None = None
    for piece in [*pieces, None]:
        if piece is None or piece.kind == "heading":
            if pending is not None and (removed_after or piece is None):
                pending.reason = removed_after or "promotion"
            pending = piece if piece is not None and piece.reason is None else None
            removed_after = None
        elif piece.reason is None:
            pending = None
        elif piece.reason != "separator" and pending is not None:
            removed_after = removed_after or piece.reason
