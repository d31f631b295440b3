"""What a newsroom knows and a small model does not: rules that put its spans right.

English only. Each rule looks at the words of a name or right around it; none knows any one name.
Countries, regions and towns come from the gazetteer.
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from worker.enrichment.dateline import find_dateline
from worker.enrichment.entities.announced import worded
from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import (
    ARTICLE,
    BEHIND_TOWN,
    CAPITALISED,
    INITIALS,
    INTO_PLACE,
    LEADING,
    LIST,
    LONGEST_LINK,
    OFFICE,
    QUALIFIED,
    TRAILING,
    UNNAMED_PLACE,
    WITHIN,
)
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.titles import HONORIFIC
from worker.enrichment.places.gazetteer import COUNTRY, REGION, Gazetteer
from worker.enrichment.remembered import Remembered


class Corrector:
    """Applies the rules to the spans of one text."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known = Remembered(self._look_up)
        self._rules: tuple[Callable[[Draft], None], ...] = (
            trimmed,
            offices,
            worded,
            self.places,
            lists,
            initials,
            repeated,
            self.consistent,
            trimmed,
        )

    def correct(self, draft: Draft) -> None:
        """Put the draft's spans right, in place."""
        for rule in self._rules:
            rule(draft)

    def places(self, draft: Draft) -> None:
        """Call a place what stands where places stand and has a place's name."""
        dateline = find_dateline(draft.text)
        if dateline and dateline.place:
            name = dateline.place.split(",")[0]
            if self._known[name]:
                draft.put(dateline.start, dateline.start + len(name), "place")
        for match in UNNAMED_PLACE.finditer(draft.text):
            start, end = match.span(1)
            end = start + len(match[1].rstrip(".,'’-"))
            if draft.over(start, end):
                continue
            known = self._known[draft.text[start:end]]
            if known and known.people >= 5_000:
                draft.put(start, end, "place")
        full_names = _words_of_full_names(draft)
        for one in draft:
            known = None if one.label == "place" else self._known[draft.cut(one)]
            if known and (
                _is_town_unintroduced(draft, one, known, full_names)
                or self._is_place(draft, one, known)
                or (one.label == "person" and known.is_area)
            ):
                draft.relabel(one, "place")

    def _is_place(self, draft: Draft, one: Named, known: "PlaceName") -> bool:
        name = draft.cut(one)
        if one.label == "other" and one.tag != "NORP" and " " in name:
            return False
        if known.is_country_or_region and one.label != "person":
            return True
        if one.label == "organisation" and name.isupper() and len(name) < 5:
            return False
        qualified = QUALIFIED.match(draft.text, one.end)
        if qualified and self._is_area(qualified[1]):
            return True
        if BEHIND_TOWN.match(draft.text, one.end):
            return known.people >= 1_000
        before = draft.text[max(0, one.start - 24) : one.start]
        if INTO_PLACE.search(before):
            return known.people >= 1_000
        return known.people >= 100_000 and one.label != "person"

    def _is_area(self, name: str) -> bool:
        known = self._known[name]
        return known is not None and known.is_area

    def _look_up(self, name: str) -> "PlaceName | None":
        found = self._gazetteer.named(name)
        if not found:
            return None
        return PlaceName(
            people=max(place.population for place in found),
            is_country_or_region=any(place.kind in {COUNTRY, REGION} for place in found),
            is_area=any(
                place.kind == COUNTRY or (place.kind == REGION and place.population > 300_000)
                for place in found[:4]
            ),
        )

    def consistent(self, draft: Draft) -> None:
        """Give the same words the label that most of their mentions have, and surnames a person."""
        text = draft.text
        labels: dict[str, set[Label]] = {}
        for start, end, label, _ in draft.spans:
            labels.setdefault(text[start:end], set()).add(label)
        surnames = _surnames(draft)
        people = {words for words in surnames if labels.get(words, _PERSON) != _PERSON}
        mixed = {words for words, given in labels.items() if len(given) > 1}
        if not people and not mixed:
            return
        votes = Counter((draft.cut(one), one.label) for one in draft)
        for one in draft:
            words = draft.cut(one)
            if words in people and one.label != "person" and not self._is_area(words):
                draft.relabel(one, "person")
            elif words in mixed:
                counts = Counter({label: votes[words, label] for label in labels[words]})
                (first, count), (_, second) = counts.most_common(2)
                if count > second and one.label != first:
                    draft.relabel(one, first)


_PERSON: set[Label] = {"person"}


def _surnames(draft: Draft) -> set[str]:
    text = draft.text
    names = {text[start:end] for start, end, label, _ in draft.spans if label == "person"}
    return {name.rsplit(None, 1)[-1] for name in names if " " in name}


class PlaceName(NamedTuple):
    """What the gazetteer says of a name."""

    people: int
    """How many live in the largest place of that name."""
    is_country_or_region: bool
    is_area: bool
    """It names a country, or a region of some size."""


def _words_of_full_names(draft: Draft) -> set[str]:
    text = draft.text
    names = {text[start:end] for start, end, label, _ in draft.spans if label == "person"}
    return {word for name in names if len(words := name.split()) > 1 for word in words}


def _is_town_unintroduced(
    draft: Draft, one: Named, known: PlaceName, full_names: Container[str]
) -> bool:
    """Whether a "person" of one word is a town: articles introduce people by their full name."""
    name = draft.cut(one)
    return (
        one.label == "person"
        and " " not in name
        and name not in full_names
        and len(draft.text) >= ARTICLE
        and not HONORIFIC.search(draft.text, max(0, one.start - 8), one.start)
        and known.people >= 5_000
    )


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
    """Return where the name itself begins and ends in a span's words, None if they are all of it.

    Words without a capital are no name: the span is left empty.
    """
    if words.islower():
        return (0, 0)
    lead = LEADING.match(words)
    tail = TRAILING.search(words)
    end = tail.start() if tail else len(words)
    if words.endswith(("s'", "s’")):
        end = len(words) - 1
    core = (lead.end() if lead else 0, end)
    return None if core == (0, len(words)) else core


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
