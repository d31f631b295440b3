"""Cleaning of the shape that feeds hand over, and of what cannot be cleaned."""

import pytest

from worker.articles import RawArticle
from worker.cleaning import clean
from worker.errors import RejectedError
from worker.outcomes import Reason

FRAGMENT = (
    "<p>The harbour office closed two berths on Monday after cracks were found in the quay.</p>."
    '<p><strong>Also read: <a href="https://news.example/quay">'
    "Why the quay was never rebuilt</a></strong></p>."
    "<p>“We had no choice,” harbour master Ida Brandt said. Ferries land elsewhere until May.</p>"
)


def test_a_feed_body_comes_out_as_its_paragraphs() -> None:
    """Given paragraphs joined with full stops, promotion between, the paragraphs alone stay."""
    cleaned = clean(RawArticle(html=FRAGMENT))

    expected = [
        "The harbour office closed two berths on Monday after cracks were found in the quay.",
        "“We had no choice,” harbour master Ida Brandt said. Ferries land elsewhere until May.",
    ]
    assert expected == cleaned.paragraphs
    assert "\n\n".join(expected) == cleaned.text


def test_promotion_is_kept_apart() -> None:
    """Given a promotion, its link has its own rel and its text is kept with the reason."""
    cleaned = clean(RawArticle(html=FRAGMENT))

    links = [(link.href, link.text, link.rel) for link in cleaned.links]
    removed = [(removed.text, removed.reason) for removed in cleaned.removed]
    expected_links = [("https://news.example/quay", "Why the quay was never rebuilt", "promotion")]
    assert expected_links == links
    expected_removed = [("Also read: Why the quay was never rebuilt", "promotion")]
    assert expected_removed == removed


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RawArticle(), Reason.NO_CONTENT),
        (RawArticle(html="<p> </p>.<p>.</p>"), Reason.NO_TEXT),
        (RawArticle(html="<div>" * 100_000 + "deep"), Reason.TOO_DEEP),
        (
            RawArticle(html="<p " + " ".join(f"a{n}" for n in range(200_000)) + ">wide</p>"),
            Reason.TOO_LARGE,
        ),
        (RawArticle(html="\x00\ufffd" * 500), Reason.BINARY),
    ],
)
def test_what_cannot_be_cleaned_is_rejected_with_its_reason(
    raw: RawArticle, reason: Reason
) -> None:
    """Given input that can never succeed, when it is cleaned, then the rejection names why."""
    with pytest.raises(RejectedError) as rejected:
        clean(raw)

    assert reason == rejected.value.reason


PARAGRAPH = "<p>The council of the old town met on Tuesday to talk about the bridge.</p>"


@pytest.mark.parametrize(
    "body",
    [
        "<p>The  dam\theld   and the town\n slept on.</p>",
        "<p>The dam&nbsp;held, said <a href='/a'>the  mayor</a> <b> of the town</b>.</p>",
        "<p>One line<br>and another<br><br>and a third.</p>",
        "<ul><li>The first of them is red.</li><li>The other one is blue.</li></ul>",
        "<table><tr><td>Lake Town</td><td>3 to 1</td></tr></table>",
        "<pre>if  held:\n    sleep( )</pre>",
        "<p>市は橋を閉鎖した。 – “The dam held”</p>",
        "<figure><img src='/a.jpg'><figcaption>The dam in the morning.</figcaption></figure>",
    ],
)
def test_words_are_counted_as_they_stand_between_blanks(body: str) -> None:
    """Given a block of any kind beside a paragraph, then the words are those of the text."""
    cleaned = clean(RawArticle(html=f"{PARAGRAPH}{body}{PARAGRAPH.replace('bridge', 'ferry')}"))
    assert cleaned.word_count == len(cleaned.text.split())


def test_what_the_scraper_says_in_words_is_repaired_as_the_body_is() -> None:
    """Given texts with entities, line ends and controls, then each is a clean line; an empty one is none."""
    raw = RawArticle(
        html="<h1>Ferry</h1><p>The ferry is back.</p>",
        title="Q&amp;A: the\n  ferry\x1b[31m",
        section="\u200b",
        authors=["Ann\u00a0Lee", "\x07"],
        tags=["Ships &amp; sea"],
    )

    found = clean(raw)

    assert "Q&A: the ferry[31m" == found.title
    assert (["Ann Lee"], ["Ships & sea"]) == (found.authors, found.tags)
    assert found.section is None
    assert "Ferry" == clean(raw.model_copy(update={"title": "\u200b"})).title
