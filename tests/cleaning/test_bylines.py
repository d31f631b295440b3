"""Authors and days as pages and fragments show them, beside what they declare."""

import datetime as dt

import pytest

from tests.cleaning.test_page import cleaned, page
from worker.articles import RawArticle
from worker.cleaning import clean

HEADING = "<h1>Fish market closes</h1>"
STORY = (
    "<p>The ferry to Nordhavn is back after four weeks in the yard, and it leaves at nine as always.</p>"
    "<p>Its owner says that the new engine burns a third less, and that the fares will stay.</p>"
)


@pytest.mark.parametrize(
    ("author", "people"),
    [
        ("Per Holm, Head of Ports, Holm Shipping", ["Per Holm"]),
        ("Per Holm, MD, FRCS", ["Per Holm"]),
        ("Per Holm M.P.H.", ["Per Holm"]),
        ("Per Holm III", ["Per Holm III"]),
        ("Per Holm, political editor, and Lone Friis", ["Per Holm", "Lone Friis"]),
        ("Per Holm (Content Manager)", ["Per Holm"]),
        ("Centre for Harbour Studies and Training", []),
        ("nordhavn.example, Nordhavn, Norway", []),
        ("(Image: Getty Images/iStockphoto)", []),
    ],
)
def test_roles_institutions_and_places_are_no_authors(author: str, people: list[str]) -> None:
    """Given an author field that says where somebody works, when cleaned, the people are left."""
    assert people == cleaned(head=f"<meta name='author' content='{author}'>").authors


def test_a_byline_counts_more_than_an_author_named_after_the_outlet() -> None:
    """Given the outlet as declared author, when the page names a person, then the person is the author."""
    head = "<meta property='og:site_name' content='Lone Friis'><meta name='author' content='Lone Friis'>"

    assert ["Per Holm"] == cleaned(head=head, before=f"{HEADING}<p>By Per Holm</p>").authors
    assert ["Lone Friis"] == cleaned(head=head).authors  # a blog of one person


@pytest.mark.parametrize(
    "before",
    [
        f"{HEADING}<div><img class='avatar' src='/1.png' alt=''> Per Holm in Harbours</div>",
        f"{HEADING}<div><img class='x' src='/authors/1.png' alt='Per Holm, reporter'></div><p>Per Holm</p>",
        f"{HEADING}<p><strong>Per Holm</strong></p>",
    ],
)
def test_a_name_counts_beside_its_portrait_or_as_a_signature(before: str) -> None:
    """Given a line that is no more than a name, when it is set as a byline is, it tells the author."""
    assert ["Per Holm"] == cleaned(before=before).authors


def test_a_signature_may_stand_below_the_story() -> None:
    """Given a name to the right below the last paragraph, when cleaned, it tells the author."""
    html = page()
    signed = html.replace("</p></div></main>", "</p><p align='right'>Per Holm</p></div></main>")

    assert [] == clean(RawArticle(html=html)).authors
    assert ["Per Holm"] == clean(RawArticle(html=signed)).authors


@pytest.mark.parametrize(
    "before",
    [
        f"{HEADING}<div><img class='photo' src='/1.png' alt='Fish Market'></div><p>Fish Market</p>",
        f"{HEADING}<p><strong>Related Resources:</strong></p>",
        f"{HEADING}<div class='byline'>Reviewed by Lone Friis</div>",
    ],
)
def test_not_every_name_is_an_author(before: str) -> None:
    """Given two capitals that name no author, when cleaned, nobody is named."""
    assert [] == cleaned(before=before).authors


def test_what_stands_at_the_heading_counts_more_than_the_cards_above() -> None:
    """Given teasers with names and days above the heading, when cleaned, they are not the story's."""
    cards = "".join(
        f"<p>Another story of this week, number {n}</p><p>By Ida Lund</p><p>{n} March 2026</p><p>Harbours</p>"
        for n in (11, 12)
    )
    lines = "<p>By Per Holm</p><p>4 November 2025</p>"

    result = cleaned(before=f"{cards}<p>Town</p><p>Sea</p>{HEADING}{lines}")

    assert ["Per Holm"] == result.authors
    assert dt.date(2025, 11, 4) == result.published_at.date()


def test_the_time_of_a_comment_or_a_teaser_is_not_the_storys() -> None:
    """Given a day at the heading and times farther down, when cleaned, the day counts."""
    after = (
        "<div class='comments'><time itemprop='datePublished' datetime='2025-11-09T10:00'>Sunday</time></div>"
        "<div><time datetime='2026-01-02T08:00'>2 January 2026</time></div>"
    )

    result = cleaned(before=f"{HEADING}<p>4 November 2025</p>", after=after)

    assert dt.date(2025, 11, 4) == result.published_at.date()


@pytest.mark.parametrize(
    ("byline", "people"),
    [
        ("<p>By Per Holm and Lone Friis</p>", ["Per Holm", "Lone Friis"]),
        ("<p class='byline'>Per Holm</p>", ["Per Holm"]),
        ("<p>By the harbour office</p>", []),
    ],
)
def test_a_fragment_names_the_authors_of_its_own_byline(byline: str, people: list[str]) -> None:
    """Given a byline in a fragment, when cleaned, it leaves the text and its people are the authors."""
    result = clean(RawArticle(html=byline + STORY))

    assert people == result.authors
    assert result.text.startswith("The ferry to Nordhavn")
    assert ("markup" if people else None) == result.sources.get("authors")


def test_what_the_scraper_says_counts_more_than_a_fragments_byline() -> None:
    """Given authors in the raw article, when a fragment has a byline, the authors are the scraper's."""
    raw = RawArticle(html=f"<p>By Per Holm</p>{STORY}", authors=["Ida Lund"])

    assert ["Ida Lund"] == clean(raw).authors
