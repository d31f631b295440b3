"""Numbers: where texts have digits."""

import re
import sys

from hypothesis import given
from hypothesis import strategies as st

from worker.enrichment.numbers import look_for_numbers, numbers

TEXTS = st.lists(st.text(alphabet="a7 .\n05é٣९²⅓漢𝟗🯰\udc80", max_size=30), max_size=5)


@given(TEXTS, TEXTS)
def test_numbers_are_the_runs_of_digits(looked_for: list[str], others: list[str]) -> None:
    """Given texts that were looked at together, and others, then each has the spans of its own digits."""
    look_for_numbers(looked_for)
    texts = looked_for + others
    expected = [tuple(match.span() for match in re.finditer(r"\d+", text)) for text in texts]
    assert expected == [*map(numbers, texts)]


def test_digits_of_all_scripts_are_found() -> None:
    """Given every character there is, then those that are decimal digits are found."""
    text = "\n".join(map(chr, range(sys.maxunicode + 1)))
    assert tuple(match.span() for match in re.finditer(r"\d+", text)) == numbers(text)
