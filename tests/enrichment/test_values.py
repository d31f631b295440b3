"""Dates, money and tone."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from worker.articles import Article, Language
from worker.enrichment.currencies import AFTER_SCALE, CODES, NAMES, SCALES, SIGNS
from worker.enrichment.dates import DateEnricher, named_dates
from worker.enrichment.money import amounts
from worker.enrichment.pieces import pieces
from worker.enrichment.sentences import sentences
from worker.enrichment.sentiment import SentimentEnricher, Vader
from worker.settings import Settings

WEDNESDAY = dt.date(2022, 2, 23)


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("She left on Monday.", "en", [("Monday", "2022-02-21")]),
        ("The court will sit again on Friday.", "en", [("Friday", "2022-02-25")]),
        ("Last Wednesday it rained.", "en", [("Last Wednesday", "2022-02-16")]),
        ("They meet next Tuesday.", "en", [("next Tuesday", "2022-03-01")]),
        ("It sank last week.", "en", [("last week", "2022-W07")]),
        ("It opens next month.", "en", [("next month", "2022-03")]),
        ("on 21st of February, 2022", "en", [("21st of February, 2022", "2022-02-21")]),
        ("on Feb. 3, it", "en", [("Feb. 3", "2022-02-03")]),
        ("born December 24, 1990", "en", [("December 24, 1990", "1990-12-24")]),
        ("on 14 December", "en", [("14 December", "2021-12-14")]),
        ("a report of May 2020", "en", [("May 2020", "2020-05")]),
        ("It began in March.", "en", [("March", "2021-03")]),
        ("It will end in August.", "en", [("August", "2022-08")]),
        ("It was due to end in January.", "en", [("January", "2022-01")]),
        ("The trial is scheduled for Aug. 9.", "en", [("Aug. 9", "2022-08-09")]),
        ("It was planned for Jan. 9.", "en", [("Jan. 9", "2022-01-09")]),
        ("“The dam will hold,” she said Monday.", "en", [("Monday", "2022-02-21")]),
        ("The dam will hold, he told a hearing on Friday.", "en", [("Friday", "2022-02-18")]),
        ("They said that it will open on Friday.", "en", [("Friday", "2022-02-25")]),
        ("Results will be announced on Friday.", "en", [("Friday", "2022-02-25")]),
        ("The desk reports earnings Friday.", "en", [("Friday", "2022-02-25")]),
        (
            "He says she will be allowed to sing her old songs in the great hall of the harbour on Friday.",
            "en",
            [("Friday", "2022-02-25")],
        ),
        ("They sat side-by-side before the committee Monday.", "en", [("Monday", "2022-02-21")]),
        ("a budget approved by the council in April", "en", [("April", "2021-04")]),
        ("He knew nothing until he heard of the July 25 call.", "en", [("July 25", "2021-07-25")]),
        ("It stays shut until at least Friday.", "en", [("Friday", "2022-02-25")]),
        (
            "on Friday, Feb. 4, and Monday",
            "en",
            [("Friday, Feb. 4", "2022-02-04"), ("Monday", "2022-02-21")],
        ),
        ("Monday, Tuesday", "en", [("Monday", "2022-02-21"), ("Tuesday", "2022-02-22")]),
        ("von Montag, den 1. März, an", "de", [("Montag, den 1. März", "2022-03-01")]),
        ("Der Rat wird am Freitag tagen.", "de", [("Freitag", "2022-02-25")]),
        ("Der Rat tagte am Freitag.", "de", [("Freitag", "2022-02-18")]),
        ("Das gilt ab Freitag.", "de", [("Freitag", "2022-02-25")]),
        ("El puente abrirá el viernes.", "es", [("viernes", "2022-02-25")]),
        ("Le pont ouvrira vendredi.", "fr", [("vendredi", "2022-02-25")]),
        ("USA Today left today.", "en", [("today", "2022-02-23")]),
        ("am Morgen. Morgen nicht.", "de", [("Morgen", "2022-02-24")]),
        ("am Montagabend", "de", [("Montagabend", "2022-02-21")]),
        ("maandagavond", "nl", [("maandagavond", "2022-02-21")]),
        ("by June", "en", [("June", "2022-06")]),
        ("since 1994", "en", [("1994", "1994")]),
        ("three days ago", "en", [("three days ago", "2022-02-20")]),
        ("two weeks ago", "en", [("two weeks ago", "2022-W06")]),
        ("Yesterday and tomorrow", "en", [("Yesterday", "2022-02-22"), ("tomorrow", "2022-02-24")]),
        ("at 2022-02-28T10:00", "en", [("2022-02-28", "2022-02-28")]),
        ("am 3. März und gestern", "de", [("3. März", "2022-03-03"), ("gestern", "2022-02-22")]),
        ("el 3 de marzo de 2021", "es", [("3 de marzo de 2021", "2021-03-03")]),
        ("le 1er juillet 2021", "fr", [("1er juillet 2021", "2021-07-01")]),
        ("21 февраля 2022 года", "ru", [("21 февраля 2022", "2022-02-21")]),
        ("2022年2月21日", "ja", [("2022年2月21日", "2022-02-21")]),
        ("They may march; 1,990 people in 2022 seats? 31 June", "en", [("2022", "2022")]),
        ("04/05/2022 or 2022-02-30", "en", []),
        ("Mondays", "en", []),
    ],
)
def test_dates(text: str, code: str, expected: list[tuple[str, str]]) -> None:
    """Given text published on a Wednesday, when read, then each date is told and nothing else."""
    found = named_dates(text, code, WEDNESDAY)
    assert expected == [(date.text, date.date) for date in found]
    assert all(text[date.start : date.end] == date.text for date in found)


def test_dates_without_publication_day() -> None:
    """Given no day of publication, when read, then only dates that carry their year are told."""
    text = "On Monday, on 3 March, in June, yesterday and on 4 May 2021."
    article = Article(id="a", text=text, language=Language(code="en", confidence=1))
    [values] = DateEnricher(Settings()).enrich([article])
    assert [date.date for date in values["dates"]] == ["2021-05-04"]


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("$4.5bn", "en", [(4.5e9, "USD")]),
        ("US$4.567 billion", "en", [(4.567e9, "USD")]),
        ("€300 million", "en", [(3e8, "EUR")]),
        ("Rs 500 crore", "en", [(5e9, "INR")]),
        ("Rs. 2 lakh crore", "en", [(2e12, "INR")]),
        ("In Pakistan, Rs500 million", "en", [(5e8, "PKR")]),
        ("£1,200,000", "en", [(1.2e6, "GBP")]),
        ("A$5.50", "en", [(5.5, "AUD")]),
        ("10,000 yen", "en", [(1e4, "JPY")]),
        ("20 million Swiss francs", "en", [(2e7, "CHF")]),
        ("3 million pounds", "en", [(3e6, "GBP")]),
        ("50 pence", "en", [(0.5, "GBP")]),
        ("$10-12 million", "en", [(1e7, "USD"), (1.2e7, "USD")]),
        ("a $20 t-shirt", "en", [(20, "USD")]),
        ("a 5,000-dollar prize", "en", [(5000, "USD")]),
        ("1.234,5 Millionen Euro", "de", [(1.2345e9, "EUR")]),
        ("3,5 milliards d'euros", "fr", [(3.5e9, "EUR")]),
        ("500 млн рублей", "ru", [(5e8, "RUB")]),
        ("7 mln zł za 3 złote medale", "pl", [(7e6, "PLN")]),
        ("10 pounds of flour, 16 Euro 2028 teams, 5 pesos, room B$4", "en", []),
        # letters that a pattern takes for others when it ignores case
        ("It costs 5 zlotyſ.", "en", [(5.0, "PLN")]),
        ("It paid 5 mıllion dollars.", "en", [(5_000_000.0, "USD")]),
    ],
)
def test_amounts(text: str, code: str, expected: list[tuple[float, str]]) -> None:
    """Given sums as newsrooms write them, when read, then amount and currency are normalised."""
    found = amounts(text, code)
    assert expected == [(money.amount, money.currency) for money in found]
    assert all(text[money.start : money.end] == money.text for money in found)


def test_every_word_for_money_is_known() -> None:
    """Given each sign, code, name and scale beside a number, when read, then it means its own."""
    codes = dict(zip(CODES, CODES, strict=True))
    before = {sign: code for sign, code in (SIGNS | codes).items() if sign != "RMB"}
    behind = {word: code for word, code in (NAMES | AFTER_SCALE | codes).items() if word != "RMB"}
    assert before == {word: amounts(f"It cost {word}7.")[0].currency for word in before}
    found = {word: amounts(f"It cost 7 million {word}.")[0] for word in behind}
    assert behind == {word: money.currency for word, money in found.items()}
    assert all(money.text == f"7 million {word}" for word, money in found.items())
    scales = {word: factor for word, factor in SCALES.items() if len(word) > 1}
    assert scales == {word: amounts(f"It cost 1 {word} euros.")[0].amount for word in scales}


@given(st.text(alphabet="$€£0123456789., bnmk-Rs", max_size=40))
def test_amounts_never_raise(text: str) -> None:
    """Given any run of signs and digits, when read, then every span is the text's own."""
    assert all(text[money.start : money.end] == money.text for money in amounts(text))


