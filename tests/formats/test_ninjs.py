"""IPTC ninjs 3.1."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from worker.articles import Article
from worker.formats.ninjs import to_ninjs

# IPTC's own schema, as published (MIT; its text CC BY 4.0).
SCHEMA = Path(__file__).parent / "schemas" / "ninjs-schema_3.1.json"
# The one part of GeoJSON (RFC 7946) that we write; the schema refers to the whole by its address.
GEOJSON = {
    "$id": "https://geojson.org/schema/GeoJSON.json",
    "type": "object",
    "required": ["type", "coordinates"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "Point"},
        "coordinates": {
            "type": "array",
            "prefixItems": [
                {"type": "number", "minimum": -180, "maximum": 180},
                {"type": "number", "minimum": -90, "maximum": 90},
            ],
            "minItems": 2,
            "maxItems": 2,
        },
    },
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """A validator of IPTC's schema, formats of dates and addresses included."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    draft = "https://json-schema.org/draft/2020-12/schema"
    geojson = Resource.from_contents({"$schema": draft, **GEOJSON})
    registry = Registry().with_resource(GEOJSON["$id"], geojson)
    return Draft202012Validator(schema, registry=registry, format_checker=formats())


def formats() -> FormatChecker:
    """Checks of the formats in the schema; jsonschema has them only with further packages."""
    checker = FormatChecker([])

    @checker.checks("date-time", raises=ValueError)
    def moment(value: object) -> bool:
        return dt.datetime.fromisoformat(str(value)).tzinfo is not None and "T" in str(value)

    @checker.checks("uri")
    def uri(value: object) -> bool:
        return bool(re.fullmatch(r"[a-z]+:[!-~]+", str(value)))

    return checker


@pytest.mark.parametrize("name", ["bare", "full", "copy"])
def test_it_is_valid_ninjs(
    name: str, validator: Draft202012Validator, request: pytest.FixtureRequest
) -> None:
    """Given an article with nothing, with everything, and a copy.

    Then IPTC's schema accepts them.
    """
    article: Article = request.getfixturevalue(name)

    assert [] == [error.message for error in validator.iter_errors(to_ninjs(article))]


@pytest.mark.parametrize(
    "fault", [{"quotes": []}, {"firstCreated": "yesterday"}, {"uri": "/news/7"}, {"version": 2}]
)
def test_the_schema_refuses_faults(
    fault: dict[str, object], validator: Draft202012Validator, full: Article
) -> None:
    """Given a field that ninjs does not know, or a value of another form; then it is not valid."""
    assert not validator.is_valid(to_ninjs(full) | fault)


def test_what_an_editor_looks_for_is_there(full: Article) -> None:
    """Given an article with everything.

    Then headline, byline, names and topics stand in their fields.
    """
    item = to_ninjs(full)

    assert ("2", "en", "Bergen") == (item["version"], item["language"], item["located"])
    assert [{"role": "main", "value": "Quay of Bergen to be mended"}] == item["headlines"]
    assert "Ragnhild Moe, Per Lie" == item["by"]
    assert [{"name": "Solveig Aune", "rel": "mentions"}] == item["people"]
    assert [{"name": "Harbour Trust", "rel": "mentions"}] == item["organisations"]
    assert ["Bergen", "Bryggen"] == [place["name"] for place in item["places"]]
    assert [5.32, 60.39] == item["places"][0]["geoJSON"]["coordinates"]
    topic = item["subjects"][0]
    assert ("http://cv.iptc.org/newscodes/mediatopic/04000000", 91) == (
        topic["uri"],
        topic["confidence"],
    )
    assert "2026-11-18T09:30:00+01:00" == item["firstCreated"]
    assert "2026-11-18T11:30:00+01:00" == item["versionCreated"]


def test_the_body_comes_as_text_and_as_markup(full: Article) -> None:
    """Given sanitised HTML beside the text; then both are bodies."""
    bodies = {body["contentType"]: body["value"] for body in to_ninjs(full)["bodies"]}

    assert {"text/plain": full.text, "text/html": full.html} == bodies


def test_a_picture_without_an_address_stays_out(full: Article) -> None:
    """Given a relative image address, which no reader could open; then it is no association."""
    pictures = to_ninjs(full)["associations"]

    assert ["https://fjord-wire.example/quay.jpg"] == [picture["uri"] for picture in pictures]
    assert "L. Moe" == pictures[0]["by"]


def test_a_copy_points_to_its_canonical(full: Article, copy: Article) -> None:
    """Given a copy; then an association carries the same identifier as its canonical."""
    canonical = to_ninjs(copy)["associations"][-1]

    assert ("copyOf", to_ninjs(full)["uri"]) == (canonical["rel"], canonical["uri"])
