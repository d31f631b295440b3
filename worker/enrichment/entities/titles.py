"""A person's title or role, as the text gives it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from worker.enrichment.entities.named import Named
from worker.enrichment.remembered import Remembered

ROLES = (
    "president|secretary|minister|chancellor|premier|governor|mayor|senator|congressman|congresswoman"
    "|representative|councillor|commissioner|ambassador|envoy|judge|justice|prosecutor|attorney"
    "|lawyer|sheriff|chief|general|admiral|colonel|captain|sergeant|officer|detective|director"
    "|chairman|chairwoman|chair|head|leader|founder|owner|manager|coach|editor|spokesman|spokeswoman"
    "|spokesperson|analyst|economist|professor|researcher|scientist|doctor|surgeon|teacher|pastor"
    "|bishop|archbishop|cardinal|pope|king|queen|prince|princess|emperor|author|writer|journalist"
    "|reporter|actor|actress|singer|historian|activist|candidate|nominee|adviser|advisor|aide|deputy"
    "|member|agent|assistant|speechwriter|pollster|counsel|engineer|farmer|fisherman|nurse|pilot|executive"
    "|banker|businessman|businesswoman|mp|mep"
    "|lawmaker|legislator|whip|speaker|treasurer|consultant|strategist|organiser|organizer|master"
)
FIELDS = (
    "prime|foreign|finance|defence|defense|interior|home|health|trade|education|transport|energy|justice"
    "|environment|agriculture|labour|labor|culture|sports?|housing|state|district|county|city|town|village"
    "|party|opposition|union|club|team|police|fire|harbour|harbor|port|press|company|bank|project|museum"
)
"""What a role is of, where it is written small in front of it: foreign minister, harbour master."""
ROLE_WORDS = frozenset(ROLES.split("|"))
WORD_END = re.compile(r"[^\W_]+")  # "Minister-elect," -> "Minister", "elect"
HONORIFIC = re.compile(
    r"\b(Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Sen|Rep|Gov|Prof|Rev|Gen|Lt|Col|Capt|Sgt)\.?\s$"
)
# "Secretary of State ", "Prime Minister ", "former Harbour master " in front of a name
BEFORE = re.compile(
    r"((?:(?:former|acting|deputy|vice|interim|senior|chief|assistant)\s)?"
    r"(?:(?-i:[A-Z])[\w’'-]*\s(?:of\s(?:the\s)?|for\s(?:the\s)?|and\s)?){0,5}"
    rf"(?:(?:{FIELDS})\s){{0,2}}"
    rf"(?:{ROLES})(?:-general|-elect)?(?:\sof\s[A-Z][\w’'-]*(?:\s[A-Z][\w’'-]*)?)?\s)$",
    re.IGNORECASE,
)
ROLE_END = re.compile(rf"(?:{ROLES})(?:-general|-elect)?$", re.IGNORECASE)
# ", the head of the port authority," behind a name
BEHIND = re.compile(
    r",\s(?!(?:and|or|but)\s)(?:\d{1,3},\s)?(?:who\s(?:is|was)\s)?(?:(?:then|now|currently)\s)?(?:(?:serving|acting|working)\sas\s)?"
    r"(?:(?:the|a|an|its|their|his|her)\s)?"
    r"((?:[^,.;:()\n“”\"]|(?<=\bM[rs])\.|(?<=\bMrs)\.|(?<=\b[A-Z])\.(?=[A-Z]|\s[a-z])){3,100})(?![^\W_])"
)
# "engineer | who taught at a university": the title ends where a sentence about it begins
CLAUSE = re.compile(
    r"\s(?:who|whom|whose|which|that|told|said|says|is|are|was|were|has|had|have)(?:\s|$)"
)
OPEN_END = re.compile(
    r"(?:\s(?:of|the|a|an|in|at|to|for|and|or|on|with|by|from|his|her|its|their))+$"
)
# "served as governor", "alluding to the chairman's hopes": what comes before the role is no part of one
LED_TO = re.compile(
    r"(?:^|\s)(?:who|of|to|in|at|as|for|with|by|from|on|before|after|about|against|into|over|under)\s"
)
# ", businessman Andrew Yang and": the role is another's
OTHERS_ROLE = re.compile(rf"\b(?:{ROLES})\s[A-Z][\w’'-]+\s[A-Z][\w’'-]")
INITIALS_END = re.compile(r"\b[A-Z]\.[A-Z]$")  # "for the U.S"
LONG = 85
"""Characters from which the phrase behind a name may not be whole: a longer word did not fit."""
EARLY = 6
"""Words of a phrase behind a name of which one must be a role: else it tells something else."""
# "the port's chief executive, " in front of a name
APPOSED = re.compile(
    r"(?:^|\s)(?:the|a|an|its|their|his|her|whose)\s([^,.;:“\"]{3,50}),\s$", re.IGNORECASE
)
SENTENCE_STOPS = (", ", ". ", "; ", ": ", "“", '"', "(")
MOST_APPOSED = 7
"""Words of a role in front of a name: "The paper went on to quote the harbour's chief, " tells a story."""
WINDOW = 60
MOST = 4
"""Mentions that are looked at: a paper gives a title where it names somebody first."""
LEADING = re.compile(
    r"^(?:(?:according\sto|the|a|an|and|with|by|as|that|but|from|to|of|in|its|his|her|their|for|on|when"
    r"|after|said|says|while|though|although|because|if|since|then|now)\s+)+",
    re.IGNORECASE,
)


def title_of(text: str, mentions: Sequence[Named]) -> str | None:
    """Return the first title or role that stands at a mention: before it, else behind it.

    The words are the text's own: "Secretary of State", "head of the port authority", "Dr".
    """
    for one in mentions[:MOST]:
        if found := _before(text, one.start) or _behind(text, one.end):
            return found
    return None


def is_introduced(text: str, end: int) -> bool:
    """Whether a title or role stands behind a name, as behind a person's: ", the harbour master,"."""
    return _behind(text, end) is not None


