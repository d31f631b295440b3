"""Places: which of the places of one name an article means."""

import pytest

from worker.articles import Article, Language
from worker.enrichment import enrich
from worker.enrichment.entities import EntityEnricher
from worker.enrichment.places.enricher import PlaceEnricher
from worker.enrichment.places.gazetteer import CITY, COUNTRY, REGION, gazetteer
from worker.enrichment.places.resolver import Resolver, Toponym
from worker.settings import Settings

GAZETTEER = gazetteer()


def resolved(text: str, *names: str) -> dict[str, tuple[str, str]]:
    """Return the name and country of each of `names`, resolved together."""
    toponyms = [Toponym(name, text.index(name), text.index(name) + len(name)) for name in names]
    found = Resolver(GAZETTEER).resolve(text, toponyms)
    return {toponym.text: (place.name, place.country) for toponym, place, _ in found}


def test_population_decides_where_nothing_else_speaks() -> None:
    """Given Paris alone, then it is the French one."""
    assert resolved("Paris votes.", "Paris") == {"Paris": ("Paris", "FR")}


@pytest.mark.parametrize("text", ["He lives in Paris, Texas.", "He lives in Paris (Texas)."])
def test_the_region_behind_the_name_decides(text: str) -> None:
    """Given a state right behind the name, then the town lies in it."""
    assert resolved(text, "Paris") == {"Paris": ("Paris", "US")}


def test_the_other_names_decide() -> None:
    """Given towns of Ontario around it, then London is Ontario's."""
    text = "Crews from Kitchener, Waterloo and Guelph drove to London overnight."
    assert resolved(text, "Kitchener", "Guelph", "London")["London"] == ("London", "CA")


def test_an_abbreviated_state_is_understood() -> None:
    """Given "Ky." behind the name, then the town lies in Kentucky."""
    assert resolved("A fire in Lebanon, Ky., spread.", "Lebanon") == {"Lebanon": ("Lebanon", "US")}


def test_spellings_of_one_name_meet() -> None:
    """Given accents, abbreviations and articles, then the same place is found."""
    names = ["Saint Petersburg", "St. Petersburg", "St Petersburg"]
    assert len({GAZETTEER.named(name)[0].id for name in names}) == 1
    assert GAZETTEER.named("The Netherlands")[0].kind == COUNTRY
    assert GAZETTEER.named("Zürich") == GAZETTEER.named("Zurich")


def test_an_unknown_name_is_left_out() -> None:
    """Given a name that no gazetteer has, then nothing is guessed."""
    assert resolved("They met in Zzyxburgh.", "Zzyxburgh") == {}


def test_a_capital_is_meant_before_a_region_of_its_name() -> None:
    """Given Washington alone, then it is the capital, and no state of nine times its people."""
    text = "The envoy flew back to Washington."
    toponym = Toponym("Washington", text.index("Washington"), len(text) - 1)
    [(_, place, _)] = Resolver(GAZETTEER).resolve(text, [toponym])
    assert (place.kind, place.capital, place.country) == (CITY, True, "US")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("She flew to New York on Friday.", "New York", ("New York City", CITY)),
        ("She flew to Tokyo on Friday.", "Tokyo", ("Tokyo", CITY)),
        ("She flew to Quebec on Friday.", "Quebec", ("Quebec", REGION)),
        ("New York state sued on Friday.", "New York", ("New York", REGION)),
        ("It snowed in upstate New York.", "New York", ("New York", REGION)),
        ("Washington State sued on Friday.", "Washington", ("Washington", REGION)),
    ],
)
def test_a_great_city_is_meant_before_the_region_named_after_it(
    text: str, name: str, expected: tuple[str, int]
) -> None:
    """Given a name of a city and of its region, then the city is meant, unless the text says "state"."""
    toponym = Toponym(name, text.index(name), text.index(name) + len(name))
    [(_, place, _)] = Resolver(GAZETTEER).resolve(text, [toponym])
    assert expected == (place.name, place.kind)


def test_a_region_behind_a_town_is_no_town() -> None:
    """Given a town and its state, then the state's name is no city; Georgia is where its towns are."""
    found = resolved("Floods hit Albany, New York.", "Albany", "New York")
    assert found["New York"] == ("New York", "US")
    assert resolved("Floods hit Tbilisi, Georgia.", "Georgia", "Tbilisi")["Georgia"][1] == "GE"
    assert resolved("Floods hit Atlanta, Georgia.", "Georgia", "Atlanta")["Georgia"][1] == "US"


