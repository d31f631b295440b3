"""Rules that put a small model's spans right."""

import re

import pytest

from worker.enrichment.entities.corrections import Corrector
from worker.enrichment.entities.named import Draft
from worker.enrichment.entities.spans import Span
from worker.enrichment.places.gazetteer import gazetteer

CORRECTOR = Corrector(gazetteer())


def corrected(text: str, **spans: str) -> set[tuple[str, str]]:
    """Correct a model's spans, given as words with underscores = tag; return words and labels."""
    found = []
    for words, tag in spans.items():
        name = words.replace("_", " ")
        found.append(Span(text.index(name), text.index(name) + len(name), tag))
    draft = Draft(text, sorted(found, key=lambda span: span.start))
    CORRECTOR.correct(draft)
    return {(draft.cut(one), one.label) for one in draft}


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("He left the Rural Party of Norway early.", {}, ("Rural Party of Norway", "organisation")),
        ("It met the Acme Bank's staff.", {"the_Acme_Bank": "ORG"}, ("Acme Bank", "organisation")),
        ("It met the Acme Council on Friday.", {}, ("Acme Council", "organisation")),
        ("They live in Lyon today.", {"Lyon": "PERSON"}, ("Lyon", "place")),
        ("They live in Lyon today.", {}, ("Lyon", "place")),
        ("Canberra, Australia, is cold.", {"Canberra": "ORG"}, ("Canberra", "place")),
        ("MP Ola Brandvik resigned.", {}, ("Ola Brandvik", "person")),
        (
            "The 1987 Kenya general election was close.",
            {"Kenya": "GPE"},
            ("1987 Kenya general election", "other"),
        ),
        ("The Mill Union (MUX) met.", {}, ("MUX", "organisation")),
        ("It was in Mill Road and Quay.", {"Mill_Road_and": "FAC"}, ("Mill Road", "place")),
        ("Ola Brandvik & Co.", {"Ola_Brandvik_&": "PERSON"}, ("Ola Brandvik", "person")),
        (
            "“Today the Acme Nine fell.",
            {"Today_the_Acme_Nine": "ORG"},
            ("Acme Nine", "organisation"),
        ),
        ("Ferry News\n\nIt sank.", {"Ferry_News\n\nIt": "ORG"}, ("Ferry News", "organisation")),
        ("200g\nAnn Bell’s\nA", {"\nAnn_Bell’s\nA": "PERSON"}, ("Ann Bell", "person")),
        ("Ola’s Delta Nine fell.", {"’s_Delta_Nine": "ORG"}, ("Delta Nine", "organisation")),
        ("Ana Ruiz, 42, left.", {"Ana_Ruiz": "ORG"}, ("Ana Ruiz", "person")),
        ("Ana Ruiz, who led it, left.", {"Ana_Ruiz": "ORG"}, ("Ana Ruiz", "person")),
        ("Ana Ruiz, the harbour master, left.", {"Ana_Ruiz": "GPE"}, ("Ana Ruiz", "person")),
        ("The shipbuilder Quarn said so.", {"Quarn": "PERSON"}, ("Quarn", "organisation")),
        ("Quarn’s shares fell.", {"Quarn": "GPE"}, ("Quarn", "organisation")),
        ("Mirthe Quarn left early.", {"Quarn": "PERSON"}, ("Mirthe Quarn", "person")),
        ("The Belgian Quarn left.", {"Quarn": "PERSON"}, ("Quarn", "person")),
        ("Nobody Quarn knew left.", {"Quarn": "PERSON"}, ("Quarn", "person")),
        (
            "The Teatro do Fundo opened.",
            {"Teatro": "FAC", "Fundo": "PERSON"},
            ("Teatro do Fundo", "place"),
        ),
        ("The Cais do Quarn closed.", {"Cais": "FAC"}, ("Cais do Quarn", "place")),
        ("It runs on Spotify now.", {"Spotify": "GPE"}, ("Spotify", "organisation")),
        ("NETFLIX raised its price.", {"NETFLIX": "PERSON"}, ("NETFLIX", "organisation")),
        ("She won the Quarn Cup twice.", {"Quarn_Cup": "PERSON"}, ("Quarn Cup", "other")),
        ("A Canadian flag flew.", {"Canadian": "GPE"}, ("Canadian", "other")),
        ("Quarn sold it. Quarn Group grew.", {"Quarn": "PERSON"}, ("Quarn", "organisation")),
        ("Ana Ruiz – late again – left.", {"Ana_Ruiz_–": "PERSON"}, ("Ana Ruiz", "person")),
        ("Goals: A. Brandvik 2, Ruiz 1", {"A._Brandvik_2": "PERSON"}, ("A. Brandvik", "person")),
        (
            "Ana Ruiz came. Ruiz’s July 25 call failed.",
            {"Ana_Ruiz": "PERSON", "Ruiz’s_July_25": "ORG"},
            ("Ruiz", "person"),
        ),
        (
            "Ana Ruiz came. Ruiz’s Delta Nine fell.",
            {"Ana_Ruiz": "PERSON", "Ruiz’s_Delta_Nine": "ORG"},
            ("Delta Nine", "organisation"),
        ),
        (
            "Ana Ruiz and Ruiz met.",
            {"Ana_Ruiz": "PERSON"},
            ("Ana Ruiz", "person"),
        ),
    ],
)
def test_a_rule(text: str, spans: dict[str, str], expected: tuple[str, str]) -> None:
    """Given a model's spans, then the corrected ones hold the name, whole and with its label."""
    assert expected in corrected(text, **spans)


