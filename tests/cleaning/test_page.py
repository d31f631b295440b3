"""Whole pages: the story's box, its standfirst, and the metadata with its sources."""

import datetime as dt
import json

import pytest

from worker.articles import RawArticle
from worker.cleaning import Cleaned, clean

PARAGRAPHS = [
    "The council of Nordhavn voted on Tuesday night to close the fish market for the whole winter.",
    "“The roof will not carry another metre of snow,” said Ida Brandt, who heads the building office.",
    "Traders were told to move their stalls to the sports hall, which has room for about forty of them.",
]
LD = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Nordhavn Courier"},
        {
            "@type": "NewsArticle",
            "headline": "Fish market closes for the winter",
            "author": [{"@type": "Person", "name": "Per Holm"}, {"@id": "#a2"}],
            "publisher": {"@type": "Organization", "name": "Nordhavn Courier"},
            "datePublished": "2025-11-04T21:30:00+01:00",
            "dateModified": "2025-11-05T07:00:00+01:00",
            "articleSection": "Town",
            "keywords": ["market", "snow"],
            "isAccessibleForFree": False,
            "image": {
                "@type": "ImageObject",
                "url": "https://nh.example/m.jpg",
                "caption": "The roof",
            },
        },
        {"@type": "Person", "@id": "#a2", "name": "Lone Friis"},
    ],
}


def page(*, head: str = "", before: str = "", after: str = "", ld: object = None) -> str:
    script = f'<script type="application/ld+json">{json.dumps(ld)}</script>' if ld else ""
    story = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    menu = "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Town", "Sport", "Sea"))
    teasers = "".join(
        f'<li><a href="/s/{n}">Another story of this week, number {n}</a><p>A line on it.</p></li>'
        for n in range(6)
    )
    return (
        f"<!DOCTYPE html><html lang='en-GB'><head><title>Fish market closes | Nordhavn Courier</title>"
        f"{head}{script}</head><body><nav><ul>{menu}</ul></nav><main>{before}"
        f"<div class='content'>{story}</div>{after}</main>"
        f"<aside class='most-read'><ul>{teasers}</ul></aside>"
        "<div class='comments'><p>I think that the council should have mended this roof years ago.</p></div>"
        "<footer><p>© Nordhavn Courier. All rights reserved, and so on and so on, for ever.</p></footer>"
        "</body></html>"
    )


def cleaned(**parts: object) -> Cleaned:
    return clean(RawArticle(html=page(**parts), url="https://nh.example/town/fish"))  # type: ignore[arg-type]


def test_only_the_story_comes_out_of_a_page() -> None:
    """Given menu, teasers, comments and footer around a story, only the story is text."""
    assert PARAGRAPHS == cleaned().paragraphs


def test_a_headline_in_two_lines_has_the_colon_of_the_pages_description() -> None:
    """Given a topic and a headline in two lines of a heading, when cleaned, a colon parts them."""
    head = "<meta property='og:title' content='Winter in Nordhavn: Fish market closes'>"
    before = "<h1><span>Winter in Nordhavn</span> <span>Fish market closes</span></h1>"

    assert cleaned(head=head, before=before).title == "Winter in Nordhavn: Fish market closes"


def test_the_standfirst_belongs_to_the_story() -> None:
    """Given a summary between headline and body, when cleaned, it opens the text."""
    lead = "Forty traders must leave before the first snow of the year comes."
    before = f"<h1>Fish market closes for the winter</h1><p class='standfirst'>{lead}</p><p>By Per Holm</p>"

    assert [lead, *PARAGRAPHS] == cleaned(before=before).paragraphs


def test_json_ld_is_read_first() -> None:
    """Given JSON-LD and meta fields that differ, when cleaned, JSON-LD counts and says so."""
    result = cleaned(
        ld=LD,
        head="<meta name='author' content='Web Desk'><meta property='article:section' content='News'>",
    )

    assert "Fish market closes for the winter" == result.title
    assert ["Per Holm", "Lone Friis"] == result.authors
    assert "2025-11-04T21:30:00+01:00" == result.published_at.isoformat()  # type: ignore[union-attr]
    assert "2025-11-05T07:00:00+01:00" == result.modified_at.isoformat()  # type: ignore[union-attr]
    assert ("Town", ["market", "snow"], "Nordhavn Courier") == (
        result.section,
        result.tags,
        result.outlet,
    )
    assert [("https://nh.example/m.jpg", "The roof")] == [(i.url, i.caption) for i in result.images]
    assert result.paywalled
    assert "json-ld" == result.sources["authors"] == result.sources["published_at"]


def test_what_the_scraper_said_counts_most() -> None:
    """Given a title and authors in the raw article, when cleaned, the page does not change them."""
    raw = RawArticle(html=page(ld=LD), title="Market shut", authors=["Ida B."])
    result = clean(raw)

    assert ("Market shut", ["Ida B."], "raw") == (
        result.title,
        result.authors,
        result.sources["title"],
    )