def _before(text: str, start: int) -> str | None:
    low = max(0, start - WINDOW, text.rfind("\n", 0, start) + 1)
    lead = text[low:start]
    behind_comma = lead[-2:-1] == ","  # else the pattern would be tried at each word in vain
    apposed = APPOSED.search(lead) if behind_comma else None
    if apposed and _has_role(LED_TO.split(apposed[1], maxsplit=1)[0]):
        told = len(apposed[1].split()) > MOST_APPOSED or CLAUSE.search(apposed[1])
        return None if told else apposed[1]
    if not lead[-1:].isspace():
        return None
    stop = max(map(lead.rfind, SENTENCE_STOPS))
    lead = lead[stop + 1 :].lstrip() if stop >= 0 else lead
    last = _LAST_WORDS[lead[:-1].rpartition(" ")[2]]
    if last.honorific:
        return last.honorific
    # The pattern is slow: it is tried where a role can be the last word or stand before "of".
    if not last.is_role and "of" not in lead.lower():
        return None
    if not _has_role(lead) or (match := BEFORE.search(lead)) is None:
        return None
    title = LEADING.sub("", _own(match[1]).strip())
    return title if _has_role(title) else None


class LastWord(NamedTuple):
    """What the word in front of a name says."""

    honorific: str | None
    is_role: bool


def _last_word(word: str) -> LastWord:
    honorific = HONORIFIC.search(word + " ")
    return LastWord(honorific[1] if honorific else None, ROLE_END.search(word) is not None)


_LAST_WORDS = Remembered(_last_word)


def _own(words: str) -> str:
    """Return what is left of a title without another person: "Senator Ann Roe and Energy Secretary"."""
    others, _, title = words.rpartition(" and ")
    own = others.split()
    ends = not own or _has_role(own[-1])  # "President and Chief Executive" is one
    return words if ends or not (_has_role(others) or len(own) > 2) else title


def _behind(text: str, end: int) -> str | None:
    match = BEHIND.match(text, end) if text.startswith(",", end) else None
    if match is None or not _has_role(match[1]):
        return None
    words = CLAUSE.split(match[1].strip(), maxsplit=1)[0]
    if len(match[1]) > LONG:  # it may have been cut off
        words = OPEN_END.sub("", words)
    head = LED_TO.split(words, maxsplit=1)[0]
    if not _has_role(" ".join(head.split()[:EARLY])):
        return None
    another = OTHERS_ROLE.search(words)
    if another and not _has_role(words[another.end() :]):
        return None
    if INITIALS_END.search(words):
        words += "."
    return words if words[0].islower() or _has_role(words.split()[0]) else None


def _has_role(words: str) -> bool:
    return not ROLE_WORDS.isdisjoint(map(str.casefold, WORD_END.findall(words)))
