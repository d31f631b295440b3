"""Places: how many towns are put within 161 km (100 miles) of where they are.

    python -m benchmarks.enrichment_places

Scored are the sets' toponyms with coordinates that name a town: the gazetteer has a populated place
of that name within 25 km of them. Four figures a set: `resolved` of those that `entities` called
a place; `end to end` of all of them (a toponym that `entities` missed is wrong); `given` where the
resolver is given the gold spans, so that the disambiguation stands alone; `a place at all` of those
that are told: the set has a toponym there, of whatever kind. The baseline is the most populous place
of the name, given the gold spans.
"""

import math
from collections import Counter
from typing import Any

from benchmarks.evaluation import english, enriched, rows
from benchmarks.harness import machine
from worker.articles import Article
from worker.enrichment import build
from worker.enrichment.places.gazetteer import CITY, Gazetteer, GazetteerPlace, gazetteer
from worker.enrichment.places.resolver import Resolver, Toponym
from worker.settings import Settings

NEAR, SAME = 161.0, 25.0
CORPORA = {"GeoVirus": "GeoVirus", "TR-News": "TR-News", "lgl": "LGL"}


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance of two (latitude, longitude) in degrees."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))


def measure() -> dict[str, dict[str, float]]:
    """Return the figures of each corpus."""
    data = rows("geo_toponyms_dev")
    enrichers = build(Settings(enrichers=["entities", "places"]))
    articles = enriched(enrichers, english([row["text"] for row in data]))
    places = gazetteer()
    resolver = Resolver(places)
    counts: dict[str, Counter[str]] = {name: Counter() for name in CORPORA}
    for row, article in zip(data, articles, strict=True):
        _count(counts[row["corpus"]], row, article, places, resolver)
    return {
        CORPORA[name]: {
            "resolved": one["right"] / one["found"],
            "end to end": one["right"] / one["towns"],
            "given": one["given"] / one["towns"],
            "a place at all": one["toponyms"] / one["told"],
            "most populous, given": one["populous"] / one["towns"],
            "towns": one["towns"],
        }
        for name, one in counts.items()
    }


def _count(
    count: Counter[str],
    row: dict[str, Any],
    article: Article,
    places: Gazetteer,
    resolver: Resolver,
) -> None:
    toponyms = [one for one in row["toponyms"] if one["lat"] is not None]
    spans = [Toponym(one["phrase"], one["start"], one["end"]) for one in toponyms]
    peoples = sorted({one.text for one in article.entities or [] if one.tag == "NORP"})
    count["told"] += len(article.places or [])
    count["toponyms"] += sum(
        any(one["start"] < place.end and place.start < one["end"] for one in row["toponyms"])
        for place in article.places or []
    )
    given = {span.start: place for span, place, _ in resolver.resolve(row["text"], spans, peoples)}
    for one in toponyms:
        where = (one["lat"], one["lon"])
        named = [place for place in places.named(one["phrase"]) if place.kind == CITY]
        if not any(kilometres(where, _at(place)) < SAME for place in named):
            continue
        count["towns"] += 1
        count["populous"] += kilometres(where, _at(named[0])) <= NEAR
        place = given.get(one["start"])
        count["given"] += place is not None and kilometres(where, _at(place)) <= NEAR
        mine = next(
            (
                found
                for found in article.places or []
                if found.start < one["end"] and one["start"] < found.end
            ),
            None,
        )
        if mine is not None:
            count["found"] += 1
            count["right"] += kilometres(where, (mine.latitude, mine.longitude)) <= NEAR


def _at(place: GazetteerPlace) -> tuple[float, float]:
    return place.latitude, place.longitude


def main() -> None:
    """Print the figures."""
    for corpus, figures in measure().items():
        line = "  ".join(
            f"{name} {value:.3f}" for name, value in figures.items() if name != "towns"
        )
        print(f"places    {corpus:<9} {line}  ({figures['towns']:.0f} towns)")


if __name__ == "__main__":
    print(machine())
    main()
