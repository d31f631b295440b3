"""Which addresses are one page, and which articles are one article."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.articles import RawArticle
from worker.cleaning.base import Cleaned
from worker.dedup.identity import canonical_url, identify


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/news/storm",
        "http://example.com/news/storm",
        "https://example.com:443/news/storm/",
        "https://www.example.com/news/storm#comments",
        "https://m.example.com/news/storm",
        "https://amp.example.com/news/storm",
        "https://example.com/amp/news/storm",
        "https://example.com/news/storm/amp",
        "https://example.com/news/storm/amp/",
        "https://EXAMPLE.com./news//storm",
        "https://example.com/news/storm?utm_source=feed&utm_medium=rss&fbclid=x",
    ],
)
def test_addresses_of_one_page(url: str) -> None:
    """Given a variant of an address, when it is made canonical, then it is the page's."""
    assert canonical_url(url) == "https://example.com/news/storm"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/news/storm", "https://example.com/news/Storm"),
        ("https://example.com/?id=1", "https://example.com/?id=2"),
        ("https://example.com/news/1", "https://example.com:8080/news/1"),
        ("https://news.example.com/1", "https://sport.example.com/1"),
        ("https://example.com/amp", "https://example.com/ampere"),
        ("https://m.com/1", "https://com/1"),
    ],
)
def test_addresses_of_two_pages(one: str, other: str) -> None:
    """Given two pages, when both are made canonical, then they stay two."""
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "storm", "mailto:desk@example.com", "https://", "https://[x/", "http://a:b/"]
)
def test_what_is_no_address(url: str) -> None:
    """Given something else, when it is made canonical, then there is none."""
    assert canonical_url(url) is None


PARTS = st.sampled_from(
    ["www.", "m.", "example", "com", ".", "..", "/", "//", "amp", ".html", "A", "-", ":", ":443", "@", "[",
     "]", ";", "%2f", "~", "|", "é", " x"]
)  # fmt: skip


@given(st.sampled_from(["http", "https", "HTTP"]), st.lists(PARTS, max_size=9))
def test_plain_addresses_are_read_as_all_others(scheme: str, parts: list[str]) -> None:
    """Given any address, when it has an empty query as well, then it is the same one."""
    url = f"{scheme}://{''.join(parts)}"
    assert canonical_url(f"{url}?") == canonical_url(url)


def _cleaned(text: str = "A text.", url: str | None = None) -> Cleaned:
    return Cleaned(text=text, paragraphs=[text], blocks=[], html="", extractor="text", url=url)


def test_the_address_comes_first_then_the_producers_id_then_the_words() -> None:
    """Given an article with less and less known of it, then its id rests on the best."""
    cleaned = _cleaned()
    by_url = identify(
        RawArticle(text="x", url="http://example.com/1?utm_source=a", source="x", id="7"), cleaned
    )
    assert by_url == identify(RawArticle(text="y", url="https://example.com/1"), cleaned)
    by_id = identify(RawArticle(text="x", source="x", id="7"), cleaned)
    assert by_id == identify(RawArticle(text="y", source="x", id="7"), _cleaned("Another text."))
    assert by_id != identify(RawArticle(text="x", source="y", id="7"), cleaned)
    by_words = identify(RawArticle(text="x", source="x"), cleaned)
    assert by_words == identify(RawArticle(text="x", source="x"), _cleaned("a  TEXT."))
    assert len({by_url, by_id, by_words}) == 3


def test_the_page_names_its_own_address() -> None:
    """Given a page that names its canonical address, then that counts, not where it was found."""
    cleaned = _cleaned(url="https://example.com/storm")
    raw = RawArticle(text="x", url="https://proxy.example.org/?u=storm")
    assert identify(raw, cleaned) == identify(
        RawArticle(text="x", url="https://example.com/storm"), _cleaned()
    )
