"""What single words announce: organisations, people after their titles, elections."""

import re
from collections.abc import Iterator

from worker.enrichment.entities.named import Draft
from worker.enrichment.entities.patterns import (
    ANNOUNCING,
    BEFORE_HEAD,
    BEHIND_HEAD,
    ELECTION,
    FUNCTION,
    HEAD_WORDS,
    JOINING,
    REACH,
    ROLE_WORDS,
    TITLED,
    WITHIN,
    WORD,
    YEARS,
)


def worded(draft: Draft) -> None:
    """Find organisations, people and elections by the words that announce them."""
    text = draft.text
    announced = sorted(
        (start, word)
        for word in ANNOUNCING.intersection(WORD.findall(text))
        for start in _occurrences(text, word)
    )
    for start, word in announced:
        if word in HEAD_WORDS:
            _organisation(draft, start, start + len(word))
    for start, word in announced:
        if word in ROLE_WORDS and (name := TITLED.match(text, start + len(word))):
            _person(draft, name)
    for start, word in announced:
        if word in YEARS and (event := ELECTION.match(text, start)):
            # The country in the name of an election is not a mention of a place.
            draft.put(*event.span(), "other")


def _occurrences(text: str, word: str) -> Iterator[int]:
    """Yield where a word begins, as `WORD` would find it: "chief" in "-chief", but not in "co-chief"."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        low = start
        while low and text[low - 1] in WITHIN:
            low -= 1
        goes_on = text[end : end + 1]
        if not text[max(0, low - 1) : low].isalnum() and not (
            goes_on and (goes_on.isalnum() or goes_on in WITHIN)
        ):
            yield start
        start = text.find(word, end)


def _organisation(draft: Draft, start: int, end: int) -> None:
    """Name the whole organisation that a word such as "Council" is part of."""
    text = draft.text
    low = max(0, start - REACH, text.rfind("\n", 0, start) + 1)
    before = BEFORE_HEAD.search(text, _lead(text, low, start), start)
    behind = BEHIND_HEAD.match(text, end)
    first = before.start() if before else start
    last = behind.end() if behind else end
    if first == start and last <= end + 1:
        return
    while text[last - 1] in " .’'":
        last -= 1
    draft.put(first, last, "organisation")


def _lead(text: str, low: int, start: int) -> int:
    """Return where `BEFORE_HEAD` can begin at the earliest: no match crosses the word before."""
    blank = text.rfind(" ", low, start - 1) if start else -1
    while blank >= low and (text[blank + 1].isupper() or text.startswith(JOINING, blank + 1)):
        blank = text.rfind(" ", low, blank)
    return max(low, blank + 1)


def _person(draft: Draft, name: "re.Match[str]") -> None:
    """Call a name after a title or a role a person."""
    start, end = name.span(1)
    words = name[1].split()
    if FUNCTION.match(words[0]) or words[-1] in HEAD_WORDS:
        return
    over = draft.over(start, end)
    if any(one.label == "organisation" and one.end > end for one in over):
        return
    if len(words) == 1 and (not over or over[0].label in {"place", "other"}):
        return
    if all(one.label != "person" for one in over):
        draft.put(start, end, "person")
