"""Pieces: texts as numbers, and columns of what is known of them."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.articles import Article, Language
from worker.enrichment import build, choice, enrich, reading, telling
from worker.enrichment import pieces as module
from worker.enrichment.columns import Column, Lists, grouped
from worker.enrichment.pieces import pieces
from worker.enrichment.sentences import sentences
from worker.settings import Settings

TEXTS = st.lists(
    st.text(alphabet="abC .,!?。\n“”’é \t\x1c\x85\xa0\u2003\u3000\0\xff漢😀\udc80", max_size=60),
    max_size=5,
)


@given(TEXTS)
def test_pieces_are_what_stands_between_blanks_in_each_sentence(texts: list[str]) -> None:
    """Given any texts, when divided, then every sentence has its words, and none is lost."""
    divided = pieces(texts)
    expected = [text[start:end].split() for text in texts for start, end in sentences(text)]
    bounds = divided.sentences.tolist()
    found = [divided.written(*span) for span in pairwise(bounds)]
    assert expected == found
    assert [len(sentences(text)) for text in texts] == np.diff(divided.texts).tolist()


def test_pieces_of_one_place_or_many_bytes_have_numbers_of_their_own() -> None:
    """Given more pieces than keep out of each other's way, and long ones, then each is known again."""
    texts = [
        " ".join(f"{letters}{number}" for number in range(4_000))
        for letters in ("a", "é", "word", "fourteenletters", "漢字漢字漢字")
    ]
    texts += ["x" * size + last for size in range(12, 18) for last in ("", "\0", "ÿ", "é", "漢")]
    first = pieces(texts)
    assert " ".join(texts).split() == first.written(0, len(first.numbers))
    assert len(set(first.numbers.tolist())) == len(first.numbers)
    again = pieces([text + " " for text in texts])
    assert first.lexicon is again.lexicon
    assert first.numbers.tolist() == again.numbers.tolist()


@given(TEXTS, TEXTS)
def test_columns_are_their_functions(first: list[str], then: list[str]) -> None:
    """Given texts one after the other, when columns are asked, then each piece has its function's value."""
    for texts in (first, then):
        divided = pieces(texts)
        written = divided.written(0, len(divided.numbers))
        lengths = divided.about(_lengths)[divided.numbers]
        owners, codes = divided.about(_codes)[divided.numbers]
        assert list(map(len, written)) == lengths.tolist()
        assert [ord(letter) for piece in written for letter in piece] == codes.tolist()
        assert list(map(len, written)) == np.bincount(owners, minlength=len(written)).tolist()


MARKED = st.text(alphabet="aSdlé5_-'’.,&/“”(!—°…\u0301", min_size=1, max_size=9)


@given(st.lists(MARKED, min_size=1, max_size=5))
def test_bare_words_hold_what_patterns_of_words_find(texts: list[str]) -> None:
    """Given pieces with marks around them, then their bare words have all words; other tokens are marks."""
    divided = pieces([" ".join(texts)])
    written = divided.written(0, len(divided.numbers))
    bare, words = divided.bare, divided.about_bare(_written)
    for pattern in (choice.WORD, reading.WORD):
        found = divided.about_bare(_counted, pattern)[bare["word"]].tolist()
        assert [len(pattern.findall(piece)) for piece in written] == found
    for piece, (word, before, around) in zip(written, bare.tolist(), strict=True):
        for pattern in (telling.TOKEN, telling.ELIDED):
            inner = pattern.findall(words[word])
            tokens = pattern.findall(piece)
            assert tokens[before : len(tokens) - around + before] == inner
            assert len(tokens) == len(inner) + around


def _written(written: list[str]) -> list[str]:
    return written


def _counted(written: list[str], pattern: "re.Pattern[str]") -> Column:
    return Column(written, lambda bare: len(pattern.findall(bare)), np.intp)


def _lengths(written: list[str]) -> Column:
    return Column(written, len, np.intp)


def _codes(written: list[str]) -> Lists:
    return Lists(written, lambda piece: list(map(ord, piece)), np.intp)


@given(st.lists(st.integers(-3, 3) | st.integers(2**62, 2**62 + 2)))
def test_grouped_puts_equal_keys_together(keys: list[int]) -> None:
    """Given any keys, when grouped, then each group holds the places of one key, in their order."""
    places, bounds = grouped(np.array(keys, dtype=np.intp))
    groups = [places[low:high].tolist() for low, high in pairwise(bounds)]
    expected = [[at for at, one in enumerate(keys) if one == key] for key in sorted(set(keys))]
    assert expected == groups


def test_texts_asked_for_again_are_divided_once() -> None:
    """Given the texts of two batches, when asked for by turns, then each batch gets its own pieces."""
    first, then = ["Jo Vane spoke."], ["Jo Vane spoke.", "Nobody came."]
    divided = pieces(first)
    assert pieces([*first]) is divided
    assert len(pieces(then).numbers) == 5
    assert pieces(first).numbers.tolist() == divided.numbers.tolist()


def test_values_stay_when_a_lexicon_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a lexicon full at every batch, when enriched, then values are the same, and it is small."""
    text = (
        "The council of Lake Town was glad to mend the old bridge. Divers hated the cold, dark water! "
        * 3
    )
    enrichers = [one for one in build(Settings(profile="light")) if one.name != "language"]

    def values() -> list[dict[str, object]]:
        batches = [
            [_article(f"{text}Word{number} ended it.") for number in range(at)] for at in (3, 1, 2)
        ]
        for batch in batches:
            enrich(enrichers, batch)
        return [
            article.model_dump(exclude={"provenance"}) for batch in batches for article in batch
        ]

    expected = values()
    monkeypatch.setattr(module, "KEPT", 1)
    assert expected == values()
    assert len(pieces(["One piece."]).lexicon.written) == 2


def _article(text: str) -> Article:
    return Article(id="a", text=text, title="Bridge", language=Language(code="en", confidence=1.0))
