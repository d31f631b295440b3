"""The quick enrichers: sentences, keywords, summary, reading."""

import pytest

from worker.articles import Article, Block, Language
from worker.enrichment.credits import is_credit
from worker.enrichment.keywords import KeywordEnricher, keywords
from worker.enrichment.reading import ReadingEnricher, reading_seconds
from worker.enrichment.remembered import Remembered
from worker.enrichment.sentences import sentences
from worker.enrichment.summary import SummaryEnricher, summaries
from worker.enrichment.syllables import syllables
from worker.enrichment.words import vocabulary
from worker.settings import Settings

FERRY = (
    "PORT LASK, March 3 (Coastal Wire) — A ferry with 214 people aboard ran onto a sandbank near "
    "Port Lask on Tuesday, and all of them were brought ashore in lifeboats.\n\n"
    "Photo: Ann Roe/Coastal Wire\n\n"
    '"Nobody was hurt," said Capt. J. Mora, who steered the first lifeboat. He had tea at once.\n\n'
    "The ferry, the Lady Wren, lost power at 5 p.m. and drifted for an hour before it struck the "
    "sandbank. Engineers will look at the ferry's fuel pumps when the tide is high enough.\n\n"
    "(Reporting by Jo Vane; editing by Al Birk)"
)


def article(
    text: str, code: str | None = "en", title: str | None = None, **fields: object
) -> Article:
    """Return an article as the pipeline hands it to enrichers."""
    language = Language(code=code, confidence=1.0 if code else 0.0)
    return Article(id="a", text=text, title=title, language=language, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Mr. Orr met Gov. Pell. They left.", ["Mr. Orr met Gov. Pell.", "They left."]),
        ("It opens at 9 a.m. on Sunday.", ["It opens at 9 a.m. on Sunday."]),
        ("He moved to the U.S. The family stayed.", ["He moved to the U.S.", "The family stayed."]),
        ('"Stop!" he said. "Now."', ['"Stop!" he said.', '"Now."']),
        ('She left. "Why?" he asked.', ["She left.", '"Why?" he asked.']),
        (
            "A line\nthat goes on. Another\n\nNew block",
            ["A line\nthat goes on.", "Another", "New block"],
        ),
        ("Am 3. März kam er. Dann ging er.", ["Am 3. März kam er.", "Dann ging er."]),
        ("彼は来た。彼女も来た。", ["彼は来た。", "彼女も来た。"]),
        ("It fell 3.5% to 1.2 points. So what", ["It fell 3.5% to 1.2 points.", "So what"]),
        ("  \n\n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Given news text, when split, then abbreviations and quotations break no sentence."""
    assert expected == [text[start:end] for start, end in sentences(text)]


def test_sentences_take_linear_time() -> None:
    """Given long runs of marks and blanks, when they are split, then it ends (no backtracking)."""
    for text in ("." * 200_000, " " * 200_000 + "x", "\n " * 100_000, '."' * 100_000):
        assert len(sentences(text)) <= 1


def test_summary_is_the_lede_and_what_adds_to_it() -> None:
    """Given a report with dateline and credits, when summed up, then telling sentences stay."""
    [summary] = summaries([article(FERRY, title="Ferry runs aground")], vocabulary("en"))
    assert summary.startswith("A ferry with 214 people aboard ran onto a sandbank")
    assert "lost power at 5 p.m." in summary
    for unwanted in ("PORT LASK", "Photo", "Reporting by", "tea"):
        assert unwanted not in summary


def test_summary_has_no_dateline_of_another_language_nor_rows_of_a_table() -> None:
    """Given a Spanish dateline and a table, when summed up, then neither is in the summary."""
    text = "LASK, 19 nov (Agencia Sur) — La lancha volvió al puerto con cuarenta personas a bordo."
    [summary] = summaries([article(text)], vocabulary("es"))
    assert summary.startswith("La lancha")
    rows = "DL\tAnn Roe\t63\t1 tackle, 2 assists. 3 sacks, a hit and a pass defended."
    [summary] = summaries([article(f"{FERRY}\n\n{rows}")], vocabulary("en"))
    assert "\t" not in summary
    assert "sacks" not in summary


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Photo: Ann Roe/Harbour Press", True),
        ("(Reporting by Jo Vane; Editing by Al Birk)", True),
        ("By Jo Vane", True),
        ("Divers reach the wreck off Port Lask. (AP Photo/Jo Vane)", True),
        ("© 2026 Harbour Press", True),
        ("Read more about the storm", False),
        ("Read more on this story here", True),
        ("Photographers wait outside the court every morning.", False),
        ("Image rights are worth a fortune to the club.", False),
        ("By Monday the water had gone.", False),
    ],
)
def test_credit(sentence: str, expected: bool) -> None:
    """Given a sentence, when asked, then only credits, bylines and invitations are credits."""
    assert expected == is_credit(sentence)


