"""What a newsroom knows and a small model does not: rules that put its spans right.

English only. Each rule looks at the words of a name or right around it; none knows any one name.
Countries, regions and towns come from the gazetteer.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

from worker.enrichment.dateline import find_dateline
from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import (
    ANNOUNCING,
    ARTICLE,
    BEFORE_HEAD,
    BEHIND_HEAD,
    BEHIND_TOWN,
    CAPITALISED,
    ELECTION,
    FUNCTION,
    HEAD_WORDS,
    INITIALS,
    INTO_PLACE,
    LEADING,
    LIST,
    QUALIFIED,
    REACH,
    ROLE_WORDS,
    TITLED,
    TRAILING,
    UNNAMED_PLACE,
    WITHIN,
    WORD,
    YEARS,
)
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.titles import HONORIFIC
from worker.enrichment.places.gazetteer import COUNTRY, REGION, Gazetteer
from worker.enrichment.remembered import Remembered


class Corrector:
    """Applies the rules to the spans of one text."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._rules: tuple[Callable[[Draft], None], ...] = (
            trimmed,
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
            if self._gazetteer.named(name):
                draft.put(dateline.start, dateline.start + len(name), "place")
        for match in UNNAMED_PLACE.finditer(draft.text):
            start, end = match.span(1)
            end = start + len(match[1].rstrip(".,'’-"))
            if not draft.over(start, end) and self._people(draft.text[start:end]) >= 5_000:
                draft.put(start, end, "place")
        people = {word for one in draft if one.label == "person" for word in _full_name(draft, one)}
        for one in draft:
            if one.label != "place" and (
                self._is_town_unintroduced(draft, one, people)
                or self._is_place(draft, one)
                or (one.label == "person" and self._is_area(draft.cut(one)))
            ):
                draft.relabel(one, "place")

    def _is_place(self, draft: Draft, one: Named) -> bool:
        name = draft.cut(one)
        if one.label == "other" and one.tag != "NORP" and " " in name:
            return False
        found = self._gazetteer.named(name)
        if not found:
            return False
        if any(place.kind in {COUNTRY, REGION} for place in found) and one.label != "person":
            return True
        if one.label == "organisation" and name.isupper() and len(name) < 5:
            return False
        qualified = QUALIFIED.match(draft.text, one.end)
        if qualified and self._is_area(qualified[1]):
            return True
        people = max(place.population for place in found)
        if BEHIND_TOWN.match(draft.text, one.end):
            return people >= 1_000
        before = draft.text[max(0, one.start - 24) : one.start]
        if INTO_PLACE.search(before):
            return people >= 1_000
        return people >= 100_000 and one.label != "person"

    def _is_town_unintroduced(self, draft: Draft, one: Named, people: set[str]) -> bool:
        """Whether a "person" of one word is a town: articles introduce people by their full name."""
        name = draft.cut(one)
        return (
            one.label == "person"
            and " " not in name
            and name not in people
            and len(draft.text) >= ARTICLE
            and not HONORIFIC.search(draft.text, max(0, one.start - 8), one.start)
            and self._people(name) >= 5_000
        )

    def _people(self, name: str) -> int:
        """Return how many live in the largest place of that name."""
        return max((place.population for place in self._gazetteer.named(name)), default=0)

    def _is_area(self, name: str) -> bool:
        """Whether a country or a region has that name."""
        found = self._gazetteer.named(name)
        return bool(found) and any(
            place.kind == COUNTRY or (place.kind == REGION and place.population > 300_000)
            for place in found[:4]
        )

    def consistent(self, draft: Draft) -> None:
        """Give the same words the label that most of their mentions have, and surnames a person."""
        votes: dict[str, Counter[Label]] = {}
        surnames: set[str] = set()
        for one in draft:
            words = draft.cut(one)
            votes.setdefault(words, Counter())[one.label] += 1
            if one.label == "person" and " " in words:
                surnames.add(words.split()[-1])
        for one in draft:
            words = draft.cut(one)
            if words in surnames and one.label != "person" and not self._is_area(words):
                draft.relabel(one, "person")
            elif len(votes[words]) > 1:
                (first, count), (_, second) = votes[words].most_common(2)
                if count > second and one.label != first:
                    draft.relabel(one, first)


