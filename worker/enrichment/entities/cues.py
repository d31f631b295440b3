"""What the words right around a name say of it: that it is a person's, or a company's."""

import re

from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.patterns import HEAD_WORDS
from worker.enrichment.entities.placing import Places, words_of_full_names
from worker.enrichment.entities.titles import is_introduced
from worker.enrichment.entities.wellknown import WELL_KNOWN

# "Ida Brandt", "J. M. van der Brandt": what can be the name of a person
FULL_NAME = re.compile(
    r"[A-ZÀ-ÖØ-Þ](?:\.|[\w’'-]+)(?:\s(?:van|von|de|der|del|di|da|bin|al|el|la|le))*"
    r"(?:\s[A-ZÀ-ÖØ-Þ](?:\.|[\w’'-]+)){1,3}"
)
# ", 42," and ", who" behind a name
OF_PERSON = re.compile(r",\s(?:(?:aged\s)?\d{1,2}(?=[,.;])|who\s)")
KINDS = (
    "company|firm|giant|maker|carmaker|automaker|shipbuilder|manufacturer|producer|supplier|retailer|airline|operator"
    "|startup|start-up|lender|broker|insurer|publisher|broadcaster|developer|subsidiary|conglomerate|brewer|builder"
    "|newspaper|magazine|website|platform|app|charity|chain|brand|rival"
)
# "the shipbuilder | Lask", "shares of | Lask"
COMPANY_BEFORE = re.compile(rf"\b(?:{KINDS}|(?:shares|stake|stock)\s(?:of|in)|takeover\sof)\s$")
# "Lask’s shares", "Lask shares"
COMPANY_BEHIND = re.compile(
    r"(?:[’']s?)?\s(?:shares?\sprice|shares|stock|shareholders|chief\sexecutive|CEO|CFO|revenues?|profits?|headquarters)\b"
)
REACH = 24
"""Characters before a name that are looked at."""


class Cues:
    """Tells people and companies by the words around them, where the model took them for something else."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def heed(self, draft: Draft) -> None:
        """Relabel what the text calls a person or a company; all mentions of a company at once."""
        text = draft.text
        people = [
            one for one in draft.spans if one.label != "person" and self._is_introduced(draft, one)
        ]
        for one in people:
            draft.relabel(one, "person")
        firms = {text[one.start : one.end] for one in draft.spans if _is_firm(draft, one)}
        if firms:
            firms -= words_of_full_names(draft)
            firms = {name for name in firms if not self._places.is_known(name)}
        for one in draft if firms else ():
            if one.label != "organisation" and draft.cut(one) in firms:
                draft.relabel(one, "organisation")

    def _is_introduced(self, draft: Draft, one: Named) -> bool:
        text = draft.text
        if one.tag == "NORP" or not text.startswith(",", one.end):
            return False
        words = text[one.start : one.end]
        return (
            FULL_NAME.fullmatch(words) is not None
            and words not in WELL_KNOWN
            and HEAD_WORDS.isdisjoint(words.split())
            and not self._places.is_known(words)
            and (OF_PERSON.match(text, one.end) is not None or is_introduced(text, one.end))
        )


def _is_firm(draft: Draft, one: Named) -> bool:
    """Whether a name of one word that the model took for no organisation is a company's."""
    text = draft.text
    if one.label == "organisation" or one.tag == "NORP" or " " in text[one.start : one.end]:
        return False
    return (
        COMPANY_BEFORE.search(text, max(0, one.start - REACH), one.start) is not None
        or COMPANY_BEHIND.match(text, one.end) is not None
    )