@pytest.mark.parametrize("credit", ["– Photo: Ann Roe/Harbour Press, taken on a grey morning.",
                                    "© 2026 Harbour Press, all rights are with the makers."])  # fmt: skip
def test_a_credit_behind_marks_is_no_part_of_a_summary(credit: str) -> None:
    """Given a text whose first line is a credit with marks before it, then the summary has none of it."""
    both = [article(f"{credit}\n\n{FERRY}"), article(FERRY)]
    with_credit, without = summaries(both, vocabulary("en"))
    assert with_credit == without


@pytest.mark.parametrize(
    "said",
    [
        "„Wir haben alle gerettet“",
        "”Wir haben alle gerettet”",
        "»Wir haben alle gerettet«",
        '"Wir sind da"',
    ],
)
def test_a_lede_with_a_quotation_is_whole_in_each_languages_marks(said: str) -> None:
    """Given a lede with words in marks as German, Swedish and Danish set them, then the summary has it."""
    lede = f"Die Fähre von Zedby lief auf Grund, und {said}, sagte Kapitänin Ola Brandvik am Abend."
    half = "„Niemand hat an diesem Abend in Zedby auch nur geschlafen, und es war kalt."
    [summary] = summaries([article(f"{lede}\n\n{half}")], vocabulary("de"))
    assert summary == lede


def test_a_sentence_that_leans_is_seldom_taken() -> None:
    """Given sentences that tell as much, then the one that leans on another is not taken, in German too."""
    lede = "Die Fähre von Zedby lief am Montag im dichten Nebel vor dem Hafen auf Grund."
    leaning = "Er sah Fischer, Schlepper und Taucher im Hafen, im Nebel und auf der Fähre."
    upright = "Ola sah Fischer, Schlepper und Taucher im Hafen, im Nebel und auf der Fähre."
    rest = "Die Küste blieb ruhig, und Taucher suchten bis Mitternacht nach den Fischern von Zedby."
    further = "Ein Schlepper zog das Schiff im Nebel zurück in den Hafen von Zedby, sagte Ola."
    both = [article(f"{lede} {second} {rest} {further}") for second in (leaning, upright)]
    leant, stood = summaries(both, vocabulary("de"))
    assert upright in stood
    assert leaning not in leant


def test_summary_of_captions_alone_is_none_with_a_reason() -> None:
    """Given a body of nothing but a caption, when summed up, then the enricher says why not."""
    caption = "Divers reach the wreck off Port Lask on a grey morning."
    [value] = SummaryEnricher(Settings()).enrich(
        [article(caption, blocks=[Block(kind="caption", text=caption)])]
    )
    assert not isinstance(value, dict)
    assert value.reason == "no whole sentence"


def test_keywords_name_what_the_text_is_about() -> None:
    """Given a report, when its key phrases are drawn, then its subjects stand first."""
    [found] = keywords([("", FERRY)], vocabulary("en"))
    assert {"ferry", "sandbank"} <= {keyword.text.lower() for keyword in found}
    assert found[0].score == 1.0
    assert sorted((keyword.score for keyword in found), reverse=True) == [k.score for k in found]


def test_a_name_stands_for_its_words() -> None:
    """Given a name whose words hardly stand alone, when drawn, then it is a keyword, they are none."""
    body = (
        "Silver Lantern closed the ferry line. Silver Lantern said Ida Brandt had left. "
        "Ida Brandt has led Silver Lantern since spring; Brandt declined to speak."
    )
    [found] = keywords([("", " ".join([body] * 9))], vocabulary("en"))
    words = [keyword.text for keyword in found]
    assert {"Silver Lantern", "Brandt"} <= set(words)
    assert not {"Silver", "Lantern", "Ida"} & set(words)