WORDS = """
good bad GREAT not never so this without doubt very kind of least at but no or war win hope didn't
extremely the shit to die for beating heart death happy :) lol 😀 tragic Sad!!! why??
"""
LIBRARY, QUICK = SentimentIntensityAnalyzer(), Vader()


@given(st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12))
def test_quick_vader_is_vader(words: list[str]) -> None:
    """Given any text, when scored, then its sentences have the library's own values, to the digit."""
    text = " ".join(words)
    spans = sentences(text)
    expected = [LIBRARY.polarity_scores(text[start:end])["compound"] for start, end in spans]
    assert expected == QUICK.compounds(pieces([text]))


def test_sentiment_of_title_and_body() -> None:
    """Given a glad title over a sad body, when scored, then the two stand apart."""
    article = Article(id="a", title="A great victory", text="It was a terrible loss. They left.")
    [values] = SentimentEnricher(Settings()).enrich([article])
    assert isinstance(values, dict)
    assert values["sentiment"].title > 0.5
    assert -0.5 < values["sentiment"].body < -0.1


def test_sentiment_of_no_text_says_why() -> None:
    """Given an empty body, when scored, then there is a reason and no value."""
    [values] = SentimentEnricher(Settings()).enrich([Article(id="a", text="")])
    assert not isinstance(values, dict)
    assert values.reason == "no text"
