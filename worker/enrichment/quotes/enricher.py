"""The enricher `quotes`: sets `quotes`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from worker.articles import Article, Mention, Quote, Subject
from worker.enrichment.quotes.cues import Cue, cues
from worker.enrichment.quotes.marks import Quotation, quotations
from worker.enrichment.quotes.speakers import (
    Speaker,
    Speakers,
    hidden,
    sentence_bounds,
)
from worker.settings import Settings

MOST = 500
"""Quotations of one article that are looked at; only broken or hostile texts have more."""

NEAREST = 5
"""Words of saying that are tried for a quotation."""

REACH = 1_500
"""Characters around a quotation in which its speaker is looked for."""

ADJACENT = 40
"""Characters between a cue and a quotation that belong together: ", Ruiz told the paper, “"."""

LONG = 8
"""Words from which a quotation is speech even where no cue stands beside it."""


@dataclass(slots=True)
class Attribution:
    """A quotation with its cue and the one who spoke."""

    quotation: Quotation
    paragraph: int
    sentence: tuple[int, int]
    cue: Cue | None = None
    speaker: Speaker | None = None


class QuoteEnricher:
    """Finds direct quotations and who spoke them."""

    name = "quotes"
    version = "2"
    languages: frozenset[str] | None = frozenset({"en"})
    needs: tuple[str, ...] = ("entities", "subjects")
    fields: tuple[str, ...] = ("quotes",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, Any]]:
        """Return the quotes of each article."""
        return [
            {"quotes": find_quotes(article.text, article.entities or [], article.subjects or [])}
            for article in batch
        ]


def find_quotes(text: str, mentions: Sequence[Mention], subjects: Sequence[Subject]) -> list[Quote]:
    """Return the direct quotations of a text, in order."""
    found = quotations(text)[:MOST]
    if not found:
        return []
    masked = hidden(text, found)
    names = {subject.key: subject.name for subject in subjects}
    attributions = _attributed(text, masked, found, mentions)
    _resolve_pronouns(masked, attributions, mentions)
    return [_quote(text, one, names) for one in attributions if _is_speech(text, one)]


def _attributed(
    text: str, masked: str, found: Sequence[Quotation], mentions: Sequence[Mention]
) -> list[Attribution]:
    """Give each quotation the cue and speaker of its sentence, else of its neighbours."""
    speakers = Speakers(masked, mentions)
    attributions: list[Attribution] = []
    cache: dict[int, list[tuple[int, int]]] = {}
    for quotation in found:
        first = text.rfind("\n", 0, quotation.start) + 1
        end = text.find("\n", quotation.end)
        end = len(text) if end < 0 else end
        last = text.rfind("\n", 0, quotation.end) + 1
        if first not in cache:
            cache[first] = sentence_bounds(masked, first, end)
        sentence = next(
            (bounds for bounds in cache[first] if bounds[0] <= quotation.start <= bounds[1]),
            (first, end),
        )
        sentence = (
            max(sentence[0], quotation.start - REACH),
            min(sentence[1], quotation.end + REACH),
        )
        one = Attribution(quotation, first, sentence)
        _attribute(masked, one, speakers, last, min(end, quotation.end + REACH))
        if one.cue is None:
            _inherit(masked, one, attributions[-1] if attributions else None, speakers)
        attributions.append(one)
    return attributions


def _attribute(masked: str, one: Attribution, speakers: Speakers, last: int, end: int) -> None:
    """Take the nearest cue of the sentence that has a subject."""
    low, high = one.sentence
    near = list(cues(masked, low, max(high, min(end, one.quotation.end))))
    if one.quotation.end > high or last > one.paragraph:
        tail = sentence_bounds(masked, max(last, one.quotation.end), end)[:1]
        near += [cue for bounds in tail for cue in cues(masked, *bounds) if cue not in near]
        high = max(high, tail[0][1]) if tail else high
    near.sort(key=lambda cue: _distance(masked, cue, one.quotation))
    for cue in near[:NEAREST]:
        if speaker := speakers.of(cue, low, high):
            one.cue, one.speaker = cue, speaker
            return


def _distance(masked: str, cue: Cue, quotation: Quotation) -> float:
    """Return how far a cue stands off; a weak verb, or one cut off by a stop, is further."""
    if cue.end <= quotation.start:
        gap = quotation.start - cue.end
        between = masked[cue.end : quotation.start]
    else:
        gap = max(cue.start - quotation.end, 0)
        between = masked[quotation.end : cue.start]
    weak = 0 if cue.is_strong else 25
    return gap + weak + 15 * between.count(";")


def _inherit(masked: str, one: Attribution, before: Attribution | None, speakers: Speakers) -> None:
    """Take over the speaker of the quotation before, or of a sentence that leads in with a colon."""
    begin = max(0, one.quotation.start - 8)
    head = masked[begin : one.quotation.start].rstrip(" “\"‘'")
    if head.endswith(":") and (speaker := speakers.named_before(begin + len(head) - 1)):
        one.speaker = speaker
        return
    low = one.sentence[0]
    lead = masked[max(0, low - 400) : low].rstrip()
    if before is not None and before.speaker is not None:
        same_paragraph = before.paragraph == one.paragraph
        between = masked[before.quotation.end : one.quotation.start]
        opens = one.quotation.start - one.paragraph < 9 and not masked[
            one.paragraph : one.quotation.start
        ].strip("“\"‘' \t")
        if (same_paragraph and len(between) < 250) or (opens and between.count("\n") <= 2):
            one.speaker, one.cue = before.speaker, None
            return
    if lead.endswith(":"):
        start = masked.rfind("\n", 0, low - 1)
        begin = masked.rfind("\n", 0, max(start - 1, 0)) + 1
        for cue in reversed(list(cues(masked, begin, low))):
            bounds = sentence_bounds(masked, begin, low)[-1]
            if speaker := speakers.of(cue, *bounds):
                one.cue, one.speaker = cue, speaker
                return
        one.speaker = speakers.leading_in(begin, max(0, low - 400) + len(lead) - 1)


def _resolve_pronouns(
    masked: str, attributions: Sequence[Attribution], mentions: Sequence[Mention]
) -> None:
    """Put a person for "he" and "she" where only one can be meant; else leave the pronoun."""
    people = [one for one in mentions if one.label == "person"]
    last: Speaker | None = None
    for one in attributions:
        speaker = one.speaker
        if speaker is not None and speaker.pronoun in {"he", "she"}:
            one.speaker = _antecedent(masked, speaker, people, last) or speaker
        if one.speaker is not None and one.speaker.mention is not None:
            last = one.speaker


def _antecedent(
    masked: str, pronoun: Speaker, people: Sequence[Mention], last: Speaker | None
) -> Speaker | None:
    """Return the one person of this and the preceding paragraph, else the last to speak there."""
    paragraph = masked.rfind("\n", 0, pronoun.start) + 1
    begin = masked.rfind("\n", 0, max(paragraph - 2, 0)) + 1
    near = [one for one in people if begin <= one.start < pronoun.start]
    if last is not None and last.mention is not None and last.start >= begin:
        newer = {one.entity for one in near if one.start > last.end} - {last.mention.entity}
        if not newer:
            return Speaker(pronoun.start, pronoun.end, last.mention, pronoun.pronoun)
    if len({one.entity for one in near}) == 1:
        return Speaker(pronoun.start, pronoun.end, near[-1], pronoun.pronoun)
    return None


def _is_speech(text: str, one: Attribution) -> bool:
    """Whether somebody speaks, and it is not a title, a nickname or a word held at arm's length."""
    words = text[one.quotation.start : one.quotation.end].split()
    if _is_title(words):
        return False
    if one.speaker is None:
        return len(words) >= LONG
    if one.cue is None:
        return len(words) >= 4
    gap = max(one.quotation.start - one.cue.end, one.cue.start - one.quotation.end)
    near = gap <= ADJACENT
    return len(words) >= (2 if one.cue.is_strong and near else 3 if near else 4)


def _is_title(words: Sequence[str]) -> bool:
    """Whether the words are a work's name: short, and every longer word a capital."""
    longer = [word for word in words if len(word) > 3]
    capitals = sum(word[0].isupper() for word in longer)
    if not 2 <= len(words) <= 8 or not longer or capitals < len(longer):
        return False
    return len(longer) > 1 or words[-1][-1] not in ".!?"


def _quote(text: str, one: Attribution, names: dict[str, str]) -> Quote:
    speaker, cue = one.speaker, one.cue
    name, entity = None, None
    if speaker is not None and speaker.mention is not None:
        entity = speaker.mention.entity
        name = names.get(entity or "", speaker.mention.text)
    elif speaker is not None and speaker.pronoun is None:
        name = " ".join(text[speaker.start : speaker.end].split())
    return Quote(
        text=text[one.quotation.start : one.quotation.end],
        start=one.quotation.start,
        end=one.quotation.end,
        speaker=name,
        entity=entity,
        cue=cue.word if cue else None,
        cue_start=cue.start if cue else None,
        cue_end=cue.end if cue else None,
    )