def test_keywords_are_things_rather_than_deeds() -> None:
    """Given words of one stem and parts of addresses, when drawn, then nouns stand for them, no address."""
    body = "Ferries kept circling. We’re told the circle cost fuel: pic.example.com or http."
    [found] = keywords([("", body)], vocabulary("en"))
    words = {keyword.text for keyword in found}
    assert "circle" in words
    assert not {"circling", "We’re", "pic.example.com", "http"} & words
    [found] = keywords([("", "Die Werft war ruhiger, sagte er.")], vocabulary("de"))
    assert [keyword.text for keyword in found] == ["Werft", "ruhiger"]


@pytest.mark.parametrize(
    ("code", "body", "wanted"),
    [
        ("fr", "L’inflation baisse, dit-on. Or l'inflation et l’économie d’Europe.", "inflation"),
        ("it", "L'alluvione cresce. Danni dell’alluvione e nell'alluvione.", "alluvione"),
    ],
)
def test_articles_joined_to_a_word_are_no_part_of_a_keyword(
    code: str, body: str, wanted: str
) -> None:
    """Given words with elided articles, when drawn, then the bare word is the keyword, all its forms one."""
    [found] = keywords([("", body)], vocabulary(code))
    assert found[0].text == wanted
    assert not any("’" in keyword.text or "'" in keyword.text for keyword in found)


def test_no_key_phrase_reaches_across_an_empty_line() -> None:
    """Given two lines without a stop that stand apart, when drawn, then no phrase joins their words."""
    [found] = keywords([("", "Harbour ferry\n \nsandbank rescue")], vocabulary("en"))
    phrases = {keyword.text for keyword in found if " " in keyword.text}
    assert phrases == {"Harbour ferry", "sandbank rescue"}


def test_an_endless_word_is_not_remembered() -> None:
    """Given a line without a blank, when looked up, then it has its value and takes no memory."""
    lengths = Remembered(len)
    assert lengths["x" * 1000] == 1000
    assert not lengths


def test_keywords_in_a_language_without_tables() -> None:
    """Given a language that no table knows, when drawn, then repeated long words are keywords."""
    [value] = KeywordEnricher(Settings()).enrich(
        [article("Kitabu kile. Kitabu hicho ni kitabu.", "sw")]
    )
    assert isinstance(value, dict)
    assert value["keywords"][0].text.lower() == "kitabu"


def test_keywords_are_skipped_where_no_space_divides_words() -> None:
    """Given Thai, when drawn, then there are none, and the reason says why."""
    [value] = KeywordEnricher(Settings()).enrich([article("เรือเฟอร์รี่", "th")])
    assert not isinstance(value, dict)
    assert "th" in value.reason


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("moved", "en", 1), ("table", "en", 2), ("settled", "en", 2), ("government", "en", 3),
        ("statement", "en", 2), ("society", "en", 4), ("million", "en", 2), ("Korea", "en", 3),
        ("played", "en", 1), ("matches", "en", 2), ("Regierung", "de", 3), ("caótico", "es", 4),
        ("parlent", "fr", 1), ("правительство", "ru", 4), ("x", "en", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, code: str, expected: int) -> None:
    """Given a word, when counted, then silent letters do not count and split vowels do."""
    assert expected == syllables(word, code)


def test_reading_says_why_a_formula_is_missing() -> None:
    """Given languages with and without formulae, when measured, then null comes with a reason."""
    reading = ReadingEnricher(Settings())
    text = "The council met on Monday and agreed to mend the old bridge. " * 4
    english, german, finnish, unknown, short = (
        value["readability"]
        for value in reading.enrich(
            [
                article(text),
                article(text, "de"),
                article(text, "fi"),
                article(text, None),
                article("Too short."),
            ]
        )
    )
    assert english.flesch is not None
    assert 60 < english.flesch < 100
    assert english.grade is not None
    assert (german.grade, german.reason) == (None, "no grade formula for language 'de'")
    assert (finnish.flesch, finnish.reason) == (None, "no formula for language 'fi'")
    assert (unknown.flesch, unknown.reason) == (None, "the language is not known")
    assert short.reason == "2 words; it takes 30"


def test_reading_time_follows_the_language() -> None:
    """Given words or, in Chinese, characters, when timed, then the measured speeds apply."""
    assert reading_seconds("", 238, "en") == 60
    assert reading_seconds("", 166, "pl") == 60
    assert reading_seconds("字" * 255, 1, "zh") == 60