def test_a_dateline_in_capitals_names_the_same_town() -> None:
    """Given the state behind a dateline's town, then the body's mention is that town, too."""
    text = "PORTLAND, Maine – Rain fell. Portland flooded."
    toponyms = [Toponym("PORTLAND", 0, 8), Toponym("Portland", 29, 37)]
    found = Resolver(GAZETTEER).resolve(text, toponyms)
    assert len({place.id for _, place, _ in found}) == 1
    assert found[1][1].population < 100_000


def test_one_far_off_town_moves_no_great_city() -> None:
    """Given one town of Florida beside Cleveland, then it is not the hamlet of that name in Florida."""
    text = "Cleveland lost to Pittsburgh and plays in Miami next."
    toponyms = [
        Toponym(name, text.index(name), text.index(name) + len(name))
        for name in ("Cleveland", "Pittsburgh", "Miami")
    ]
    assert Resolver(GAZETTEER).resolve(text, toponyms)[0][1].population > 300_000


def test_a_village_that_nothing_speaks_for_is_no_place() -> None:
    """Given names that villages far off bear as well, then they are none, unless their region is named."""
    assert resolved("AMAs and Cornell met in France.", "AMAs", "Cornell", "France").keys() == {
        "France"
    }
    text = "They met in Cornell, a village of Wisconsin."
    assert resolved(text, "Cornell", "Wisconsin")["Cornell"] == ("Cornell", "US")


def test_planets_are_no_towns() -> None:
    """Given a planet, then it is no town in Texas or Florida, unless its state stands behind."""
    text = "Seen from Earth, Jupiter rose over Houston."
    assert set(resolved(text, "Earth", "Jupiter", "Houston")) == {"Houston"}
    assert resolved("A pier in Jupiter, Florida.", "Jupiter") == {"Jupiter": ("Jupiter", "US")}


def test_another_name_needs_a_second_voice() -> None:
    """Given a name that is not the town's own, then it counts where a name of its country stands by."""
    assert resolved("A letter to Peking was lost.", "Peking") == {}
    text = "A letter from Wuhan to Peking was lost."
    assert resolved(text, "Wuhan", "Peking")["Peking"] == ("Beijing", "CN")


def test_a_towns_own_name_goes_before_anothers_old_one() -> None:
    """Given a name that a large town once had too, then the town that has it now is meant."""
    assert {place.name for place in GAZETTEER.named("Venice") if not place.own}
    assert resolved("She sang in Venice.", "Venice")["Venice"] == ("Venice", "IT")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("N.Y.", {"N.Y.": ("New York", "US")}),
        ("E.U.", {}),
        ("L.A.", {}),
        ("Central America", {}),
        ("Eastern Europe", {"Eastern Europe": ("Europe", "")}),
    ],
)
def test_initials_and_parts_of_the_world(name: str, expected: dict[str, tuple[str, str]]) -> None:
    """Given initials, then each stands for a word; and a part of America is not the United States."""
    assert resolved(f"They came from {name} in May.", name) == expected


def test_places_carry_offsets_identifiers_and_confidence() -> None:
    """Given an article, then each place cuts its own text out of it and has a GeoNames number."""
    text = "Ferries sail from Lisbon to Algiers, said the mayor of Athens."
    article = Article(id="a", text=text, language=Language(code="en", confidence=1.0))
    settings = Settings()
    enrich([EntityEnricher(settings), PlaceEnricher(settings)], [article])
    assert article.places
    assert [(one.name, one.country_code) for one in article.places] == [
        ("Lisbon", "PT"),
        ("Algiers", "DZ"),
        ("Athens", "GR"),
    ]
    assert all(text[one.start : one.end] == one.text for one in article.places)
    assert all(one.geonames_id and 0 < one.confidence <= 1 for one in article.places)


def test_without_entities_places_are_null_with_a_reason() -> None:
    """Given an article that `entities` did not serve, then there are no places, and it says why."""
    article = Article(id="a", text="Satama on Turussa.")
    enrich([PlaceEnricher(Settings())], [article])
    run = article.provenance.enrichers["places"]
    assert (article.places, run.status, run.reason) == (
        None,
        "skipped",
        "the article has no entities",
    )
