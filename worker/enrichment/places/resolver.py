"""Which of the places of one name an article means.

Three things speak for a candidate: how many people live there; what the text says right behind
the name ("Paris, Texas"); and which regions and countries the article's other names lie in
(Leidner's "spatial minimality" counted by region instead of by distance, which needs no pairs).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.enrichment.places.gazetteer import (
    CONTINENT,
    COUNTRY,
    COUNTY,
    REGION,
    Gazetteer,
    GazetteerPlace,
)
from worker.enrichment.places.support import Support

MOST_CANDIDATES = 40
POWER = 0.45
"""Exponent of the people of a place: a town ten times as large is meant three times as often."""
REGION_VOICE, COUNTRY_VOICE = 10.0, 5.0
"""How much one other name in the same region or country adds to a candidate's weight."""
OTHER_NAME = 0.2
"""What is left of a candidate's weight where the name is an old one, or another language's.

Such a name alone is no place: "Peking" is Beijing where another name speaks for China.
"""
CAPITAL = 3.0
"""How much more often a country's capital is in the news than its people alone tell."""
ROUNDS = 2
# ", Ky." ", Ontario" " (Germany)" behind a name
QUALIFIER = re.compile(r"(?:,\s+|\s\()((?:[A-Z][\w.’'-]*)(?:\s(?:and\s)?[A-Z][\w.’'-]*){0,3})")
# "northern Mali", "downtown Leeds", "City of Bath" -> the name itself
BEFORE = re.compile(
    r"^(?:(?:north|south|east|west|central|upper|lower|inner|downtown|uptown|greater|mid|old)"
    r"(?:ern|-?eastern|-?western|east|west)?(?!\sAmerica\b)|(?:city|town|state|province|village|county|port)"
    r" of|metropolitan|metro)[\s-]+",
    re.IGNORECASE,
)
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
        self._priors = [_prior(place) for place in places]

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
        candidates: dict[str, tuple[GazetteerPlace, ...]] = {}
        bounds: dict[str, GazetteerPlace] = {}
        for toponym in toponyms:
            if toponym.text not in candidates:
                candidates[toponym.text] = self._candidates(toponym.text)
            if toponym.text not in bounds and (area := self._qualifier(text, toponym)):
                bounds[toponym.text] = area
        choices = [
            Choice(name, _within(found, bounds.get(name)))
            for name, found in candidates.items()
            if found
        ]
        support = self._support(choices, bounds, peoples)
        chosen = {
            one.name: (place, confidence)
            for one in choices
            for place, confidence in [one.best(support)]
            if place.own or support.of(one.name, place)[1]
        }
        return [(toponym, *chosen[toponym.text]) for toponym in toponyms if toponym.text in chosen]

    def _candidates(self, name: str) -> tuple[GazetteerPlace, ...]:
        for form in _forms(name):
            if found := self._gazetteer.named(form)[:MOST_CANDIDATES]:
                initials = INITIALS.fullmatch(form)
                return tuple(place for place in found if " " in place.name) if initials else found
        return ()

    def _qualifier(self, text: str, toponym: Toponym) -> GazetteerPlace | None:
        """Return the region or country that the text names right behind the toponym."""
        match = QUALIFIER.match(text, toponym.end)
        if match is None:
            return None
        words = match[1].split()
        for count in range(len(words), 0, -1):
            for area in self._gazetteer.named(" ".join(words[:count]).removesuffix("'s")):
                if area.kind in {COUNTRY, REGION, COUNTY}:
                    return area
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


def _within(
    found: tuple[GazetteerPlace, ...], area: GazetteerPlace | None
) -> tuple[GazetteerPlace, ...]:
    """Return the candidates inside the area that the text names, or all if none is."""
    if area is None:
        return found
    inside = tuple(
        place
        for place in found
        if place.number != area.number
        and place.country == area.country
        and (area.kind == COUNTRY or place.region == area.region)
    )
    return inside or found


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
