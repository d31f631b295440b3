"""Hostile and broken input: an answer or a reason, soon, and never silence."""

import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.articles import RawArticle
from worker.cleaning import Cleaned, clean
from worker.cleaning.parse import parse
from worker.errors import RejectedError
from worker.outcomes import Reason

WORDS = "The pilot boat left the harbour at four and met the tanker off the northern buoy. "


def outcome(html: str) -> Cleaned | Reason:
    try:
        return clean(RawArticle(html=html))
    except RejectedError as rejected:
        return rejected.reason


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<div>" * 5_000 + WORDS, Reason.TOO_DEEP),
        ("<div>" * 1_500 + WORDS, Reason.TOO_DEEP),
        ("<b>" * 100_000 + WORDS, Reason.TOO_DEEP),
        ("<p>" + "a" * 12_000_000 + "</p>", Reason.TOO_LARGE),
        ("<p " + "".join(f"a{n}=1 " for n in range(400_000)) + f">{WORDS}</p>", Reason.TOO_LARGE),
        ("<p " + "".join(f"a{n} " for n in range(400_000)) + f">{WORDS}</p>", Reason.TOO_LARGE),
        ("<i>x</i>" * 210_000, Reason.TOO_LARGE),
        ("\x00\x01\ufffd" * 1_000, Reason.BINARY),
        ("<script>" + WORDS, Reason.NO_TEXT),
        (".", Reason.NO_TEXT),
    ],
    ids=[
        "deep",
        "past-the-setting",
        "deep-inline",
        "large",
        "attributes",
        "bare",
        "nodes",
        "binary",
        "script",
        "dot",
    ],
)
def test_what_cannot_be_cleaned_has_a_reason(html: str, reason: Reason) -> None:
    """Given input past a bound, when cleaned, it is rejected with the bound's reason."""
    assert reason == outcome(html)


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{WORDS}</p>" + "<br>" * 200_000 + f"<p>{WORDS}</p>",
        f"<p>{WORDS}\x00{WORDS}</p>",
        f"<p>{WORDS}\ud800{WORDS}</p>",
        f"<p>{WORDS}" * 2_000,
        f"<ul><li><b><i><a href=x><p>{WORDS}" * 20,
        f"</p></div></body></html><p>{WORDS}</p>",
        f"<p>{WORDS * 50_000}</p>",
        f"<table><td>{WORDS}<div></table></span>{WORDS}",
        f"<p title='{'<' * 50_000}'>{WORDS}</p>",
        "<p>" + '"' * 200_000 + f"</p><p>{WORDS}</p>",
        f"<button><p>{WORDS}</p>",
        f"<!-- {WORDS}",
        "<p>a</p><" * 20_000 + f"<p>{WORDS}</p>",
    ],
    ids=range(13),
)
def test_odd_input_keeps_its_text(html: str) -> None:
    """Given odd markup around a sentence, when cleaned, the sentence is there."""
    cleaned = outcome(html)

    assert isinstance(cleaned, Cleaned)
    assert WORDS.strip() in cleaned.text
    cleaned.text.encode()


@pytest.mark.parametrize("page", [False, True])
def test_what_was_too_deep_leaves_nothing_behind(page: bool) -> None:
    """Given a body past what the parser takes, when another comes after it, then that one is read."""
    with pytest.raises(RejectedError):
        parse("<div>" * 3_000 + WORDS, 1_000, page=page)

    assert WORDS.strip() in "".join(parse(f"<p>{WORDS}</p>", 1_000, page=page).itertext())


def test_time_is_bounded() -> None:
    """Given no time at all, when a long body is cleaned, it is rejected as too slow."""
    with pytest.raises(RejectedError) as rejected:
        clean(RawArticle(html=f"<p>{WORDS}</p>" * 5_000), seconds=0)

    assert Reason.TIMEOUT == rejected.value.reason


_TAGS = st.sampled_from(
    [
        "p",
        "div",
        "b",
        "a href='/x'",
        "ul",
        "li",
        "table",
        "tr",
        "td",
        "h1",
        "br",
        "img",
        "figure",
        "figcaption",
        "blockquote",
        "script",
        "!--",
        "aside class='related'",
        "article",
        "/p",
        "/div",
        "/li",
        "/ul",
        "/table",
        "/b",
        "/a",
        "html",
        "body",
        "head",
        "/body",
        "button",
        "svg",
        "time",
    ]
)
_PARTS = st.one_of(
    _TAGS.map(lambda tag: f"<{tag}>"),
    st.text(max_size=40),
    st.sampled_from([WORDS, ".", "Also read:", "&amp;amp;", "\ud800", "\x00", "<", "&#x1F;"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_PARTS, max_size=60).map("".join))
def test_any_soup_gives_text_or_a_reason(soup: str) -> None:
    """Given any soup of tags and text, when cleaned, it yields consistent renderings or a reason."""
    result = outcome(soup)

    if isinstance(result, Cleaned):
        assert result.text == "\n\n".join(result.paragraphs)
        assert result.text.strip()
        assert len(result.blocks) == len(result.parts)
        assert "<script" not in result.html
        result.text.encode()


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_PARTS, max_size=200).map("".join))
def test_any_soup_at_length(soup: str) -> None:
    """The same, for longer."""
    outcome(soup)


@pytest.mark.long
@pytest.mark.parametrize(
    "unit", ["<p>", "<a href=", "<!--", "&", "<b><i>", "](", '="', "<td>", string.printable]
)
def test_time_grows_with_length_alone(unit: str) -> None:
    """Given one unit repeated ten times as often, when cleaned, it takes no hundred times as long."""
    spent = []
    for times in (10_000 // len(unit), 100_000 // len(unit)):
        begun = time.process_time()
        outcome(WORDS + unit * times)
        spent.append(time.process_time() - begun)

    assert spent[1] < 100 * max(spent[0], 0.01)
