"""Who speaks: the cue nearest to a quotation, and the subject of that cue."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from worker.articles import Mention
from worker.enrichment.quotes.cues import PARTICIPLES, Cue
from worker.enrichment.quotes.marks import Quotation
from worker.enrichment.wholewords import whole

HIDDEN = "\x00"  # stands for the words between quotation marks
# A stop, closing marks and white space before a capital, or a line break. What may come first stands
# at the head: the engine skips to it.
CLOSING = r"[\x00”\"’'\s)]"
SENTENCE_END = re.compile(
    rf"{CLOSING}(?:(?<=[.!?…]{CLOSING})(?:{CLOSING}*\s|(?<=\s))(?=[A-Z“\"‘'\[])|(?<=\n)\n*)"
)
STOP = re.compile(r"[,;:.—–](?=\s|$)|[“\"\x00\n]")  # ends the phrase behind a cue
ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|Rev|Hon|Prof|St|Jr|Sr|No|vs|U\.S|[A-Z])\.$"
)
PRONOUN = re.compile(
    whole(["he", "she", "they", "we", "I", "it", "who", "He", "She", "They", "We", "It"])
)
HEADS = (
    "spokes(?:man|woman|person|people)|officials?|police|ministry|statement|report|campaign|sources?"
    "|aides?|advis[eo]r|company|group|lawyers?|attorney|judge|court|analysts?|experts?|critics?"
    "|researchers?|authors?|witness(?:es)?|residents?|mother|father|wife|husband|son|daughter|brother"
    "|sister|friend|neighbou?r|man|woman|president|senator|governor|mayor|minister|candidate|secretary"
    "|director|chairman|chairwoman|chief|commissioner|coach|manager|owner|teacher|doctors?|host"
    "|congressman|congresswoman|nominee|agency|department|committee|board|office|letter|email|memo|ad"
    "|poll|newspaper|paper|publication|article|editorial|website|supporters?|protesters?|voters?"
    "|reporter|journalist|businessman|billionaire|tycoon|mogul|pastor|bishop|pope|king|queen|prince"
    "|general|sheriff|prosecutors?|investigators?|authorities|organi[sz]ation|union|party|government"
    "|administration|lawmakers?|people|others|narrator|caller|crowd|message|sign|video|study|book"
    "|resolution|complaint|lawsuit|indictment|petition|strategist|commentator|professor|economist"
    "|military|army|navy|air force|embassy|council|university|club|bank|firm|foundation|charity|team|group"
    "|leader|boss|executive|expert|analyst|scientist|engineer|student|player|captain|driver|farmer|survivor"
    "|activist|campaigner|ambassador|envoy|diplomat|negotiator|deputy|premier|chancellor|mp|historian|musician"
    "|actor|actress|singer|star|striker|midfielder|defender|goalkeeper|quarterback|veteran|nurse|pilot|priest"
    "|victim|teenager|girl|boy|relative|neighbor|colleague|source|insider|aide|advocate|spokesperson|watchdog"
    "|suit|document|filing|indictment|democrats?|republicans?|Democrats?|Republicans?|heckler|insiders?"
    "|think tank|regulator|airline|retailer|carmaker|manufacturer|network|tribunal|commission|association"
)
# "the ministry", "a senior White House official", "police", "a spokesman"
NOUN_PHRASE = re.compile(
    r"\b(?:(?:[Tt]he|[Aa]n?|[Oo]ne|[Hh]is|[Hh]er|[Tt]heir|[Aa]nother|[Tt]his|[Tt]hat)\s"
    r"(?:(?!(?:in|of|to|that|the|a|and|for|on|by|with|from|at)\s)[\w’'-]+\s){0,3}?"
    rf"(?:{HEADS})|[Oo]fficials|[Pp]olice|[Cc]ritics|[Pp]rosecutors|[Ll]awmakers|[Ss]upporters"
    r"|[Aa]uthorities|[Rr]esearchers|[Ii]nvestigators|[Ww]itnesses|[Pp]rotesters)\b(?!’s|'s)"
)
# Capitals that no model called a person: "Ortega", "Mr. Van Dyke", "Daron O’Shea"
CAPITALS = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov)\.?\s)?(?!(?:The|A|An|In|On|At|He|She|It|They|We|I|But|And|So"
    r"|That|This|When|While|After|As|If|What|There|His|Her|Then|Now|Also|Still|Yet|Meanwhile|According"
    r"|Later|Instead|For|To|Asked|One|Some|Many|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday"
    r"|Sunday)\b)[A-Z][\w’'.-]*[\w](?:\s(?:(?:van|de|von|al|bin|der|la)\s)?[A-Z][\w’'-]+){0,3}"
)
LINK = re.compile(  # what may stand between a subject and its verb: "also", "has since", "later"
    r"^[\s,]*(?:(?:has|have|had|also|then|later|once|recently|previously|repeatedly|reportedly"
    r"|himself|herself|is|was|were|are|be|been|would|will|could|should|did|does|do|not|never|often"
    r"|simply|just|even|first|only|still|again|further|earlier|famously|now|to|[a-z]+ly"
    r"|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[\s,]+)*$"
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a cue's subject is: a mention, or a phrase of the text, or a pronoun."""

    start: int
    end: int
    mention: Mention | None = None
    pronoun: str | None = None


