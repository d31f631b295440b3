"""Entities: mentions, offsets, languages."""

import pytest

from worker.articles import Article
from worker.enrichment import Enricher, build, enrich
from worker.enrichment.entities.named import Named
from worker.enrichment.entities.titles import title_of
from worker.settings import Settings

TEXT = (
    "Harbour master Ines Calder said the ferry would sail from Plymouth to Roscoff on Friday.\n\n"
    "The Marine Accident Investigation Branch declined to comment."
)


@pytest.fixture(scope="module")
def enrichers() -> list[Enricher]:
    """Return language and entities, built once."""
    return build(Settings(enrichers=["entities", "language"]))


def test_mentions_carry_exact_offsets(enrichers: list[Enricher]) -> None:
    """Given an English text, then each mention's offsets cut its own text out of it."""
    article = Article(id="a", text=TEXT)
    enrich(enrichers, [article])
    assert article.entities
    assert all(TEXT[one.start : one.end] == one.text for one in article.entities)
    assert {"Ines Calder", "Plymouth"} <= {one.text for one in article.entities}


def test_a_language_without_a_model_is_null_with_a_reason(enrichers: list[Enricher]) -> None:
    """Given a Finnish text, then entities are null and provenance says why."""
    text = "Kaupunginhallitus päätti maanantaina uuden sillan rakentamisesta joen yli keskustaan."
    article = Article(id="a", text=text)
    enrich(enrichers, [article])
    run = article.provenance.enrichers["entities"]
    assert (article.entities, article.subjects) == (None, None)
    assert (run.status, run.reason) == ("skipped", "no entities for language 'fi'")


def subjects(enrichers: list[Enricher], text: str) -> dict[str, tuple[str, int, str | None]]:
    """Return each subject's label, count and title."""
    article = Article(id="a", text=text)
    enrich(enrichers, [article])
    assert article.subjects is not None
    return {one.name: (one.label, one.count, one.title) for one in article.subjects}


def test_mentions_of_one_person_are_joined(enrichers: list[Enricher]) -> None:
    """Given a full name, a surname and a title, then they are one subject with its title."""
    text = (
        "Secretary of State Martin Okafor flew to Geneva on Monday. Okafor said the talks were "
        "going well.\n\nMr. Okafor returns to London on Friday, the ministry said."
    )
    assert subjects(enrichers, text)["Martin Okafor"] == ("person", 3, "Secretary of State")


def test_initials_in_brackets_are_the_name_before_them(enrichers: list[Enricher]) -> None:
    """Given a name with its initials in brackets, then later initials are the same subject."""
    text = (
        "The National Farmers Federation (NFF) met in Canberra on Tuesday. The NFF wants a new "
        "water treaty, and the NFF will vote on it."
    )
    assert subjects(enrichers, text)["National Farmers Federation"][:2] == ("organisation", 4)


def test_salience_adds_up_and_favours_the_lead(enrichers: list[Enricher]) -> None:
    """Given an article, then salience sums to one and the one it is about has most of it."""
    article = Article(id="a", text=TEXT, title="Ines Calder on the ferry")
    enrich(enrichers, [article])
    assert article.subjects
    assert sum(one.salience for one in article.subjects) == pytest.approx(1.0, abs=0.01)
    assert max(article.subjects, key=lambda one: one.salience).name == "Ines Calder"
    assert {one.entity for one in article.entities or []} == {one.key for one in article.subjects}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("It cost less, according to Mayor Teresa Valadares.", "Mayor"),
        ("He met the foreign minister Teresa Valadares there.", "foreign minister"),
        ("They told deputy prime minister Teresa Valadares.", "deputy prime minister"),
        ("Former Harbour master Teresa Valadares left.", "Former Harbour master"),
        ("She called Teresa Valadares.", None),
        ("The paper went on to quote Zedby’s police chief, Teresa Valadares.", None),
        ("It rained. Its area director, Teresa Valadares, left.", "area director"),
        ("While Bank press secretary Teresa Valadares sang, it rained.", "Bank press secretary"),
        (
            "It was Teresa Valadares, then serving as the mayor's doctor, who rang.",
            "mayor's doctor",
        ),
        (
            "It was Teresa Valadares, senior scientist of marine mammal biology at the Harbour Animal "
            "Welfare Institute, who rang.",
            "senior scientist of marine mammal biology at the Harbour Animal Welfare Institute",
        ),
        (
            "It was Teresa Valadares, senior scientist of the marine mammals and of the cold water fish at "
            "the old and worthy Harbour Institute of Zedby, who rang.",
            "senior scientist of the marine mammals and of the cold water fish at the old and worthy Harbour",
        ),
        ("So said Teresa Valadares, an engineer who taught at two schools.", "engineer"),
        ("So said Teresa Valadares, after the clashes between the leader's men.", None),
        ("So Teresa Valadares, testified that Ola had met with the chairman, left.", None),
        ("So Teresa Valadares, alluding to the chairman's hopes, left.", None),
        ("So Teresa Valadares, stood before Judge Ola Brandvik in tears.", None),
        ("So Teresa Valadares, who will be the harbour's chief, left.", None),
        ("So Teresa Valadares, stand-in captain of Zedby, left.", "stand-in captain of Zedby"),
        ("So Teresa Valadares, chief officer of the port said.", "chief officer of the port"),
        ("So Teresa Valadares, an aide to Mrs. Brandvik, left.", "aide to Mrs. Brandvik"),
        ("So Teresa Valadares, an envoy of the U.N., left.", "envoy of the U.N."),
        ("So Teresa Valadares, a former special agent, left.", "former special agent"),
        ("It told Senator Ola Brandvik and congresswoman Teresa Valadares so.", "congresswoman"),
        (
            "It told Bank Union Ola Brandvik and Energy Secretary Teresa Valadares.",
            "Energy Secretary",
        ),
        ("It told President and Chief Engineer Teresa Valadares.", "President and Chief Engineer"),
        ("So Teresa Valadares, businessman Ola Brandvik and others left.", None),
        ("So Teresa Valadares, and the former owner of the port, left.", None),
        ("She wrote a letter to the president in May, Teresa Valadares, said.", None),
    ],
)
def test_a_title_is_the_words_of_the_office_alone(text: str, title: str | None) -> None:
    """Given a title in a sentence, then no word of the sentence around it is taken for a part of it."""
    start = text.index("Teresa")

    assert title == title_of(text, [Named(start, start + 16, "person")])
