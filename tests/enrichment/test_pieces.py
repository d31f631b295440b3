"""Pieces: texts as numbers, and columns of what is known of them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.articles import Article, Language
from worker.enrichment import build, enrich
from worker.enrichment import pieces as module
from worker.enrichment.columns import Column, Lists, grouped
from worker.enrichment.pieces import pieces
from worker.enrichment.sentences import sentences
from worker.settings import Settings

TEXTS = st.lists(st.text(alphabet="abC .,!?。\n“”’é ", max_size=60), max_size=5)


@given(TEXTS)
def test_pieces_are_what_stands_between_blanks_in_each_sentence(texts: list[str]) -> None:
    """Given any texts, when divided, then every sentence has its words, and none is lost."""
    divided = pieces(texts)
    expected = [text[start:end].split() for text in texts for start, end in sentences(text)]
    bounds = divided.sentences.tolist()
    found = [divided.written(*span) for span in pairwise(bounds)]
    assert expected == found
    assert [len(sentences(text)) for text in texts] == np.diff(divided.texts).tolist()


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


def _lengths(written: list[str]) -> Column:
    return Column(written, len, np.intp)


def _codes(written: list[str]) -> Lists:
    return Lists(written, lambda piece: list(map(ord, piece)), np.intp)


@given(st.lists(st.integers(-3, 3)))
def test_grouped_puts_equal_keys_together(keys: list[int]) -> None:
    """Given any keys, when grouped, then each group holds the places of one key, in their order."""
    places, bounds = grouped(np.array(keys, dtype=np.intp))
    groups = [places[low:high].tolist() for low, high in pairwise(bounds)]
    expected = [[at for at, one in enumerate(keys) if one == key] for key in sorted(set(keys))]
    assert expected == groups


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