def hidden(text: str, quotations: Sequence[Quotation]) -> str:
    """Return the text with the quoted words blanked out, offsets unchanged."""
    pieces, position = [], 0
    for quotation in quotations:
        for start, end in quotation.parts:
            pieces += [text[position:start], HIDDEN * (end - start)]
            position = end
    pieces.append(text[position:])
    return "".join(pieces)


def sentence_bounds(masked: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut [start, end) into sentences; a stop inside a quotation ends one if a capital follows."""
    bounds, begin = [], start
    for match in SENTENCE_END.finditer(masked, start, end):
        if ABBREVIATION.search(masked, max(begin, match.start() - 6), match.start()):
            continue
        bounds.append((begin, match.start()))
        begin = match.end()
    bounds.append((begin, end))
    return [(first, last) for first, last in bounds if last > first]


@dataclass(frozen=True, slots=True)
class Clause:
    """What stands before a cue in its sentence."""

    low: int
    cue: Cue
    lead: str
    inside: list[Mention]
    people: list[Mention]
    pronoun: "re.Match[str] | None"


class Speakers:
    """Finds the subject of a cue among the mentions outside quotations, none of which overlap."""

    def __init__(self, masked: str, mentions: Sequence[Mention]) -> None:
        self._text = masked
        self._mentions = sorted(
            (
                one
                for one in mentions
                if one.label in {"person", "organisation"}
                and masked[one.start : one.end].strip(HIDDEN)
            ),
            key=attrgetter("start"),
        )
        self._starts = [one.start for one in self._mentions]

    def of(self, cue: Cue, low: int, high: int) -> Speaker | None:
        """Return the subject of the cue within the sentence [low, high)."""
        if cue.is_source:
            return self._behind(cue.end, high)
        if cue.word in PARTICIPLES and (first := self._first(cue, low)):
            return first
        before = self._before(cue, low)
        if self._is_inverted(cue, low):
            return self._behind(cue.end, high) or before
        return before or (self._behind(cue.end, high) if cue.is_strong else None)

    def _within(self, low: int, high: int) -> list[Mention]:
        """Return the mentions that begin in [low, high)."""
        return self._mentions[bisect_left(self._starts, low) : bisect_left(self._starts, high)]

    def _is_inverted(self, cue: Cue, low: int) -> bool:
        """Whether the subject follows: “…,” said Mr Ortega."""
        lead = self._text[low : cue.start].rstrip()
        if not lead.endswith(("”", '"', "’", "'", ",”", HIDDEN)):
            return False
        following = self._text[cue.end : cue.end + 2]
        return following.startswith(" ") and not following.startswith((" “", ' "'))

    def _first(self, cue: Cue, low: int) -> Speaker | None:
        """Return whom the sentence is about: the first that may speak in it."""
        pronoun = PRONOUN.search(self._text, low, cue.start)
        phrase = NOUN_PHRASE.search(self._text, low, cue.start)
        mention = next(iter(self._within(low, cue.start)), None)
        found: list[Speaker] = []
        if pronoun and pronoun[0].lower() in {"he", "she", "they"}:
            found.append(_pronoun(0, pronoun))
        if phrase:
            found.append(_phrase(phrase))
        if mention:
            found.append(_mentioned(mention))
        return min(found, key=lambda one: one.start) if found else None

    def leading_in(self, low: int, colon: int) -> Speaker | None:
        """Return who speaks behind a colon without a cue: the name before it, else the first."""
        inside = self._within(low, colon)
        last = [one for one in inside if one.end == colon]
        people = [one for one in inside if one.label == "person"]
        chosen = last or people or inside
        return _mentioned(chosen[0]) if chosen else None

    def named_before(self, colon: int) -> Speaker | None:
        """Return whose name stands right before a colon, as in a transcript: "Ruiz: “No.”"."""
        place = bisect_left(self._starts, colon)
        if place and self._mentions[place - 1].end == colon:
            return _mentioned(self._mentions[place - 1])
        return None

    def _behind(self, start: int, high: int) -> Speaker | None:
        """Return the first speaker between a cue and the next stop."""
        stop = STOP.search(self._text, start, high)
        while stop and ABBREVIATION.search(self._text, max(start, stop.end() - 6), stop.end()):
            stop = STOP.search(self._text, stop.end(), high)
        end = stop.start() if stop else high
        pronoun = re.match(r"\s+(he|she|they|we|I|it)\b", self._text[start:end])
        if pronoun:
            return Speaker(start + pronoun.start(1), start + pronoun.end(1), None, pronoun[1])
        inside = self._within(start, end)
        people = [one for one in inside if one.label == "person"]
        chosen = people[:1] or inside[:1]
        phrase = NOUN_PHRASE.search(self._text, start, end)
        if phrase and (
            not chosen or (chosen[0].label != "person" and phrase.start() < chosen[0].start)
        ):
            return _phrase(phrase)
        if not people and (name := CAPITALS.match(self._text, start + 1, end)):
            return _phrase(name)
        return _mentioned(chosen[0]) if chosen else None

    def _before(self, cue: Cue, low: int) -> Speaker | None:
        """Return the speaker that the clause before a cue tells of, the surest sign first."""
        inside = [one for one in self._within(low, cue.start) if one.end <= cue.start]
        lead = self._text[low : cue.start]
        clause = Clause(
            low=low,
            cue=cue,
            lead=lead,
            inside=inside,
            people=[one for one in inside if one.label == "person"],
            pronoun=next(reversed(list(PRONOUN.finditer(lead))), None),
        )
        signs = (self._pronoun, self._direct, self._apposition, self._close_phrase, self._any)
        return next((found for sign in signs if (found := sign(clause)) is not None), None)

    def _pronoun(self, clause: Clause) -> Speaker | None:
        """Return "he" of "he later said", and the name before "who leads the union, said"."""
        last = clause.pronoun
        if last is None or not LINK.match(clause.lead[last.end() :]):
            return None
        if last[0] != "who":
            return _pronoun(clause.low, last)
        earlier = [one for one in clause.people if one.end <= clause.low + last.start()]
        return _mentioned(earlier[-1]) if earlier else None

    def _direct(self, clause: Clause) -> Speaker | None:
        """Return the name right before the cue: "Ana Ruiz (54) also said"."""
        if clause.lead.rstrip().endswith(","):
            return None
        between = ((one, self._text[one.end : clause.cue.start]) for one in clause.inside)
        direct = [one for one, words in between if LINK.match(_without_brackets(words))]
        return _mentioned(direct[-1]) if direct else None

    def _apposition(self, clause: Clause) -> Speaker | None:
        """Return the name before "Ana Ruiz, head of the Madrid office, said"."""
        if not clause.people or not clause.lead.rstrip().endswith(","):
            return None
        opened = [one for one in clause.people if self._text.startswith(",", one.end)]
        return _mentioned((opened or clause.people)[0])

    def _close_phrase(self, clause: Clause) -> Speaker | None:
        """Return the noun phrase or unknown name right before the cue."""
        for phrase in reversed(self._phrases(clause)):
            words = self._text[phrase.end() : clause.cue.start]
            if LINK.match(_without_brackets(words)):
                return _phrase(phrase)
        return None

    def _any(self, clause: Clause) -> Speaker | None:
        """Return the last person, else "he", else the last organisation, else a noun phrase."""
        if clause.people:
            return _mentioned(clause.people[-1])
        if clause.pronoun and clause.pronoun[0].lower() in {"he", "she", "they", "we", "i"}:
            return _pronoun(clause.low, clause.pronoun)
        if clause.inside:
            return _mentioned(clause.inside[-1])
        phrases = self._phrases(clause)
        return _phrase(phrases[-1]) if phrases else None

    def _phrases(self, clause: Clause) -> list["re.Match[str]"]:
        found = list(NOUN_PHRASE.finditer(self._text, clause.low, clause.cue.start))
        names = CAPITALS.finditer(self._text, clause.low, clause.cue.start)
        found += [one for one in names if not self._overlaps(one)]
        return sorted(found, key=lambda one: one.end())

    def _overlaps(self, name: "re.Match[str]") -> bool:
        """Whether these capitals are part of a mention that may speak."""
        before = bisect_left(self._starts, name.end())
        return before > 0 and name.start() < self._mentions[before - 1].end


def _mentioned(mention: Mention) -> Speaker:
    return Speaker(mention.start, mention.end, mention)


def _pronoun(low: int, match: "re.Match[str]") -> Speaker:
    return Speaker(low + match.start(), low + match.end(), None, match[0].lower())


def _phrase(match: "re.Match[str]") -> Speaker:
    return Speaker(match.start(), match.end())


def _without_brackets(between: str) -> str:
    """Drop a bracket behind a name: "Ortega (D-Texas) said", "Ruiz, 54, said"."""
    return re.sub(r"\([^)]*\)|,\s\d{1,3},", "", between)
