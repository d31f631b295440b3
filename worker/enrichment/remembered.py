"""Functions of words and texts whose results are remembered."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

KEPT = 50_000
"""Words that are remembered before all are forgotten: some 20 MB at the very most."""
LONGEST = 40
"""Characters of the longest word that is remembered: URLs and lines without a blank do not come again."""


class Remembered(dict[str, Value]):
    """A function of a word that is called once for each word.

    A look-up costs as much as in a dictionary; `map(remembered.__getitem__, words)` runs no Python code per
    word. That makes it quicker than a cache around the function.

    >>> lengths = Remembered(len)
    >>> lengths["harbour"], list(lengths)
    (7, ['harbour'])
    """

    def __init__(self, find: Callable[[str], Value]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Value:
        value = self._find(word)
        if len(word) <= LONGEST:
            if len(self) >= KEPT:
                self.clear()
            self[word] = value
        return value


CHARACTERS = 2_000_000
"""Characters of the texts that are remembered: two or three batches of news."""


class OfTexts(dict[str, Value]):
    """A function of a text that is called once for each text in work, however many callers need it.

    >>> words = OfTexts(str.split)
    >>> words["Nobody came."], list(words)
    (['Nobody', 'came.'], ['Nobody came.'])
    """

    def __init__(self, find: Callable[[str], Value]) -> None:
        super().__init__()
        self._find = find
        self._characters = 0

    def __missing__(self, text: str) -> Value:
        value = self._find(text)
        self.keep(text, value)
        return value

    def keep(self, text: str, value: Value) -> None:
        """Remember the result for a text."""
        if self._characters + len(text) > CHARACTERS:
            self.clear()
            self._characters = 0
        self[text] = value
        self._characters += len(text)
