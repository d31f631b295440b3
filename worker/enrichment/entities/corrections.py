"""What a newsroom knows and a small model does not: rules that put its spans right.

English only. Each rule looks at the words of a name or right around it; none knows any one name.
Countries, regions and towns come from the gazetteer.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from worker.enrichment.entities.announced import worded
from worker.enrichment.entities.cues import Cues
from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import (
    CAPITALISED,
    DATE,
    HEAD_WORDS,
    INITIALS,
    LEADING,
    LINE_END,
    LIST,
    LONGEST_LINK,
    OFFICE,
    OWNER,
    OWNS,
    PARTICLE,
    TRAILING,
    WITHIN,
)
from worker.enrichment.entities.placing import Places, is_addressed, words_of_full_names
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.unlikely import unlikely
from worker.enrichment.entities.wellknown import well_known
from worker.enrichment.places.gazetteer import Gazetteer
from worker.enrichment.remembered import Remembered


class Corrector:
    """Applies the rules to the spans of one text."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._places = Places(gazetteer)
        self._cues = Cues(self._places)
        self._rules: tuple[Callable[[Draft], None], ...] = (
            trimmed,
            owned,
            offices,
            joined,
            worded,
            self._places.place,
            lists,
            well_known,
            self._cues.heed,
            initials,
            unlikely,
            repeated,
            shortened,
            self.consistent,
            self._cues.complete,
            trimmed,
        )

    def correct(self, draft: Draft) -> None:
        """Put the draft's spans right, in place."""
        for rule in self._rules:
            rule(draft)

    def consistent(self, draft: Draft) -> None:
        """Give the same words one label, that of most of their mentions, and surnames a person."""
        text = draft.text
        labels: dict[str, set[Label]] = {}
        for start, end, label, _ in draft.spans:
            labels.setdefault(text[start:end], set()).add(label)
        people = {words for words in _surnames(draft) if labels.get(words, _PERSON) != _PERSON}
        mixed = {words for words, given in labels.items() if len(given) > 1}
        if not people and not mixed:
            return
        votes: dict[str, Counter[Label]] = {words: Counter() for words in mixed}
        for one in draft.spans:
            if (words := draft.cut(one)) in mixed:
                votes[words][one.label] += 1
        settled = {words: self._elected(words, counts) for words, counts in votes.items()}
        settled |= dict.fromkeys((one for one in people if not self._places.is_area(one)), "person")
        for one in draft:
            label = settled.get(draft.cut(one), one.label)
            if label != one.label:
                draft.relabel(one, label)

    def _elected(self, words: str, votes: Counter[Label]) -> Label:
        """Return the label of most votes; of those with as many a known place, else the first told."""
        most = max(votes.values())
        if votes["place"] == most and self._places.is_known(words):
            return "place"
        return next(label for label, count in votes.items() if count == most)


_PERSON: set[Label] = {"person"}


def owned(draft: Draft) -> None:
    """Part a person from what is theirs: "Brandt’s Harbour Trust", where the text names an Ida Brandt."""
    text = draft.text
    holding = [one for one in draft.spans if OWNS.search(text, one.start, one.end)]
    surnames = _surnames(draft) if holding else set()
    for one in holding:
        match = OWNER.match(text, one.start, one.end)
        if match is None or not (
            match[1].rsplit(None, 1)[-1] in surnames or (one.label == "person" and " " in match[1])
        ):
            continue
        draft.put(one.start, match.end(1), "person")
        if one.label == "organisation" and not DATE.match(text, match.end(), one.end):
            draft.put(match.end(), one.end, one.label)


def joined(draft: Draft) -> None:
    """Join the halves of a Romance name: "Teatro | do | Fundo", "Cais | do Sodré"."""
    text = draft.text
    for one in [one for one in draft.spans if text.startswith(" d", one.end)]:
        particle = PARTICLE.match(text, one.end)
        word = CAPITALISED.match(text, particle.end()) if particle else None
        if word:
            behind = draft.over(word.start(), word.start() + 1)
            draft.put(one.start, behind[0].end if behind else word.end(), one.label)


def _surnames(draft: Draft) -> set[str]:
    text = draft.text
    names = {text[start:end] for start, end, label, _ in draft.spans if label == "person"}
    return {name.rsplit(None, 1)[-1] for name in names if " " in name}


def trimmed(draft: Draft) -> None:
    """Take "the", possessives, stops and joining words off the ends of names; drop what is none."""
    text = draft.text
    spans = []
    for one in draft.spans:
        core = _CORES[text[one.start : one.end]]
        if core is None:
            spans.append(one)
        elif core[0] < core[1]:
            spans.append(Named(one.start + core[0], one.start + core[1], one.label))
    draft.spans = spans


