"""Which names are places: by what stands around them, and by what the gazetteer knows of them."""

from collections.abc import Container
from typing import NamedTuple

from worker.enrichment.dateline import find_dateline
from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import (
    ARTICLE,
    BEHIND_TOWN,
    CALENDAR,
    INTO_PLACE,
    QUALIFIED,
    UNNAMED_PLACE,
)
from worker.enrichment.entities.titles import HONORIFIC
from worker.enrichment.places.gazetteer import COUNTRY, REGION, Gazetteer
from worker.enrichment.remembered import Remembered

OTHER_NAME = 200
"""A place's other names ("Peking", "Google") count as those of a place so many times smaller."""


class Places:
    """Calls a place what stands where places stand and has a place's name."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known = Remembered(self._look_up)
        self._is_people = Remembered(self._look_up_people)

    def place(self, draft: Draft) -> None:
        """Name the places of a draft, and give spans that are places that label."""
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
        full_names = words_of_full_names(draft)
        for one in draft:
            if one.label == "place":
                if self._is_people[draft.cut(one)]:
                    draft.relabel(one, "other")
                continue
            known = self._known[draft.cut(one)]
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
        if qualified and self.is_area(qualified[1]):
            return True
        if BEHIND_TOWN.match(draft.text, one.end):
            return known.people >= 1_000
        before = draft.text[max(0, one.start - 24) : one.start]
        if into := INTO_PLACE.search(before):
            # "at the White House": a town of two words has no article.
            return known.people >= 1_000 and not (into[1] and " " in name)
        return known.people >= 100_000 and one.label != "person"

    def is_area(self, name: str) -> bool:
        """Whether a name is that of a country, or of a region of some size."""
        known = self._known[name]
        return known is not None and known.is_area

    def _look_up_people(self, name: str) -> bool:
        """Whether a name is a people's rather than a place's: "Kenyan", "Canadian" (a town, too)."""
        known = self._known[name]
        return (known is None or known.people < 20_000) and self._gazetteer.people(name) is not None

    def is_of_place(self, name: str) -> bool:
        """Whether a name is a place's, or that of its people."""
        return self._known[name] is not None or self._gazetteer.people(name) is not None

    def is_known(self, name: str) -> bool:
        """Whether the gazetteer has a place of that name."""
        return self._known[name] is not None

    def _look_up(self, name: str) -> "PlaceName | None":
        found = self._gazetteer.named(name)
        if not found or CALENDAR.fullmatch(name):  # March is a town in England
            return None
        return PlaceName(
            people=max(place.population // (1 if place.own else OTHER_NAME) for place in found),
            is_country_or_region=any(place.kind in {COUNTRY, REGION} for place in found),
            is_area=any(
                place.kind == COUNTRY or (place.kind == REGION and place.population > 300_000)
                for place in found[:4]
            ),
        )


class PlaceName(NamedTuple):
    """What the gazetteer says of a name."""

    people: int
    """How many live in the largest place of that name."""
    is_country_or_region: bool
    is_area: bool
    """It names a country, or a region of some size."""


def words_of_full_names(draft: Draft) -> set[str]:
    """Return the words of the names of people that have several."""
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
        and not is_addressed(draft, one)
        and known.people >= 5_000
    )


def is_addressed(draft: Draft, one: Named) -> bool:
    """Whether "Mr." or the like stands in front of a name."""
    return HONORIFIC.search(draft.text, max(0, one.start - 8), one.start) is not None
