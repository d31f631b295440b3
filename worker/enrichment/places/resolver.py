"""Which of the places of one name an article means.

Three things speak for a candidate: how many people live there; what the text says right behind
the name ("Paris, Texas"); and which regions and countries the article's other names lie in
(Leidner's "spatial minimality" counted by region instead of by distance, which needs no pairs).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.enrichment.places.areas import QUALIFIER, inside, is_called_state, state_of, within
from worker.enrichment.places.gazetteer import (
    CITY,
    CONTINENT,
    COUNTRY,
    COUNTY,
    REGION,
    Gazetteer,
    GazetteerPlace,
)
from worker.enrichment.places.support import Support

MOST_CANDIDATES = 40
POWER = 0.55
"""Exponent of the people of a place: a town ten times as large is meant three to four times as often."""
REGION_VOICE, COUNTRY_VOICE = 10.0, 5.0
"""How much one other name in the same region or country adds to a candidate's weight."""
OTHER_NAME, KNOWN = 0.2, 20_000
"""What is left of a candidate's weight where the name is an old one, or another language's.

Such a name alone is no place: "Peking" is Beijing where another name speaks for China. Nobody means a town of
fewer people than `KNOWN` by it.
"""
CAPITAL = 3.0
"""How much more often a country's capital is in the news than its people alone tell."""
NAMED_AFTER_CITY, GREAT = 0.25, 0.1
"""What is left of a region's weight where a city of its name holds so much of its people: "New York"."""
VILLAGE, A_VOICE, VOICES = 5_000, 0.05, 0.3
"""A place of fewer people needs another name that speaks for its region, or for its country if it alone is
called so: "Williams" and "Cornell" are people and schools before they are villages."""
_BODIES = "Earth|Moon|Mars|Venus|Jupiter|Saturn|Uranus|Neptune|Pluto|Europa|Titan|Ceres"
HEAVENLY = frozenset(_BODIES.split("|"))
"""Bodies whose names towns bear as well: a town is meant where its state stands behind."""
ROUNDS = 2
# "northern Mali", "downtown Leeds", "City of Bath" -> the name itself
BEFORE = re.compile(
    r"^(?:(?:north|south|east|west|central|upper|lower|inner|downtown|uptown|greater|mid|old)"
    r"(?:ern|-?eastern|-?western|east|west)?(?!\sAmerica\b)|(?:city|town|state|province|village|county|port)"
    r" of|metropolitan|metro)[\s-]+",
    re.IGNORECASE,
)
# "AMAs" are awards, and no village; "Southern" is a region of Zambia
NO_PLACE = re.compile(r"[A-Z]{2,}s|(?:North|South|East|West)ern|Central")
# "L.A.", "E.U.": each letter stands for a word, so it is no short form of "Louisiana", and not Eu in France
INITIALS = re.compile(r"(?:[A-Z]\.){2,}")
AFTER = re.compile(  # "Quebec City", "Anhui Province", "Minsk region"
    r"\s(?:city|province|state|region|oblast|prefecture|district|area|metropolitan area|township"
    r"|borough|municipality|peninsula|island|islands)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Toponym:
    """A name in the text that may be a place."""

    text: str
    start: int
    end: int


class Choice:
    """The places that a name may mean."""

    def __init__(self, name: str, places: Sequence[GazetteerPlace]) -> None:
        self.name = name
        self.places = places
        self._priors = [
            _prior(place) * (NAMED_AFTER_CITY if _is_named_after_city(place, places) else 1)
            for place in places
        ]

    def weights(self, support: Support | None) -> list[float]:
        """Weigh the places by their people, and by what other names say for where they lie."""
        if support is None:
            return self._priors
        weights = []
        for place, prior in zip(self.places, self._priors, strict=True):
            region, country = support.of(self.name, place)
            voices = (1 + REGION_VOICE * region) * (1 + COUNTRY_VOICE * country)
            weights.append(prior * voices)
        return weights

    def best(self, support: Support) -> tuple[GazetteerPlace, float]:
        """Return the place of most weight, and the share of its region in all weights."""
        weights = self.weights(support)
        best = self.places[max(range(len(weights)), key=weights.__getitem__)]
        # A town and the county of its name are hardly two answers.
        agreeing = sum(
            weight
            for place, weight in zip(self.places, weights, strict=True)
            if (place.country, place.region) == (best.country, best.region)
        )
        return best, round(agreeing / sum(weights), 3)


class Resolver:
    """Resolves the place names of one article together."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def resolve(
        self, text: str, toponyms: Sequence[Toponym], peoples: Sequence[str] = ()
    ) -> list[tuple[Toponym, GazetteerPlace, float]]:
        """Return the toponyms that the gazetteer knows, each with its place and a confidence.

        `peoples` are adjectives and inhabitants ("Kenyan"); they speak for their country.
        The confidence is the share of the place's region among the candidates' weights, 0 to 1.
        """
        spelt: dict[str, str] = {}  # "PORTLAND" of a dateline and "Portland" are one name
        names = [spelt.setdefault(one.text.casefold(), one.text) for one in toponyms]
        candidates = {name: self._candidates(name) for name in spelt.values()}
        bounds: dict[str, GazetteerPlace] = {}
        areas: dict[int, GazetteerPlace] = {}
        for name, toponym in zip(names, toponyms, strict=True):
            found = candidates[name]
            if qualified := self._qualifier(text, toponym, found):
                start, area = qualified
                bounds.setdefault(name, area)
                if area.kind != COUNTY and inside(found, area):
                    areas[start] = area
            elif is_called_state(text, toponym.start, toponym.end) and (state := state_of(found)):
                areas[toponym.start] = state
        choices = [
            Choice(name, within(found, bounds.get(name)))
            for name, found in candidates.items()
            if found
        ]
        support = self._support(choices, bounds, peoples)
        chosen = {
            one.name: (place, confidence)
            for one in choices
            for place, confidence in [one.best(support)]
            if _is_meant(one, place, support, bounded=one.name in bounds)
        }
        resolved = []
        for name, toponym in zip(names, toponyms, strict=True):
            told = areas.get(toponym.start)
            if told and told in candidates[name]:  # "New York" of "Albany, New York"
                resolved.append((toponym, told, 1.0))
            elif name in chosen:
                resolved.append((toponym, *chosen[name]))
        return resolved

    def _candidates(self, name: str) -> tuple[GazetteerPlace, ...]:
        if NO_PLACE.fullmatch(name):
            return ()
        for form in _forms(name):
            if found := self._gazetteer.named(form)[:MOST_CANDIDATES]:
                initials = INITIALS.fullmatch(form)
                return tuple(place for place in found if " " in place.name) if initials else found
        return ()

    def _qualifier(
        self, text: str, toponym: Toponym, found: tuple[GazetteerPlace, ...]
    ) -> tuple[int, GazetteerPlace] | None:
        """Return where the text names a region or country right behind the toponym, and which one.

        It is rather one that a candidate lies in: the "Georgia" of Tbilisi, or that of Atlanta.
        """
        match = QUALIFIER.match(text, toponym.end)
        if match is None:
            return None
        words = match[1].split()
        for count in range(len(words), 0, -1):
            named = self._gazetteer.named(" ".join(words[:count]).removesuffix("'s"))
            areas = [area for area in named if area.kind in {COUNTRY, REGION, COUNTY}]
            if areas:
                around = next((area for area in areas if inside(found, area)), areas[0])
                return match.start(1), around
        return None

    def _support(
        self,
        choices: Sequence[Choice],
        bounds: dict[str, GazetteerPlace],
        peoples: Sequence[str],
    ) -> Support:
        support: Support | None = None
        for _ in range(ROUNDS):  # first by people alone, then by what the first round found
            support = self._votes(choices, bounds, peoples, support)
        return support or Support()

    def _votes(
        self,
        choices: Sequence[Choice],
        bounds: dict[str, GazetteerPlace],
        peoples: Sequence[str],
        before: Support | None,
    ) -> Support:
        support = Support()
        for one in choices:
            weights = one.weights(before)
            total = sum(weights)
            for place, weight in zip(one.places, weights, strict=True):
                support.add(one.name, place, weight / total)
        for name, area in bounds.items():
            support.add(f"{name}, {area.name}", area, 1.0)
        for people in peoples:
            if home := self._gazetteer.people(people):
                support.add(people, home, 0.7)
        return support.counted()


def _forms(name: str) -> list[str]:
    """Return the name, and what is left without "northern", "City of", "Province".

    >>> _forms("northern Anhui Province")
    ['northern Anhui Province', 'Anhui Province', 'Anhui']
    """
    forms = [name]
    for pattern in (BEFORE, AFTER):
        shorter = pattern.sub("", forms[-1])
        if shorter and shorter != forms[-1]:
            forms.append(shorter)
    return forms


def _is_meant(choice: Choice, place: GazetteerPlace, support: Support, *, bounded: bool) -> bool:
    """Whether anything but a name speaks for a place that hardly anybody means by it."""
    region, country = support.of(choice.name, place)
    if choice.name.title() in HEAVENLY and not bounded:
        return False
    if not place.own and (place.population < KNOWN or not country):
        return False
    hamlet = place.kind == CITY and place.population < VILLAGE
    alone = len(choice.places) == 1 and country >= VOICES
    return not hamlet or bounded or alone or region >= A_VOICE


def _is_named_after_city(region: GazetteerPlace, namesakes: Sequence[GazetteerPlace]) -> bool:
    return region.kind == REGION and any(
        place.kind == CITY
        and place.own
        and place.population >= GREAT * region.population
        and (place.country, place.region) == (region.country, region.region)
        for place in namesakes
    )


def _prior(place: GazetteerPlace) -> float:
    """Weigh a candidate by its people; a country or region is more often meant than a town."""
    weight: float = (place.population + 500) ** POWER
    if place.capital:
        weight *= CAPITAL
    if not place.own:
        weight *= OTHER_NAME
    if place.kind == COUNTRY:
        return weight * 30
    if place.kind == REGION:
        return weight * (0.8 if place.id else 0.35)  # the town of that name, if there is one
    if place.kind == COUNTY:
        return weight * 0.6
    return weight * (50 if place.kind == CONTINENT else 1)
