"""The pictures of a story, with the captions in the same box."""

from collections.abc import Sequence
from itertools import islice

from worker.articles import Image
from worker.cleaning.judge import condemned
from worker.cleaning.pieces import Box, Picture, Piece
from worker.cleaning.render import absolute

MOST = 20
TINY = 60
"""Pixels; a smaller picture is an icon or a tracker."""
NEAR = 3


def pictures_of(
    pictures: Sequence[Picture], pieces: Sequence[Piece], base: str | None
) -> list[Image]:
    """Return the pictures in the boxes of `pieces`, in order, each once."""
    total = sum(len(piece.text) for piece in pieces) or 1
    captions = [piece for piece in pieces if piece.kind == "caption" and piece.reason is None]
    found: dict[str, Image] = {}
    for picture in pictures:
        address = _address(picture, base)
        if address is None or address in found or len(found) >= MOST:
            continue
        if any(condemned(box, total) for box in picture.box.line()):
            continue
        found[address] = Image(url=address, caption=_caption(picture.box, captions))
    return list(found.values())


def _address(picture: Picture, base: str | None) -> str | None:
    element = picture.element
    if any(_small(element.get(side)) for side in ("width", "height")):
        return None
    for name in ("data-src", "data-original", "src"):
        value = (element.get(name) or "").strip()
        if value and not value.startswith("data:"):
            address = absolute(value, base)
            return address if address.startswith(("http://", "https://")) else None
    return None


def _small(length: str | None) -> bool:
    return length is not None and length.isdigit() and int(length) < TINY


def _caption(box: Box, captions: Sequence[Piece]) -> str | None:
    """Return the caption in the smallest box with one, up to three boxes above the picture."""
    for around in islice(box.line(), NEAR):
        for piece in captions:
            if around in piece.box.line():
                return piece.text
    return None
