"""What an outlet tells of its own authors below a story."""

import re
from collections.abc import Sequence

from worker.cleaning.pieces import Piece
from worker.cleaning.render import NOT_IN_TEXT

LAST = 3
"""Paragraphs at the end of a story that may be about its author."""
MOST_WORDS, LABEL = 80, 4
"""Words of such a paragraph, and of a label over it, at most."""
# "Ida Brandt | is the harbour editor.", "Ida Brandt, | who lives in Oslo, | writes on ferries."
_IS = re.compile(
    r"(?:,[^.,]{2,60},)?\s(?:is|was|has|covers|writes|reports|joined|works|lives|ist|schreibt|arbeitet|est|écrit|es|é|è"
    r"|scrive|är|er|skriver|werkt|schrijft)\s"
)


def leave_out(pieces: Sequence[Piece], authors: Sequence[str]) -> None:
    """Mark the paragraphs at the end that tell who the author is, and a label over them, as bylines."""
    names = tuple(name for name in authors if " " in name)
    if not names:
        return
    kept = [piece for piece in pieces if piece.reason is None and piece.kind not in NOT_IN_TEXT]
    for place in range(max(1, len(kept) - LAST), len(kept)):
        piece, before = kept[place], kept[place - 1]
        if piece.words > MOST_WORDS or not piece.text.startswith(names):
            continue
        if any(piece.text.startswith(name) and _IS.match(piece.text, len(name)) for name in names):
            piece.reason = "byline"
            if before.reason is None and before.words <= LABEL and before.text[-1] not in '.!?”"':
                before.reason = "byline"
