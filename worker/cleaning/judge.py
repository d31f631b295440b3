"""Which pieces are the story, and which are promotion, prompts, navigation and the like."""

from worker.cleaning import marks
from worker.cleaning.phrases import opening
from worker.cleaning.walk import Box, Piece

CONDEMNING = (
    marks.PROMOTION | marks.SHARE | marks.TAGS | marks.BYLINE | marks.ADVERT | marks.COMMENT
    | marks.NAVIGATION | marks.PROMPT | marks.HIDDEN
)  # fmt: skip
_ENDS = (".", "!", "?", "…", "”", '"', "。", "！", "？", "।", "»", "؟", ")")


def judge(pieces: list[Piece]) -> None:
    """Set `reason` on every piece that is not the story."""
    total = sum(len(piece.text) for piece in pieces) or 1
    verdicts: dict[Box, str | None] = {}
    for piece in pieces:
        if not any(map(str.isalnum, piece.text)):
            piece.reason = "separator"
            continue
        piece.reason = _by_box(piece, total, verdicts) or _by_text(piece)
    _lists(pieces)
    _empty_headings(pieces)


def _by_box(piece: Piece, total: int, verdicts: dict[Box, str | None]) -> str | None:
    chain: list[Box] = []
    verdict: str | None = None
    for box in piece.box.line():
        if box in verdicts:
            verdict = verdicts[box]
            break
        chain.append(box)
    for box in reversed(chain):
        verdict = verdict or _condemned(box, total)
        verdicts[box] = verdict
    return verdict


def _condemned(box: Box, total: int) -> str | None:
    """Return why all in `box` goes, or none; one that holds much of the text is not believed."""
    bits = box.marks & CONDEMNING
    if not bits or box.chars > 0.3 * total or box.marks & marks.BODY:
        return None
    lowest = bits & -bits
    return marks.REASONS[lowest]


def _by_text(piece: Piece) -> str | None:
    if piece.kind == "caption" or piece.box.marks & marks.CAPTION:
        piece.kind = "caption"
        return None
    if piece.words > 60:
        return None
    text = piece.text.casefold().lstrip("»›>|•·-–—*#[(【▶►→ ")
    found = opening(text)
    share = piece.linked / len(piece.text)
    if found:
        reason, end = found
        rest = text[end:].lstrip()
        colon = rest[:1] in (":", "：", "|", "–", "-", ">", "»", "]")
        if not rest.strip(" :.!|>»"):
            return reason if piece.words <= 6 else None
        if reason == "credit":
            return reason
        if colon and piece.words <= 40 and (piece.linked or piece.strong > 0.8 * len(piece.text)):
            return reason
        if share > 0.4 and piece.words <= 40:
            return reason
    if piece.kind == "paragraph" and share > 0.8 and 3 <= piece.words <= 40:
        return "promotion"
    return None


def _lists(pieces: list[Piece]) -> None:
    """A list whose items are nearly all link is a list of links, not a list of the story's."""
    groups: dict[Box, list[Piece]] = {}
    for piece in pieces:
        if piece.group is not None and piece.reason is None:
            groups.setdefault(piece.group, []).append(piece)
    for items in groups.values():
        length = sum(len(item.text) for item in items)
        if sum(item.linked for item in items) > 0.7 * length:
            for item in items:
                item.reason = "promotion"


def _empty_headings(pieces: list[Piece]) -> None:
    """A heading whose whole section was taken out goes with it."""
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
