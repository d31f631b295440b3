"""Telling words: those that may tell what a text is about. Keywords are made of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from worker.enrichment.columns import Column, Lists, Numbered, Numbers, begins
from worker.enrichment.pieces import pieces
from worker.enrichment.remembered import Remembered
from worker.enrichment.sentences import sentences
from worker.enrichment.words import ELIDING, ELISION, Vocabulary, words_of

COMMON = 10.0
"""Zipf frequency at which a word would be worth nothing: `the` has 7.7."""

RAREST = 4.0
"""Below this Zipf frequency all words count as equally rare: typing errors and names are as rare as terms."""

LONG = 12
"""From this number of letters on, all words count as equally long."""

LOOSE = {"en": (0.7, ("ing", "ed", "ly")), "de": (0.4, ("",))}
"""By language: the share of its weight that is left to a loose word, one that tells what is done, or how,
and the endings of these words. They begin with a small letter. In German all such words are loose: its nouns
are capitalised.
"""
NONE_LOOSE = (1.0, ("\n",))

# `pic.example.com`, `www`: pieces of an address
ADDRESS = re.compile(r"https?|www|[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}")

# A word with the apostrophe, hyphen, full stop or ampersand inside it: `e-mail`, `U.S`, `AT&T`, `O'Dell`; or
# a mark, also that of a possessive: `Lask's harbour`. No token contains white space.
TOKEN = re.compile(r"[^\W_]++(?:[-'’.&](?!s\b)[^\W_]++)*+|[^\w\s]")
# The same for languages that join short words to the next one: `l'Europe` is two tokens.
ELIDED = re.compile(f"{ELISION.pattern}|{TOKEN.pattern}", re.IGNORECASE)
_GAP = re.compile(r"\n[^\S\n]*+\n")  # an empty line counts as a token: no phrase contains it

Fact = tuple[float, int, int, int, int, bool, bool, bool]
_FACTS = [
    ("rarity", np.float64),
    ("stem", np.int32),  # its number
    ("token", np.int32),  # the number of the word as it is written
    ("place", np.int32),  # among the tokens of its bare word
    ("letters", np.int32),  # up to `LONG`
    ("small", np.bool_),  # it begins with a small letter
    ("capital", np.bool_),
    ("loose", np.bool_),  # by its form it tells what is done, or how
]


@dataclass(frozen=True, slots=True)
class Telling:
    """The telling words of some texts in order, n of them.

    Marks, numbers and stop words do not tell what a text is about, nor do words of one or two letters unless
    they are abbreviations (`EU`).
    """

    text: Numbers
    """(n,) the text that the word is in."""
    place: Numbers
    """(n,) its place among all tokens of its text: words, marks and empty lines."""
    facts: NDArray[np.void]
    """(n,) the fields of `_FACTS`; `token` is the word's number in `written`."""
    sizes: Numbers
    """(texts,) the number of tokens in each text."""
    written: Sequence[str]
    loose: float
    """The share of its weight that is left to a loose word."""


class _Tokens:
    """What is known about the tokens of bare words: `Lask's` has three, of which one is telling."""

    def __init__(self, written: Sequence[str], words: Vocabulary) -> None:
        self._words = words
        _, self._loose = LOOSE.get(words.code, NONE_LOOSE)
        self._stems = Numbered()
        self._numbered = Numbered()
        pattern = self._pattern = ELIDED if words.code in ELIDING else TOKEN
        self.count = Column(written, lambda bare: len(words_of(bare, pattern)), np.int32)
        self.telling = Lists(written, self._of, np.dtype(_FACTS, align=True))
        self.written = self._numbered.written

    def _of(self, bare: str) -> list[Fact]:
        """Return the facts about the telling tokens of a bare word."""
        found = []
        for place, token in enumerate(words_of(bare, self._pattern)):
            first, letters = token[0], len(token)
            if not first.isalpha() or (letters < 3 and not token.isupper()) or token[-1] in "'’":
                continue
            # The tables know only the straight apostrophe: "we're".
            stem, zipf, stop = self._words.word(token.lower().replace("’", "'"))
            if not stop and not ADDRESS.fullmatch(token):
                small = first.islower()
                found.append((  # in the order of `_FACTS`
                    COMMON - max(zipf, RAREST), self._stems[stem], self._numbered[token], place,
                    min(letters, LONG), small, first.isupper(), small and token.endswith(self._loose),
                ))  # fmt: skip
        return found


def telling(texts: Sequence[tuple[str, str]], words: Vocabulary) -> Telling:
    """Return the telling words of texts, each given as its title (which may be empty) and its body."""
    divided = pieces([*chain.from_iterable(texts)])
    firsts = divided.texts[::2]  # the title and the body are one text
    bounds = divided.sentences[firsts]
    tokens, bare = divided.about_bare(_Tokens, words), divided.bare
    # Each mark around a word is a token.
    before = begins(tokens.count[bare["word"]] + bare["around"])
    gaps, behind = _gaps(texts)
    gaps_before = begins(gaps)
    # Places are counted through all texts first, then made to start from 0 in each.
    place = before[:-1] + bare["before"] + np.repeat(gaps_before[1:], np.diff(divided.sentences))
    place -= np.repeat((before[bounds] + gaps_before[firsts])[:-1], np.diff(bounds))
    owner, found = tokens.telling[bare["word"]]
    return Telling(
        text=np.repeat(np.arange(len(texts)), np.diff(bounds))[owner],
        place=place[owner] + found["place"],
        facts=found,
        sizes=np.diff(before[bounds]) + np.diff(gaps_before[firsts]) + behind,
        written=tokens.written,
        loose=LOOSE.get(words.code, NONE_LOOSE)[0],
    )


def _gaps(texts: Sequence[tuple[str, str]]) -> tuple[Numbers, Numbers]:
    """Return the number of empty lines before each sentence of all texts, and after the last of each."""
    gaps: list[int] = []
    behind: list[int] = []
    for title, text in texts:
        blanks = _blanks(text)
        if title:
            *between, last = _blanks(title)
            blanks = [*between, f"{last}\n\n{blanks[0]}", *blanks[1:]]
        *before, last_lines = map(_lines.__getitem__, blanks)
        gaps += before
        behind.append(last_lines)
    return np.array(gaps, dtype=np.intp), np.array(behind, dtype=np.intp)


def _blanks(text: str) -> list[str]:
    """Return what is between the sentences: before each, and after the last."""
    spans = sentences(text)
    ends = [0, *[end for _, end in spans]]
    starts = [*[start for start, _ in spans], len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


_lines = Remembered(lambda blank: len(_GAP.findall(blank)))