def offices(draft: Draft) -> None:
    """Leave out what an office is of: "State" of "Secretary of State Ana Ruiz" is no organisation."""
    draft.spans = [
        one
        for one in draft.spans
        if one.label == "place" or not OFFICE.search(draft.text, max(0, one.start - 16), one.start)
    ]


def _core(words: str) -> tuple[int, int] | None:
    r"""Return where the name itself begins and ends in a span's words, None if they are all of it.

    Words without a capital are no name: the span is left empty. No name goes on in the next line, as of
    a list or behind a heading: of "Ferry News\n\nYesterday" the first line is kept.
    """
    if words.islower():
        return (0, 0)
    lead = LEADING.match(words)
    start, whole = (lead.end() if lead else 0), len(words)
    if line_end := LINE_END.search(words, start):
        words = words[: line_end.start()]
    tail = TRAILING.search(words)
    end = tail.start() if tail else len(words)
    if words.endswith(("s'", "s’")):
        end = len(words) - 1
    return None if (start, end) == (0, whole) else (start, end)


_CORES = Remembered(_core)


def initials(draft: Draft) -> None:
    """Give initials in brackets the label of the name before them."""
    text = draft.text
    known: dict[str, Label] = {}
    for one in draft if "(" in text else ():
        match = INITIALS.match(text, one.end)
        if match and one.label != "place" and (one.label != "person" or _stands_for_name(match[1])):
            known[match[1]] = one.label
            draft.put(*match.span(1), one.label)
    for one in draft if known else ():
        label = known.get(draft.cut(one))
        if label and one.label != label:
            draft.relabel(one, label)


def _stands_for_name(short: str) -> bool:
    """Whether what stands in brackets behind a person can be initials: "(AOC)", not "(Ky.)" or "(Labour)"."""
    return short.isupper() and short.isalpha()


def repeated(draft: Draft) -> None:
    """Find the surnames and initials of what is named in full elsewhere."""
    text = draft.text
    known: dict[str, Label] = {}
    for start, end, label, _ in draft.spans:
        words = text[start:end]
        if label == "person" and " " in words:
            known[words.rsplit(None, 1)[-1]] = "person"
        elif label == "organisation" and words.isupper() and " " not in words:
            known[words] = "organisation"
    for word, label in known.items():
        if len(word) <= 2:
            continue
        new = [
            span
            for span in _spans_of(text, word)
            if not draft.over(*span) and _is_whole(text, *span)
        ]
        # "Young", "Price": a word of the text is no surname.
        if new and (label != "person" or not _has_word(text, word.lower())):
            for span in new:
                draft.put(*span, label)


def shortened(draft: Draft) -> None:
    """Give the first word of an organisation its label: "Brandt" is no person beside "Brandt Group" alone."""
    firsts = set()
    for one in draft.spans:
        if one.label == "organisation" and " " in (name := draft.cut(one)):
            first, *behind = name.split()
            if not HEAD_WORDS.isdisjoint(behind):
                firsts.add(first)
    if not firsts:
        return
    firsts -= words_of_full_names(draft)
    for one in draft:
        if one.label == "person" and draft.cut(one) in firsts and not is_addressed(draft, one):
            draft.relabel(one, "organisation")


def _spans_of(text: str, word: str) -> Iterator[tuple[int, int]]:
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + 1)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether `CAPITALISED` finds just this in the text: "Orr" of "co-Orr’s", not of "Al-Orr"."""
    low = start
    while low and (text[low - 1].isalnum() or text[low - 1] in WITHIN):
        low -= 1
    found = CAPITALISED.search(text, low)
    while found and found.end() <= start:
        found = CAPITALISED.search(text, found.end())
    return found is not None and found.span() == (start, end)


def _has_word(text: str, word: str) -> bool:
    # A pattern for each surname takes long to make, and hardly one is a word of the text.
    return word in text and re.search(rf"\b{re.escape(word)}\b", text) is not None


def lists(draft: Draft) -> None:
    """Give the members of a list the label that most of them have."""
    run: list[Named] = []
    for one in [*draft, None]:
        if (
            one
            and run
            and one.start - run[-1].end <= LONGEST_LINK
            and LIST.fullmatch(draft.text, run[-1].end, one.start)
        ):
            run.append(one)
            continue
        if len(run) >= 3:
            (label, count), *_ = Counter(member.label for member in run).most_common()
            if count * 3 >= len(run) * 2 and label != "other":
                for member in run:
                    if member.label != label and member.tag != "NORP":
                        draft.relabel(member, label)
        run = [one] if one else []
