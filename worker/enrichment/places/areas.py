"""What a text says right around a name of the region or country that it lies in, or is."""

import re

from worker.enrichment.places.gazetteer import COUNTRY, REGION, GazetteerPlace

# ", Ky." ", Ontario" " (Germany)" behind a name
QUALIFIER = re.compile(r"(?:,\s+|\s\()((?:[A-Z][\w.’'-]*)(?:\s(?:and\s)?[A-Z][\w.’'-]*){0,3})")
# "Washington | state officials", "the state of | New York"
STATE_BEHIND = re.compile(r"\s(?:[Ss]tate|[Pp]rovince|[Oo]blast)\b")
STATE_BEFORE = re.compile(r"(?:[Ss]tate|[Pp]rovince) of $|\b[Uu]pstate $")


def is_called_state(text: str, start: int, end: int) -> bool:
    """Whether the text says of a name that it is that of a state or province."""
    return (
        STATE_BEHIND.match(text, end) is not None
        or STATE_BEFORE.search(text, max(0, start - 12), start) is not None
    )


def state_of(found: tuple[GazetteerPlace, ...]) -> GazetteerPlace | None:
    """Return the first region among candidates."""
    return next((place for place in found if place.kind == REGION), None)


def within(
    found: tuple[GazetteerPlace, ...], area: GazetteerPlace | None
) -> tuple[GazetteerPlace, ...]:
    """Return the candidates inside the area that the text names, or all if none is."""
    return found if area is None else inside(found, area) or found


def inside(found: tuple[GazetteerPlace, ...], area: GazetteerPlace) -> tuple[GazetteerPlace, ...]:
    """Return the candidates inside an area, without itself."""
    return tuple(
        place
        for place in found
        if place.number != area.number
        and place.country == area.country
        and (area.kind == COUNTRY or place.region == area.region)
    )
