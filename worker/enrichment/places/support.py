"""How the names in an article support each other's places."""

from collections import defaultdict
from dataclasses import dataclass, field

from worker.enrichment.places.gazetteer import COUNTRY, GazetteerPlace


@dataclass(slots=True)
class Support:
    """How much an article's names support each region and country."""

    regions: dict[tuple[str, int], dict[str, float]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    countries: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    region_sums: dict[tuple[str, int], float] = field(default_factory=dict)
    country_sums: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, place: GazetteerPlace, weight: float) -> None:
        """Count a candidate: the best one of a name counts once for its region and once for its country."""
        if place.kind != COUNTRY and place.region:
            votes = self.regions[place.country, place.region]
            if weight > votes.get(name, 0.0):
                votes[name] = weight
        votes = self.countries[place.country]
        if weight > votes.get(name, 0.0):
            votes[name] = weight

    def counted(self) -> "Support":
        """Sum up the votes, which `of` needs again and again."""
        self.region_sums = {area: sum(votes.values()) for area, votes in self.regions.items()}
        self.country_sums = {code: sum(votes.values()) for code, votes in self.countries.items()}
        return self

    def of(self, name: str, place: GazetteerPlace) -> tuple[float, float]:
        """Return how much the other names support the place's region and its country."""
        country = self.country_sums.get(place.country, 0.0)
        if country:
            country -= self.countries[place.country].get(name, 0.0)
        area = (place.country, place.region)
        region = 0.0 if place.kind == COUNTRY else self.region_sums.get(area, 0.0)
        if region:
            region -= self.regions[area].get(name, 0.0)
        return region, country
