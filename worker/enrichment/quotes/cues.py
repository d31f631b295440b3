"""Words that say that somebody speaks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from worker.enrichment.wholewords import whole

WORD = re.compile(r"[A-Za-z]+")
# Cues of several words: "according to", "pointed out", "went on to say"
PHRASES = re.compile(whole([
    "According to", "according to", "In the words of", "in the words of", "pointed out",
    "pointing out", "points out", "made clear", "went on to say",
]))  # fmt: skip


def _read() -> dict[str, frozenset[str]]:
    words: dict[str, list[str]] = {}
    section = ""
    for line in (files("worker.enrichment.quotes") / "cues.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif not line.startswith("#"):
            words.setdefault(section, []).extend(line.split())
    return {name: frozenset(listed) for name, listed in words.items()}


_WORDS = _read()
SAYING = _WORDS["strong"] | _WORDS["weak"]
PARTICIPLES = frozenset(word for word in SAYING if word.endswith("ing"))
"""Their subject is that of the whole sentence: "Ortega met the miners, calling them …"."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of saying, where it stands."""

    word: str
    start: int
    end: int

    @property
    def is_strong(self) -> bool:
        """Whether it hardly ever does without words of somebody's."""
        return self.word in _WORDS["strong"] or " " in self.word

    @property
    def is_source(self) -> bool:
        """Whether the speaker stands behind it: "according to the mayor"."""
        return self.word.endswith((" to", " of"))


def cues(masked: str, start: int, end: int) -> Iterator[Cue]:
    """Yield the cues of a stretch; case counts, for cues stand inside sentences."""
    for match in PHRASES.finditer(masked, start, end):
        yield Cue(match[0], *match.span())
    for match in WORD.finditer(masked, start, end):
        if match[0] in SAYING:
            yield Cue(match[0], *match.span())