def _full_name(draft: Draft, one: Named) -> list[str]:
    words = draft.cut(one).split()
    return words if len(words) > 1 else []


def trimmed(draft: Draft) -> None:
    """Take "the", possessives and stops off the ends of names."""
    for one in draft:
        first, last = _CORES[draft.cut(one)]
        start, end = one.start + first, one.start + last
        if (start, end) == (one.start, one.end):
            continue
        draft.drop(one)
        if start < end:
            draft.put(start, end, one.label)


def _core(words: str) -> tuple[int, int]:
    """Return where the name itself begins and ends in a span's words."""
    lead = LEADING.match(words)
    tail = TRAILING.search(words)
    end = tail.start() if tail else len(words)
    if words.endswith(("s'", "s’")):
        end = len(words) - 1
    return (lead.end() if lead else 0), end


_CORES = Remembered(_core)


def worded(draft: Draft) -> None:
    """Find what single words announce: organisations, people behind titles, elections."""
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
            # The country in an election's name is no place of its own.
            draft.put(*event.span(), "other")


def _occurrences(text: str, word: str) -> Iterator[int]:
    """Yield where a word begins that `WORD` finds: "chief" of "-chief", not of "co-chief"."""
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
    """Name what a word for an organisation stands in, whole."""
    text = draft.text
    low = max(0, start - REACH, text.rfind("\n", 0, start) + 1)
    before = BEFORE_HEAD.search(text, low, start)
    behind = BEHIND_HEAD.match(text, end)
    first = before.start() if before else start
    last = behind.end() if behind else end
    if first == start and last <= end + 1:
        return
    while text[last - 1] in " .’'":
        last -= 1
    draft.put(first, last, "organisation")


def initials(draft: Draft) -> None:
    """Give initials in brackets the label of the name before them."""
    known: dict[str, Label] = {}
    for one in draft:
        match = INITIALS.match(draft.text, one.end)
        if match and one.label != "place":
            known[match[1]] = one.label
            draft.put(*match.span(1), one.label)
    for one in draft:
        label = known.get(draft.cut(one))
        if label and one.label != label:
            draft.relabel(one, label)


def repeated(draft: Draft) -> None:
    """Find the surnames and initials of what is named in full elsewhere."""
    known: dict[str, Label] = {}
    for one in draft:
        words = draft.cut(one)
        if one.label == "person" and " " in words:
            known[words.split()[-1]] = "person"
        elif one.label == "organisation" and words.isupper() and " " not in words:
            known[words] = "organisation"
    if not known:
        return
    for match in CAPITALISED.finditer(draft.text):
        label = known.get(match[0])
        if label and len(match[0]) > 2 and not draft.over(*match.span()):
            word = match[0].lower()  # "Young", "Price": a word of the text is no surname
            if label != "person" or not re.search(rf"\b{re.escape(word)}\b", draft.text):
                draft.put(*match.span(), label)


def lists(draft: Draft) -> None:
    """Give the members of a list the label that most of them have."""
    run: list[Named] = []
    for one in [*draft, None]:
        if one and run and LIST.fullmatch(draft.text, run[-1].end, one.start):
            run.append(one)
            continue
        if len(run) >= 3:
            (label, count), *_ = Counter(member.label for member in run).most_common()
            if count * 3 >= len(run) * 2 and label != "other":
                for member in run:
                    if member.label != label and member.tag != "NORP":
                        draft.relabel(member, label)
        run = [one] if one else []


def _person(draft: Draft, name: "re.Match[str]") -> None:
    """Call a person who stands behind a title or a role."""
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
