"""What the words right around a name say of it: that it is a person's, or a company's."""

import re

from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import HEAD_WORDS, OWNS
from worker.enrichment.entities.placing import Places, words_of_full_names
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.titles import is_introduced
from worker.enrichment.entities.wellknown import WELL_KNOWN
from worker.enrichment.words import vocabulary

# "Ida Brandt", "J. M. van der Brandt": what can be the name of a person
FULL_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ](?:\.|[\w’'-]+)(?:\s(?:van|von|de|der|del|di|da|bin|al|el|la|le))*"
    r"(?:\s[A-ZÀ-ÖØ-Þ](?:\.|[\w’'-]+)){1,3}"
)
# ", 42," and ", who" behind a name
OF_PERSON = re.compile(r",\s(?:(?:aged\s)?\d{1,2}(?=[,.;])|who\s)")
FIRST_NAME = re.compile(r"(?:^|[\s“\"(—–])([A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{2,}(?:-[A-Z][a-z]+)?)\s$")
KINDS = (
    "company|firm|giant|maker|carmaker|automaker|shipbuilder|manufacturer|producer|supplier|retailer|airline|operator"
    "|startup|start-up|lender|broker|insurer|publisher|broadcaster|developer|subsidiary|conglomerate|brewer|builder"
    "|newspaper|magazine|website|platform|app|charity|chain|brand|rival"
)
KIND_WORDS = frozenset(KINDS.split("|"))
# "shares of | Lask"
SHARE_BEFORE = re.compile(r"\b(?:shares|stakes?|stock|takeover) (?:of|in) $")
# "Lask’s shares", "Lask shares"
COMPANY_BEHIND = re.compile(
    r"(?:[’']s?)?\s(?:shares?\sprice|shares|stock|shareholders|chief\sexecutive|CEO|CFO|revenues?|profits?|headquarters)\b"
)
COMMON = 3.0
"""Zipf frequency from which a word is one of the language, too."""
BEHIND = frozenset([" s", " c", " C", " r", " p", " h", "'s", "’s", "' ", "’ "])
"""How what stands behind a company begins."""
REACH = 24
"""Characters before a name that are looked at."""


class Cues:
    """Tells people and companies by the words around them, where the model took them for something else."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def heed(self, draft: Draft) -> None:
        """Relabel what the text calls a person or a company; all mentions of a company at once."""
        text = draft.text
        people, surnames = [], []
        for one in draft.spans:
            if one.label == "person":
                if text[max(0, one.start - 2) : one.start - 1].islower():
                    surnames.append(one)
            elif text.startswith(",", one.end) and self._is_introduced(draft, one):
                people.append(one)
        for one in people:
            draft.relabel(one, "person")
        for one in surnames:
            if (start := self._with_first_name(draft, one)) < one.start:
                draft.put(start, one.end, "person")
        self._find_firms(draft)

    def _find_firms(self, draft: Draft) -> None:
        text = draft.text
        firms = {
            text[one.start : one.end]
            for one in draft.spans
            if one.label != "organisation" and _is_firm(draft, one)
        }
        if firms:
            firms -= words_of_full_names(draft)
            firms = {name for name in firms if not self._places.is_known(name)}
        for one in draft if firms else ():
            if one.label != "organisation" and draft.cut(one) in firms:
                draft.relabel(one, "organisation")

    def _with_first_name(self, draft: Draft, one: Named) -> int:
        """Return where a person's name begins, with the rare word in front of a surname: "Mirthe | Klo"."""
        text, start = draft.text, one.start
        if " " in text[start : one.end]:
            return start
        first = FIRST_NAME.search(text, max(0, start - REACH), start)
        if first is None or draft.over(first.start(1), start):
            return start
        name = first[1]
        rare = vocabulary("en").word(name.lower()).zipf < COMMON and name not in WELL_KNOWN
        return first.start(1) if rare and not self._places.is_of_place(name) else start

    def complete(self, draft: Draft) -> None:
        """Give a name and the last word of it that stands alone one label: "Ada Klo" is a person as "Klo" is.

        A word of the language ("Watchdog") or of many ("Dodgers") is rather part of the longer name.
        """
        text = draft.text
        alone = {text[one.start : one.end] for one in draft.spans if one.label == "person"}
        alone -= words_of_full_names(draft)
        if not alone:
            return
        parts: dict[str, Label] = {}
        for one in draft:
            words = draft.cut(one)
            last = words.rpartition(" ")[2]
            if one.label == "person" or last == words or last not in alone or one.tag == "NORP":
                continue
            if not _is_surname(last):
                parts[last] = one.label
            elif self.may_be_person(words):
                draft.relabel(one, "person")
        for one in draft if parts else ():
            label = parts.get(draft.cut(one), one.label)
            if label != one.label:
                draft.relabel(one, label)

    def _is_introduced(self, draft: Draft, one: Named) -> bool:
        text = draft.text
        if one.tag == "NORP":
            return False
        return self.may_be_person(text[one.start : one.end]) and (
            OF_PERSON.match(text, one.end) is not None or is_introduced(text, one.end)
        )

    def may_be_person(self, words: str) -> bool:
        """Whether words look like the full name of a person, and of nothing that is known."""
        return (
            FULL_NAME.fullmatch(words) is not None
            and OWNS.search(words) is None
            and words not in WELL_KNOWN
            and HEAD_WORDS.isdisjoint(words.split())
            and not self._places.is_known(words)
        )


def _is_surname(word: str) -> bool:
    return not word.endswith("s") and vocabulary("en").word(word.lower()).zipf < COMMON


def _is_firm(draft: Draft, one: Named) -> bool:
    """Whether a name of one word that the model took for no organisation is a company's."""
    text, start, end = draft.text, one.start, one.end
    if text[end : end + 2] in BEHIND and COMPANY_BEHIND.match(text, end):
        said = True
    else:
        blank = text.rfind(" ", max(0, start - REACH), max(0, start - 1))
        word = text[blank + 1 : start - 1]
        said = word in KIND_WORDS or (
            word in {"of", "in"}
            and SHARE_BEFORE.search(text, max(0, start - REACH), start) is not None
        )
    return said and one.tag != "NORP" and " " not in text[start:end]
