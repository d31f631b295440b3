"""Quotes: marks, cues, speakers."""

import pytest

from worker.articles import Mention, Quote, Subject
from worker.enrichment.quotes.enricher import find_quotes
from worker.enrichment.quotes.marks import quotations

PEOPLE = ["Ana Ruiz", "Ruiz", "Tom Hale", "Hale", "Mei Lin"]


def quotes(text: str) -> list[Quote]:
    """Find quotes in a text whose people are known; a surname is the same person."""
    mentions: list[Mention] = []
    taken = [False] * len(text)
    for name in PEOPLE:
        start = text.find(name)
        while start >= 0:
            end = start + len(name)
            if not any(taken[start:end]):
                taken[start:end] = [True] * len(name)
                key = name.split()[-1].casefold()
                mentions.append(
                    Mention(text=name, label="person", start=start, end=end, entity=key)
                )
            start = text.find(name, end)
    mentions.sort(key=lambda one: one.start)
    subjects = [
        Subject(key=name.split()[-1].casefold(), name=name, label="person", count=1, salience=0.5)
        for name in ("Ana Ruiz", "Tom Hale", "Mei Lin")
    ]
    return find_quotes(text, mentions, subjects)


@pytest.mark.parametrize(
    ("text", "speaker", "cue"),
    [
        ("“The bridge is safe to cross,” said Ana Ruiz, the engineer.", "Ana Ruiz", "said"),
        ("“The bridge is safe to cross,” Ana Ruiz said.", "Ana Ruiz", "said"),
        ('Ana Ruiz told reporters: "The bridge is safe to cross."', "Ana Ruiz", "told"),
        ("Ana Ruiz, a friend of Tom Hale, said: “We will rebuild it.”", "Ana Ruiz", "said"),
        ("According to Tom Hale, the plan was “dead on arrival at the council”.", "Tom Hale", None),
        ("Tom Hale met Mei Lin, calling her “the best we have ever had”.", "Tom Hale", "calling"),
        ("“We have no comment on this,” said a spokeswoman for the port.", "a spokeswoman", "said"),
        (
            "“It rained for three days,” added one Vermont Democrat.",
            "one Vermont Democrat",
            "added",
        ),
        (
            "The Kenyan military said it was “clearly not one of ours”.",
            "The Kenyan military",
            "said",
        ),
        ("“We are all relieved tonight,” Okonkwo-Baptiste said.", "Okonkwo-Baptiste", "said"),
        ("Ana Ruiz said: ‘We don’t know the workers’ names yet.’", "Ana Ruiz", "said"),
    ],
)
def test_speaker_and_cue(text: str, speaker: str, cue: str | None) -> None:
    """Given one quotation, then its speaker and cue are those that the sentence names."""
    (quote,) = quotes(text)
    assert quote.speaker == speaker
    assert quote.cue == (cue or "According to")
    assert text[quote.start : quote.end] == quote.text
    assert quote.cue_start is not None
    assert text[quote.cue_start : quote.cue_end] == quote.cue


def test_a_second_part_has_the_same_speaker() -> None:
    """Given a quotation that goes on behind its cue, then both parts are of one speaker."""
    found = quotes("“It was dark,” Tom Hale said. “Nobody saw the second boat.”")
    assert [one.speaker for one in found] == ["Tom Hale", "Tom Hale"]


def test_a_quotation_over_paragraphs_is_one() -> None:
    """Given paragraphs that each open a mark and only the last closes it, then one quote."""
    text = "Ana Ruiz said: “We began in May.\n\n“We ended in June.”"
    (quote,) = quotes(text)
    assert (quote.text, quote.speaker) == ("We began in May.\n\n“We ended in June.", "Ana Ruiz")


def test_nested_marks_belong_to_the_outer_quotation() -> None:
    """Given a quotation inside a quotation, then the outer one is found."""
    text = "“He told me ‘never again’ and then “goodbye” at the door,” Mei Lin said."
    (quote,) = quotes(text)
    assert quote.text == "He told me ‘never again’ and then “goodbye” at the door,"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Ana Ruiz left early.\n\n“I was tired of waiting,” she said.", "Ana Ruiz"),
        ("Ana Ruiz met Mei Lin and Tom Hale.\n\n“I was tired of waiting,” she said.", None),
    ],
)
def test_a_pronoun_is_resolved_only_where_one_person_can_be_meant(
    text: str, speaker: str | None
) -> None:
    """Given "she said", then the one person before it speaks; with several, null."""
    (quote,) = quotes(text)
    assert (quote.speaker, quote.cue) == (speaker, "said")


def test_a_mark_behind_a_digit_opens_nothing() -> None:
    """Given screens of so many inches, then no quotation begins behind their number."""
    text = 'A 34" screen and a 27" one fell. "Nobody was hurt by them," said Ana Ruiz.'
    assert [quote.text for quote in quotes(text)] == ["Nobody was hurt by them,"]


def test_the_name_before_a_colon_speaks() -> None:
    """Given a name and a colon before a quotation, as in a transcript, then that person speaks."""
    _, quote = quotes(
        "“No, never again,” said Tom Hale, who laughed.\n\nAna Ruiz: “We will rebuild it all.”"
    )
    assert quote.speaker == "Ana Ruiz"


@pytest.mark.parametrize(
    "text",
    [
        "The film “Night Over Harbour Street” opens on Friday.",
        "He is known as “the Duke”.",
        "No marks at all, said Ana Ruiz.",
    ],
)
def test_titles_and_nicknames_are_no_quotes(text: str) -> None:
    """Given marks around a work's name or a nickname, then there is no quote."""
    assert quotes(text) == []


def test_a_mark_left_open_ends_with_its_paragraph() -> None:
    """Given a mark that is never closed, then the quotation does not swallow the article."""
    text = "“It began here.\n\nThe council met on Monday."
    assert [(one.start, one.end) for one in quotations(text)] == [(1, 15)]
