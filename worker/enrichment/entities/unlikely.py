"""What is no name: words in capitals, units, and the words of a line that capitalises them all."""

import re
from collections.abc import Iterator

from worker.enrichment.entities.named import Draft, Named
from worker.enrichment.entities.wellknown import WELL_KNOWN
from worker.enrichment.words import vocabulary

COMMON = 4.0
"""Zipf frequency from which a word in capitals is shouted rather than initials: "CLAIM", "LOVED"."""
SHORTEST = 5
"""Letters of such a word; shorter ones are initials as often ("ICE", "BART")."""
NUMBER = re.compile(r"\s\d")  # "Brandt 4"
# "306 HP", "16 GB": a unit behind its number
NUMBER_BEFORE = re.compile(r"\d\s?$")
# Words of a headline that no name has: "Deals Are Live", "How To Watch It"
_HEADLINE = (
    "Is|Are|Was|Were|Be|Been|Has|Have|Had|Will|Would|Can|Could|Should|Do|Does|Did|Get|"
    "Gets|Go|Goes|Says|Said|Make|Makes|This|That|These|Those|Your|Our|My|His|Her|Their|"
    "It|Its|You|We|They|How|Why|What|When|Where|Who|With|From|For|After|Before|Over|"
    "More|Most|Best|Now|Plus|Not|To|In|On|At|By|Up|Off|Out|All|Here|Here’s|Here's|As|"
    "If|Than|Into|About|Just|And|But|Or|An|Seems|Still|Need|Needs|Want|Know|Buy|Save|"
    "Watch|See"
)
HEADLINE = frozenset(_HEADLINE.split("|"))
MOST_SMALL = 0.2
"""Share of small words of four letters or more that such a line may have."""
SHORTEST_LINE, LONGEST_LINE = 5, 400
"""Its words, at least, and its characters, at most."""
STOPS = frozenset(".,;:”")


def unlikely(draft: Draft) -> None:
    """Leave out what the model took for a name for its capitals alone, and numbers behind a person."""
    text = draft.text
    people = [one for one in draft.spans if one.label == "person"]
    for one in people:
        if number := NUMBER.search(text, one.start, one.end):
            draft.put(one.start, number.start(), one.label)
    if any(not text[one.start].isalpha() for one in draft.spans):
        draft.spans = [one for one in draft.spans if any(map(str.isalpha, draft.cut(one)))]
    capitals = [one for one in draft.spans if text[one.start : one.end].isupper()]
    if shouted := [one for one in capitals if _is_shouted(draft, one) or _is_unit(draft, one)]:
        draft.spans = [one for one in draft.spans if one not in shouted]
    lines = [*_headlines(text)]
    if not lines:
        return
    within = [one for one in draft.spans if any(low <= one.start < high for low, high in lines)]
    names = {draft.cut(one) for one in draft.spans if one not in within}
    gone = {one for one in within if draft.cut(one) not in names and one.label != "place"}
    draft.spans = [one for one in draft.spans if one not in gone]


def _is_shouted(draft: Draft, one: Named) -> bool:
    words = draft.cut(one)
    return (
        words.isalpha()
        and len(words) >= SHORTEST
        and one.label != "place"
        and words not in WELL_KNOWN
        and vocabulary("en").word(words.lower()).zipf >= COMMON
    )


def _is_unit(draft: Draft, one: Named) -> bool:
    return (
        one.end - one.start <= 3
        and NUMBER_BEFORE.search(draft.text, max(0, one.start - 2), one.start) is not None
    )


def _headlines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines that are set like headlines, all words with capitals and no stop at the end."""
    start = 0
    for line in text.split("\n"):
        if line and len(line) <= LONGEST_LINE and line[-1] not in STOPS and _is_headline(line):
            yield start, start + len(line)
        start += len(line) + 1


def _is_headline(line: str) -> bool:
    words = line.split()
    if len(words) < SHORTEST_LINE or HEADLINE.isdisjoint(words[1:]):
        return False
    long = [word for word in words if len(word) > 3]
    return sum([word[0].islower() for word in long]) <= MOST_SMALL * len(long)