def test_members_of_a_list_are_of_one_kind() -> None:
    """Given a list whose members are mostly places, then all are."""
    text = "Boats from Zedby, Quarn and Ilvik sank."
    found = corrected(text, Zedby="GPE", Quarn="ORG", Ilvik="GPE")
    assert found == {("Zedby", "place"), ("Quarn", "place"), ("Ilvik", "place")}


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("Ola Brandvik (Ky.) left.", {"Ola_Brandvik": "PERSON"}, {("Ola Brandvik", "person")}),
        ("Ola didn’t keep the meth.", {"n’t": "GPE", "meth": "GPE"}, set()),
        (
            "Secretary of State Ola Brandvik left.",
            {"State": "ORG", "Ola_Brandvik": "PERSON"},
            {("Ola Brandvik", "person")},
        ),
        ("It ends in March.", {}, set()),
        ("It was 🙂 and ½ of it.", {"🙂": "ORG", "½": "PERSON"}, set()),
        ("CLAIM: It held 306 HP.", {"CLAIM": "PERSON", "HP": "ORG"}, set()),
        (
            "More Delta Deals Are Live Today\n\nOla Brandvik saw Quarn Nine.",
            {"Delta_Deals_Are_Live": "ORG", "Ola_Brandvik": "PERSON", "Quarn_Nine": "PRODUCT"},
            {("Ola Brandvik", "person"), ("Quarn Nine", "other")},
        ),
        (
            "Why Quarn Nine Will Not Sail\n\nOla Brandvik saw Quarn Nine.",
            {"Quarn_Nine ": "PRODUCT", "Ola_Brandvik": "PERSON"},
            {("Ola Brandvik", "person")},
        ),
    ],
)
def test_what_is_no_name(text: str, spans: dict[str, str], expected: set[tuple[str, str]]) -> None:
    """Given what only stands where names stand, or looks like one; then none is named."""
    assert expected == corrected(text, **spans)


def test_what_a_town_far_off_is_also_called_is_no_place() -> None:
    """Given organisations whose names large towns have in other languages, then they stay what they are."""
    spans = {"Google": "ORG", "Hamas": "ORG", "White_House": "ORG"}
    found = corrected("He met Google and Hamas at the White House.", **spans)
    assert found == {(name.replace("_", " "), "organisation") for name in spans}


def test_a_surname_is_its_person_even_where_most_mentions_are_taken_for_another() -> None:
    """Given a person named in full whose surname is mostly taken for a firm, then all are the person."""
    text = "Ola Brandvik spoke. Brandvik left. “No,” Brandvik said. Later Brandvik rang."
    starts = [match.start() for match in re.finditer("(?<!Ola )Brandvik", text)]
    tags = ["ORG", "ORG", "PERSON"]
    spans = [Span(start, start + 8, tag) for start, tag in zip(starts, tags, strict=True)]
    draft = Draft(text, [Span(0, 12, "PERSON"), *spans])

    CORRECTOR.correct(draft)

    assert [one.label for one in draft] == ["person"] * 4


@pytest.mark.parametrize(
    ("text", "first", "second", "expected"),
    [
        (
            "Ana Quarnlund spoke. Quarnlund left.",
            ("Ana Quarnlund", "ORG"),
            ("Quarnlund", "PERSON"),
            "person",
        ),
        (
            "Ilvik Dodgers won. Dodgers rest.",
            ("Ilvik Dodgers", "ORG"),
            ("Dodgers", "PERSON"),
            "organisation",
        ),
        (
            "Ilvik Watchdog rose. Watchdog fell.",
            ("Ilvik Watchdog", "ORG"),
            ("Watchdog", "PERSON"),
            "organisation",
        ),
    ],
)
def test_a_name_and_its_last_word_are_of_one_kind(
    text: str, first: tuple[str, str], second: tuple[str, str], expected: str
) -> None:
    """Given a name and its last word with other labels, then a rare word makes a person, others none."""
    start = text.rindex(second[0])
    spans = [Span(0, len(first[0]), first[1]), Span(start, start + len(second[0]), second[1])]
    draft = Draft(text, spans)
    CORRECTOR.correct(draft)
    assert [expected, expected] == [one.label for one in draft]


def test_words_have_one_label() -> None:
    """Given as many mentions of one label as of another, then all have the first's, or a known place's."""
    text = "Quarn Nine rose, Quarn Nine fell. In the end Lyon beat Lyon."
    spans = [
        Span(0, 10, "PRODUCT"),
        Span(17, 27, "PERSON"),
        Span(45, 49, "ORG"),
        Span(55, 59, "GPE"),
    ]
    draft = Draft(text, spans)
    CORRECTOR.correct(draft)
    assert ["other", "other", "place", "place"] == [one.label for one in draft]


def test_a_date_is_no_entity() -> None:
    """Given a span of a kind that is no entity, then it is left out."""
    assert corrected("On Friday.", Friday="DATE") == set()


def test_a_lone_surname_nobody_introduced_is_a_town() -> None:
    """Given an article whose "person" has one word, a town's name, and no full name, then a town."""
    text = "Gainesville woke to floods. " + "Rain fell for three days and nobody slept. " * 15
    assert corrected(text, Gainesville="PERSON") == {("Gainesville", "place")}
