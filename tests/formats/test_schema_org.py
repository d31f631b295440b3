"""schema.org NewsArticle."""

import orjson

from worker.articles import Article
from worker.formats import schema_org

# Properties of https://schema.org/NewsArticle and its parents that we use, with what they may hold.
PROPERTIES: dict[str, tuple[type, ...]] = {
    "@context": (str,),
    "@type": (str,),
    "@id": (str,),
    "identifier": (str,),
    "version": (int,),
    "url": (str,),
    "headline": (str,),
    "abstract": (str,),
    "articleBody": (str,),
    "articleSection": (str,),
    "wordCount": (int,),
    "timeRequired": (str,),
    "inLanguage": (str,),
    "datePublished": (str,),
    "dateModified": (str,),
    "dateline": (str,),
    "author": (list,),
    "publisher": (dict,),
    "image": (list,),
    "keywords": (list,),
    "about": (list,),
    "mentions": (list,),
    "isAccessibleForFree": (bool,),
    "isBasedOn": (str,),
}
TYPES = {
    "Person": {"name"},
    "Organization": {"name"},
    "ImageObject": {"url", "caption", "creditText"},
    "DefinedTerm": {"name", "termCode", "inDefinedTermSet", "@id"},
    "Place": {"name", "sameAs", "geo"},
    "GeoCoordinates": {"latitude", "longitude", "addressCountry"},
}


def nodes(value: object) -> list[dict[str, object]]:
    """Every object below `value` that has a type."""
    if isinstance(value, list):
        return [node for item in value for node in nodes(item)]
    if isinstance(value, dict):
        below = [node for item in value.values() for node in nodes(item)]
        return [value, *below] if "@type" in value else below
    return []


def test_it_uses_the_words_of_schema_org(full: Article, bare: Article, copy: Article) -> None:
    """Given articles with everything and with nothing; then each property is one of its type."""
    for article in (full, bare, copy):
        item = schema_org.to_json_ld(article)
        assert {} == {k: v for k, v in item.items() if not isinstance(v, PROPERTIES[k])}
        for node in nodes(list(item.values())):
            assert set() == set(node) - {"@type"} - TYPES[str(node["@type"])]


def test_names_places_and_times_are_there(full: Article) -> None:
    """Given an article with everything; then its names, places and dates stand in their fields."""
    item = schema_org.to_json_ld(full)

    assert ["Ragnhild Moe", "Per Lie"] == [author["name"] for author in item["author"]]
    assert {"@type": "Organization", "name": "Fjord Wire"} == item["publisher"]
    expected = ["Solveig Aune", "Harbour Trust", "Bergen", "Bryggen"]
    assert expected == [mention["name"] for mention in item["mentions"]]
    assert "https://sws.geonames.org/3161732/" == item["mentions"][2]["sameAs"]
    assert ("2026-11-18T09:30:00+01:00", "PT6S") == (item["datePublished"], item["timeRequired"])


def test_a_copy_is_based_on_its_canonical(full: Article, copy: Article) -> None:
    """Given a copy; then `isBasedOn` is the canonical's identifier."""
    assert schema_org.to_json_ld(full)["@id"] == schema_org.to_json_ld(copy)["isBasedOn"]


def test_what_is_unknown_is_left_out(bare: Article) -> None:
    """Given an article with a text alone; then no field is null or empty."""
    item = orjson.loads(orjson.dumps(schema_org.to_json_ld(bare)))

    expected = {"@context", "@type", "@id", "identifier", "version", "articleBody", "wordCount"}
    assert expected == set(item)