@pytest.mark.parametrize(
    ("before", "authors"),
    [
        (
            "<h1>Fish market closes</h1><p>By Per Holm and Lone Friis, town reporters</p>",
            ["Per Holm", "Lone Friis"],
        ),
        (
            "<h1>Fish market closes</h1><div class='byline'>3 May 2025 | Per Holm</div>",
            ["Per Holm"],
        ),
        ("<h1>Fish market closes</h1><a rel='author' href='/x'>Per Holm</a>", ["Per Holm"]),
        (
            "<h1>Fish market closes</h1><p><a href='/authors/per-holm'>Per Holm</a></p>",
            ["Per Holm"],
        ),
        ("<h1>Fish market closes</h1><div class='byline'>Nordhavn Courier</div>", []),
        ("<h1>Fish market closes</h1><p>By staff</p>", []),
        ("<h1>Fish market closes</h1>", []),
    ],
)
def test_bylines_are_read_from_the_page(before: str, authors: list[str]) -> None:
    """Given a byline in the page alone, when cleaned, people are authors and desks are not."""
    assert authors == cleaned(before=before).authors


@pytest.mark.parametrize(
    ("head", "before", "day", "source"),
    [
        (
            "<meta property='article:published_time' content='2025-11-04T20:30:00Z'>",
            "",
            dt.date(2025, 11, 4),
            "open-graph",
        ),
        ("<meta name='date' content='November 4, 2025'>", "", dt.date(2025, 11, 4), "meta"),
        (
            "",
            "<h1>Fish</h1><time datetime='2025-11-04'>Tuesday</time>",
            dt.date(2025, 11, 4),
            "markup",
        ),
        ("", "<h1>Fish</h1><p>4. November 2025</p>", dt.date(2025, 11, 4), "markup"),
        ("", "", None, None),
    ],
)
def test_the_date_says_where_it_came_from(
    head: str, before: str, day: dt.date | None, source: str | None
) -> None:
    """Given a date in one place, when cleaned, it is found there; without any it stays unknown."""
    result = cleaned(head=head, before=before)

    assert day == (result.published_at.date() if result.published_at else None)
    assert source == result.sources.get("published_at")


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://www.nh.example/town/fish-market", "https://www.nh.example/town/fish-market"),
        ("https://other.example/x", "https://nh.example/town/fish"),
        ("/", "https://nh.example/town/fish"),
    ],
)
def test_the_address_is_the_canonical_one_on_the_same_host(canonical: str, url: str) -> None:
    """Given a canonical link, when it names a page of the same host, it is the address."""
    assert url == cleaned(head=f"<link rel='canonical' href='{canonical}'>").url


def test_each_author_of_a_paper_has_a_field() -> None:
    """Given one field an author, family name first, when cleaned, all are named as people are."""
    fields = ("Holm, Per", "Md Karim", "Friis, Lone")
    head = "".join(f"<meta name='citation_author' content='{name}'>" for name in fields)

    assert ["Per Holm", "Md Karim", "Lone Friis"] == cleaned(head=head).authors


@pytest.mark.parametrize(
    "before",
    [
        "<h1>Fish market closes</h1><p>Written by</p><p>Per Holm</p>",
        "<h1>Fish market closes</h1><p>Tue 04.11.25 | 14:07 | By Per Holm</p>",
    ],
)
def test_a_byline_may_stand_in_parts(before: str) -> None:
    """Given a label apart from its name, or a byline after a time, when cleaned, the name is found."""
    assert ["Per Holm"] == cleaned(before=before).authors


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("<p>Updated 6 November 2025</p><p>Published 4 November 2025</p>", 4),
        ("<p>Published:</p><p>4 November 2025</p><p>6 November 2025</p>", 4),
        ("<p>4 November 2025</p><p>Last reviewed 6 November 2025</p>", 4),
        ("<p>Updated 6 November 2025</p>", 6),
    ],
)
def test_the_day_of_publication_counts_more_than_that_of_a_change(lines: str, day: int) -> None:
    """Given several dates beside the headline, when cleaned, what is said of them decides."""
    result = cleaned(before=f"<h1>Fish market closes</h1>{lines}")

    assert result.published_at is not None
    assert day == result.published_at.day


def test_a_fragment_is_not_searched_for_dates() -> None:
    """Given a fragment that names a day, when cleaned, its date stays unknown."""
    result = clean(RawArticle(html="<p>The ship sank on 4 November 2025, the inquiry found.</p>"))

    assert result.published_at is None


def test_a_hint_overrides_the_decision() -> None:
    """Given a page called a fragment, when cleaned, it is treated as one."""
    result = clean(RawArticle(html=page(), kind="fragment"))

    assert "fragment" == result.extractor


def test_a_second_article_on_the_page_is_left_out() -> None:
    """Given a page that loads the next story below, when cleaned, the first alone comes out."""
    story = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    other = story.replace("fish", "wool").replace("Tuesday", "Sunday").replace("roof", "floor")
    articles = f"<article><h1>One</h1>{story}</article><article><h1>Two</h1>{other}</article>"
    html = f"<html><body>{articles}</body></html>"

    assert PARAGRAPHS == clean(RawArticle(html=html)).paragraphs
