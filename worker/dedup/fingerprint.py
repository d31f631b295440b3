"""Fingerprint of a text: what is compared instead of the text itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the index keeps of a text."""

    content: bytes
    """Hash of the normalised words of title and body."""
