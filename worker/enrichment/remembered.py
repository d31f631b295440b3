"""What was found out of a word once, and need not be again."""

from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

KEPT = 50_000
"""Words that are remembered; they begin anew behind that. Some 20 MB at the very most."""
LONGEST = 40
"""Characters of a word that is remembered: addresses and lines without a blank do not come again."""


class Remembered(dict[str, Value]):
    """A function of a word that is asked of each word once.

    A look-up costs as much as a dictionary's; `map(remembered.__getitem__, words)` runs without a
    step of Python for each word. That is what makes it quicker than a cache around the function.

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
"""Characters of texts that are remembered: those of two or three batches of news."""


class OfTexts(dict[str, Value]):
    """A function of a text that is asked once of each text of the articles at work, whoever wants to know.

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
        """Remember what was found out of a text."""
        if self._characters + len(text) > CHARACTERS:
            self.clear()
            self._characters = 0
        self[text] = value
        self._characters += len(text)
