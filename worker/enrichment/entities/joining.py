"""Which mentions are the same entity, what it is called, and how much the article is about it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from worker.articles import Mention, Subject
from worker.enrichment.entities.named import Named
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.titles import title_of
from worker.enrichment.remembered import Remembered

LEAD = 400
"""Mentions in the first characters of a text, a paragraph or two, weigh more."""
IN_LEAD, IN_TITLE = 2.0, 3.0
NO_LETTER = re.compile(r"[^a-z0-9]+")  # "Antony J. Blinken" -> antony-j-blinken
SUFFIX = re.compile(r",?\s(?:Jr|Sr|II|III|IV)\.?$")  # "Robert Downey Jr." -> "Robert Downey"
BRACKETED = re.compile(r"\s\(\s?$")  # between a name and its initials
HONORIFIC = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Sen|Rep|Gov|Prof|Rev)\.?\s")
# Lists are validated in one call: one value at a time takes half as long again.
MENTIONS, SUBJECTS = TypeAdapter(list[Mention]), TypeAdapter(list[Subject])


@dataclass(slots=True)
class Entity:
    """Mentions of the same person, organisation, place or thing."""

    label: Label
    mentions: list[Named] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)

    def add(self, one: Named, form: str) -> None:
        """Add a mention, written in this form."""
        self.mentions.append(one)
        self.forms[form] = self.forms.get(form, 0) + 1

    @property
    def name(self) -> str:
        """The form with most words, preferably not in capitals; of equal forms the most frequent."""
        if len(self.forms) == 1:
            return next(iter(self.forms))

        def rank(form: str) -> tuple[int, bool, int, int]:
            capitals = form.isupper() and len(form) > 5  # "PORTSMOUTH" of a dateline, not "NATO"
            return len(form.split()), not capitals, self.forms[form], len(form)

        return max(self.forms, key=rank)


def join(
    text: str, title: str | None, spans: Sequence[Named]
) -> tuple[list[Mention], list[Subject]]:
    """Return the mentions, each with the key of its subject, and the subjects in order of first mention."""
    entities = _entities(text, spans)
    weights = [_weight(entity, title) for entity in entities]
    total = sum(weights) or 1.0
    mentions: list[dict[str, Any]] = []
    subjects: list[dict[str, Any]] = []
    keys: set[str] = set()
    for entity, weight in zip(entities, weights, strict=True):
        name = entity.name
        key = _key(name, entity.label, keys)
        mentions += [
            {
                "text": text[start:end],
                "label": label,
                "start": start,
                "end": end,
                "entity": key,
                "tag": tag,
            }
            for start, end, label, tag in entity.mentions
        ]
        subjects.append(
            {
                "key": key,
                "name": name,
                "label": entity.label,
                "count": len(entity.mentions),
                "salience": round(weight / total, 4),
                "title": title_of(text, entity.mentions) if entity.label == "person" else None,
            }
        )
    mentions.sort(key=itemgetter("start"))
    return MENTIONS.validate_python(mentions), SUBJECTS.validate_python(subjects)


def _entities(text: str, spans: Sequence[Named]) -> list[Entity]:
    """Group the spans into entities, in order of first mention; a short form belongs to the full one."""
    formed = [(one, _form(text, one)) for one in spans]
    forms = dict.fromkeys((one.label, form) for one, form in formed)
    aliases = _aliases(forms)
    if "(" in text:
        aliases |= _bracketed(text, formed)
    for key, name in list(aliases.items()):  # "Joe" -> "Joe Roe" -> "Joe Q. Roe"
        aliases[key] = aliases.get((key[0], name.casefold()), name)
    entities: dict[Form, Entity] = {}
    entity_of: dict[Form, Entity] = {}
    for label, form in forms:
        folded = _WRITTEN[form].folded
        full = aliases.get((label, folded))
        group = (label, full.casefold() if full else folded)
        if group not in entities:
            entities[group] = Entity(label)
        entity_of[label, form] = entities[group]
    for one, form in formed:
        entity_of[one.label, form].add(one, form)
    return list(entities.values())


Form = tuple[Label, str]


class Written(NamedTuple):
    """What is known about a form; the strings are in lower case."""

    folded: str
    words: int
    first: str
    last: str
    initials: str
    """Of the capitalised words: "ah" of "Acme Holdings"."""


def _written(form: str) -> Written:
    words = form.split() or [""]
    capitals = "".join(word[0] for word in words if word[:1].isupper())
    return Written(
        form.casefold(), len(words), words[0].casefold(), words[-1].casefold(), capitals.casefold()
    )


_WRITTEN = Remembered(_written)


def _aliases(forms: Iterable[Form]) -> dict[Form, str]:
    """Map short forms to the full form, if only one can be meant."""
    full: dict[Form, set[str]] = defaultdict(set)
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for label, form in forms:
        _, words, first, last, initials = _WRITTEN[form]
        if words > 1 and label == "person":
            full[label, first].add(form)
            full[label, last].add(form)
            people[first, last].add(form)
        elif words > 1 and label == "organisation":
            full[label, first].add(form)
            full[label, initials].add(form)
    aliases: dict[Form, str] = {}
    for label, form in forms:  # "Roe" -> "John Roe", "Acme" and "AH" -> "Acme Holdings"
        folded = _WRITTEN[form].folded
        longer = full.get((label, folded))
        if longer and " " not in form and (len(longer) == 1 or _one_person(longer)):
            aliases[label, folded] = _fullest(longer)
    for group in people.values():  # "John Roe" -> "John Q. Roe"
        if len(group) > 1:
            best = _fullest(group)
            aliases |= {("person", form.casefold()): best for form in group if form != best}
    return aliases


def _bracketed(text: str, formed: Sequence[tuple[Named, str]]) -> dict[Form, str]:
    """Map initials in brackets to the name before them."""
    aliases: dict[Form, str] = {}
    for (before, name), (after, short) in pairwise(formed):
        bracketed = BRACKETED.fullmatch(text, before.end, after.start)
        if bracketed and before.label == after.label and short.isupper() and " " not in short:
            aliases[after.label, short.casefold()] = name
    return aliases


def _one_person(names: set[str]) -> bool:
    return len({(_WRITTEN[name].first, _WRITTEN[name].last) for name in names}) == 1


def _fullest(names: set[str]) -> str:
    return max(names, key=lambda name: (len(name.split()), len(name), name))


def _form(text: str, one: Named) -> str:
    """Return a mention on one line, that of a person without honorific and suffix."""
    words = text[one.start : one.end]
    return _BARE[words] if one.label == "person" else _ON_ONE_LINE[words]


def _bare(name: str) -> str:
    words = " ".join(name.split())
    return SUFFIX.sub("", HONORIFIC.sub("", words)) or words


_BARE = Remembered(_bare)
_ON_ONE_LINE = Remembered(lambda words: " ".join(words.split()))


def _weight(entity: Entity, title: str | None) -> float:
    weight = float(len(entity.mentions))
    for one in entity.mentions:
        if one.start >= LEAD:
            break
        weight += IN_LEAD
    if title and any(form in title for form in entity.forms):
        weight += IN_TITLE
    return weight


def _key(name: str, label: str, taken: set[str]) -> str:
    """Return a key that no other subject of the article has: "antony-blinken"."""
    key = _SLUGS[name]
    if key in taken:
        key = f"{key}-{label}"
    taken.add(key)
    return key


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return NO_LETTER.sub("-", plain).strip("-") or name.casefold()


_SLUGS = Remembered(_slug)
