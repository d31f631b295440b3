"""The gazetteer: the places of the world by name, from GeoNames, in arrays that processes share."""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from worker.enrichment.places.names import is_own, key

CITY, COUNTRY, REGION, COUNTY, CONTINENT = range(5)
UNKNOWN_ID = 0


class GazetteerPlace(NamedTuple):
    """A place of the gazetteer; `region` is the number of the first-level division of its country."""

    number: int
    id: int
    name: str
    kind: int
    country: str
    region: int
    latitude: float
    longitude: float
    population: int
    own: bool = True
    """Whether the name that it was found by is its own, and not an old name or one in another language."""
    capital: bool = False


class Gazetteer:
    """Finds places by name. The last thousands of names that were asked for are kept."""

    def __init__(self) -> None:
        data = files("worker.enrichment.places") / "data"
        self._capitals = frozenset(map(int, (data / "capitals.txt").read_text("ascii").split()))
        with np.load(BytesIO((data / "gazetteer.npz").read_bytes())) as arrays:
            self._arrays: dict[str, npt.NDArray[np.generic]] = {
                name: arrays[name] for name in arrays.files
            }
        self._codes: list[str] = self._arrays["codes"].tolist()
        self.named = lru_cache(maxsize=20_000)(self._named)
        self.people = lru_cache(maxsize=2_000)(self._people)

    def _named(self, name: str) -> tuple[GazetteerPlace, ...]:
        """Return the places of a name, the most populous first."""
        found = [
            place._replace(own=place.kind != CITY or is_own(name, place.name))
            for place in map(self._place, self._matches("key", name))
        ]
        return tuple(sorted(found, key=lambda place: -place.population))

    def _people(self, name: str) -> GazetteerPlace | None:
        """Return the country or region of a people or its adjective: "Kenyan", "Texans"."""
        matches = self._matches("people", name)
        return self._place(matches[0]) if matches else None

    def _matches(self, column: str, name: str) -> list[int]:
        keys = self._arrays[column]
        wanted = np.uint64(key(name))
        low, high = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        matches: list[int] = self._arrays[f"{column}_place"][low:high].tolist()
        return matches

    def _place(self, index: int) -> GazetteerPlace:
        arrays = self._arrays
        ends = arrays["name_end"]
        begin = int(ends[index - 1]) if index else 0
        name = arrays["names"][begin : int(ends[index])].tobytes().decode("utf-32-le")
        return GazetteerPlace(
            number=index,
            id=int(arrays["id"][index]),
            name=name,
            kind=int(arrays["kind"][index]),
            country=self._codes[int(arrays["country"][index])],
            region=int(arrays["region"][index]),
            latitude=round(float(arrays["latitude"][index]), 5),
            longitude=round(float(arrays["longitude"][index]), 5),
            population=int(arrays["population"][index]),
            capital=int(arrays["id"][index]) in self._capitals,
        )


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer of this process: read-only, and too large to have two of."""
    return Gazetteer()
