"""Promotion is told by phrase and shape together, in many languages; sentences stay."""

import pytest

from worker.articles import RawArticle
from worker.cleaning import clean

LEDE = "<p>The council voted on Tuesday to keep the old lighthouse open for two more years.</p>"


def reasons(line: str) -> dict[str, str]:
    cleaned = clean(RawArticle(html=f"{LEDE}.{line}.{LEDE.replace('Tuesday', 'Friday')}"))
    return {removed.reason: removed.text for removed in cleaned.removed}


@pytest.mark.parametrize(
    "phrase",
    [
        "Also read:", "Read more:", "Related:", "Lesen Sie auch:", "Mehr zum Thema:",
        "À lire aussi :", "Lire aussi :", "Lea también:", "Te puede interesar:", "Leia também:",
        "Veja mais:", "Leggi anche:", "Lees ook:", "Czytaj też:", "Zobacz także:",
        "Читайте также:", "По теме:", "Читайте також:", "Čtěte také:", "Läs också:",
        "Les også:", "Læs også:", "Lue myös:", "İlgili haber:", "Διαβάστε επίσης:",
        "Citește și:", "Kapcsolódó cikk:", "Baca juga:", "Đọc thêm:", "यह भी पढ़ें:",
        "আরও পড়ুন:", "یہ بھی پڑھیں:", "اقرأ أيضا:", "بیشتر بخوانید:", "קראו גם:", "関連記事：",
        "相关阅读：", "관련기사:", "อ่านเพิ่มเติม:",
    ],
)  # fmt: skip
def test_promotion_goes_in_every_language(phrase: str) -> None:
    """Given a promotion phrase before a link, when cleaned, the line is taken out as promotion."""
    line = (
        f'<p><b>{phrase} <a href="https://news.example/x">What the harbour master said</a></b></p>'
    )

    assert "promotion" in reasons(line)


@pytest.mark.parametrize(
    "line",
    [
        "<p>Read more about the treaty in the archive, he said, and you will see why it failed.</p>",
        '<p>Read more about <a href="/t">the treaty</a> in the archive of the ministry, he said.</p>',
        "<p>Related cases are pending before three other courts, her lawyer said on Monday.</p>",
        "<p>Watch keepers on the island saw the flare first and called the coast guard.</p>",
        '<p>Subscribe to the theory or not, <a href="/w">the water</a> rose by a metre that night.</p>',
        "<p>Videos from the scene show the roof giving way within seconds of the blast.</p>",
        "<p>“More is needed,” the mayor said.</p>",
        "<p>Ein Klick für den Datenschutz reicht der Behörde nicht, sagte die Ministerin am Montag.</p>",
        "<p><em>30 minutes before bed</em></p>",
        "<p>The flood of 1962 contributed to the report that the ministry wrote.</p>",
        "<p>Follow the money, she said on Facebook, and you will find the harbour master.</p>",
        "<p>2 weeks ago they left</p>",
        "<p>Grey Harbour 2024 Riesling, Norway ($14.59, #559393)</p>",
    ],
)
def test_a_sentence_that_opens_like_promotion_stays(line: str) -> None:
    """Given a sentence with a promotion phrase, when cleaned, nothing is taken out."""
    assert {} == reasons(line)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("<p>Advertisement</p>", "advertisement"),
        ('<p><a href="/nl">Sign up for our newsletter</a></p>', "promotion"),
        ("<p>We use cookies to make this page better for you.</p>", "prompt"),
        ('<div class="share-bar"><a href="#">Facebook</a> <a href="#">Mail</a></div>', "share"),
        ('<ul class="tag-list"><li><a href="/t/a">Harbour</a></li></ul>', "tags"),
        ("<p>To view this video please enable JavaScript in your browser.</p>", "prompt"),
        ("<p>Published 3 May 2024, 10:15</p>", "byline"),
        ("<p>3 May 2024, 10.15 am</p>", "byline"),
        ("<p>4 min read</p>", "byline"),
        ("<p>12 Minuten Lesezeit</p>", "byline"),
        ("<p>(Reporting by Ida Brandt; editing by Per Holm)</p>", "credit"),
        ("<p>With files from the Harbour Press</p>", "credit"),
        ("<p>Per Holm and Ida Brandt in Oslo contributed to this report.</p>", "credit"),
        ("<p>Per Holm contributed reporting from Oslo.</p>", "credit"),
        ("<p>Follow the Post on Facebook, X and YouTube.</p>", "prompt"),
        ("<p>Follow Harbour Live on Instagram.</p>", "prompt"),
        ("<p>21 mins ago11:48 Per Holm</p>", "byline"),
        ("<p>17:24KEY EVENT</p>", "byline"),
        ("<p>Ein Klick für den Datenschutz</p>", "prompt"),
        ("<p>Externen Inhalt anzeigen</p>", "prompt"),
        ("<p>Dieses Thema im Programm:</p>", "promotion"),
        ("<h3>Schlagwörter zu diesem Artikel</h3>", "tags"),
        ("<h1>Lighthouse stays open</h1>", "title"),
    ],
)
def test_furniture_goes_with_its_reason(line: str, reason: str) -> None:
    """Given furniture of one kind, when cleaned, `removed` names that kind."""
    assert reason in reasons(line)


def test_credits_are_kept_apart() -> None:
    """Given an agency tail, when cleaned, it stands in `credits` and not in the text."""
    cleaned = clean(RawArticle(html=f"{LEDE}<p>(Reporting by Ida Brandt; editing by Per Holm)</p>"))

    assert ["(Reporting by Ida Brandt; editing by Per Holm)"] == cleaned.credits
    assert "Brandt" not in cleaned.text


def test_what_is_told_of_the_author_below_a_story_goes() -> None:
    """Given a paragraph on the author at the end, when cleaned, it goes with its label."""
    bio = "<p>Ida Brandt is the harbour editor of the Post and lives on a boat.</p>"
    html = f"{LEDE}{LEDE.replace('Tuesday', 'Friday')}<p>ABOUT THE AUTHOR</p>{bio}"
    cleaned = clean(RawArticle(html=html, authors=["Ida Brandt"]))
    assert "Brandt" not in cleaned.text
    assert "ABOUT" not in cleaned.text
    assert "byline" in {removed.reason for removed in cleaned.removed}

    assert "Brandt" in clean(RawArticle(html=html, authors=["Per Holm"])).text
    assert "Brandt" in clean(RawArticle(html=bio + LEDE, authors=["Ida Brandt"])).text


def test_a_heading_goes_with_its_section() -> None:
    """Given a heading over a list of links, when cleaned, both go."""
    links = "".join(f'<li><a href="/{n}">Story number {n} of the day</a></li>' for n in range(4))
    cleaned = clean(RawArticle(html=f"{LEDE}<h3>From our desk</h3><ul>{links}</ul>"))

    assert "From our desk" not in cleaned.text
    assert 4 == sum(link.rel == "promotion" for link in cleaned.links)


def test_a_repeated_paragraph_and_a_pull_quote_stand_once() -> None:
    """Given a paragraph twice and a pull quote from it, when cleaned, it stands once."""
    told = (
        "<p>“The light saved my father in the storm of 1962,” said Ida Brandt, a fisher here.</p>"
    )
    quote = "<blockquote>The light saved my father in the storm of 1962</blockquote>"
    cleaned = clean(RawArticle(html=LEDE + told + quote + told))

    assert 1 == cleaned.text.count("saved my father")
