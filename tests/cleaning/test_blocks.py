"""What survives cleaning keeps its kind; text and HTML are renderings of the same blocks."""

from html import escape

import pytest

from worker.articles import RawArticle
from worker.cleaning import clean
from worker.cleaning.render import sanitised

PROSE = "<p>The bridge carried its first train on Monday, a year later than the plan had said.</p>"


@pytest.mark.parametrize(
    ("markup", "kind", "text"),
    [
        ("<h2>Late, but safe</h2>" + PROSE, "heading", "Late, but safe"),
        (
            "<blockquote>We tested every bolt of it twice.</blockquote>",
            "quote",
            "We tested every bolt of it twice.",
        ),
        (
            "<blockquote><div><p>We tested every <b>bolt</b> of it twice.</p></div></blockquote>",
            "quote",
            "We tested every bolt of it twice.",
        ),
        (
            "<ul><li>Two tracks for trains</li><li>One for walkers</li></ul>",
            "list",
            "Two tracks for trains\nOne for walkers",
        ),
        ("<table><tr><td>Length</td><td>900 m</td></tr></table>", "table", "Length\t900 m"),
        (
            "<figure><img src='/b.jpg'><figcaption>The bridge at dawn</figcaption></figure>",
            "caption",
            "The bridge at dawn",
        ),
        (
            "<pre>08:15  first train\n08:45  second</pre>",
            "code",
            "08:15  first train\n08:45  second",
        ),
        (
            "<blockquote class='twitter-tweet'><p>First train is over!</p></blockquote>",
            "embed",
            "First train is over!",
        ),
        ("<p>AARHUS, May 3 (KNB) —</p>", "dateline", "AARHUS, May 3 (KNB) —"),
        (
            "<div class='live-blog-entry'><h4>08:15 The train leaves</h4>"
            + PROSE.replace("first", "second")
            + "</div>",
            "entry",
            "08:15 The train leaves",
        ),
    ],
)
def test_a_block_keeps_its_kind(markup: str, kind: str, text: str) -> None:
    """Given one block of a kind after a paragraph, when cleaned, it comes out as that kind."""
    cleaned = clean(RawArticle(html=PROSE + markup + PROSE.replace("Monday", "Sunday")))

    assert text in [block.text for block in cleaned.blocks if block.kind == kind]


def test_text_is_the_paragraphs_without_captions() -> None:
    """Given a caption, when cleaned, it is a block and no part of the text."""
    cleaned = clean(RawArticle(html=PROSE + "<figure><figcaption>At dawn</figcaption></figure>"))

    assert "\n\n".join(cleaned.paragraphs) == cleaned.text
    assert "At dawn" not in cleaned.text


def test_html_is_sanitised() -> None:
    """Given scripts, handlers and a script link, when cleaned, the HTML holds none of them."""
    cleaned = clean(
        RawArticle(
            html='<p onclick="x()">The <b>old</b> <a href="javascript:x()">pier</a> and the '
            '<a href="/new" style="color:red">new one</a> &lt;script&gt; stand.</p><script>x()</script>',
            url="https://news.example/a/pier",
        )
    )

    expected = (
        '<p>The <strong>old</strong> <a rel="noopener noreferrer">pier</a> and the '
        '<a href="https://news.example/new" rel="noopener noreferrer">new one</a> '
        "&lt;script&gt; stand.</p>"
    )
    assert expected == cleaned.html


def test_a_plain_paragraph_is_what_the_sanitiser_makes_of_it() -> None:
    """Given every character on its own, then `html` is the same as if the whole had been sanitised."""
    texts = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    lines = ["".join(texts[begin : begin + 64]) for begin in range(0, len(texts), 64)]
    parts = [f"<p>{escape(line, quote=False)}</p>" for line in [*texts[:0x300], *lines]]
    parts.append('<p><a href="javascript:alert(1)">go</a></p>')
    assert sanitised(["".join(parts)]) == sanitised(parts)


def test_text_is_repaired() -> None:
    """Given mojibake, a soft hyphen, a double entity and a zero-width space, the text has none."""
    cleaned = clean(
        RawArticle(html="<p>The cafÃ© at Marks &amp;amp; Co re\u00adopened\u200b – “at last”.</p>")
    )

    assert "The café at Marks & Co reopened – “at last”." == cleaned.text


def test_quotes_can_be_straightened() -> None:
    """Given curly quotes and the option, when cleaned, they are straight."""
    cleaned = clean(RawArticle(html="<p>“No” – he’d said…</p>"), straight_quotes=True)

    assert '"No" - he\'d said...' == cleaned.text


def test_plain_text_is_split_at_blank_lines() -> None:
    """Given plain text, when cleaned, its paragraphs come out and promotion does not."""
    cleaned = clean(
        RawArticle(text="The dam held.\r\n\r\nSo did the town\nbelow it.\n\nAdvertisement")
    )

    assert ["The dam held.", "So did the town below it."] == cleaned.paragraphs
    assert "text" == cleaned.extractor


def test_pictures_come_with_their_captions() -> None:
    """Given a figure and a tracking pixel, when cleaned, the figure's picture is kept with its caption."""
    figure = "<figure><img src='/b.jpg'><figcaption>The bridge at dawn</figcaption></figure>"
    pixel = "<img src='https://t.example/p.gif' width='1' height='1'>"
    cleaned = clean(RawArticle(html=PROSE + figure + pixel, url="https://news.example/a"))

    expected = [("https://news.example/b.jpg", "The bridge at dawn")]
    assert expected == [(image.url, image.caption) for image in cleaned.images]
