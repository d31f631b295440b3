"""Which mentions are one entity, what it is called, and how much the article is about it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from worker.articles import Mention, Subject
from worker.enrichment.entities.named import Named
from worker.enrichment.entities.spans import Label
from worker.enrichment.entities.titles import title_of
from worker.enrichment.remembered import Remembered

LEAD = 400
"""Characters at the head of a text whose mentions weigh more: its first paragraph or two."""
IN_LEAD, IN_TITLE = 2.0, 3.0
NO_LETTER = re.compile(r"[^a-z0-9]+")  # "Antony J. Blinken" -> antony-j-blinken
SUFFIX = re.compile(r",?\s(?:Jr|Sr|II|III|IV)\.?$")  # "Robert Downey Jr." -> "Robert Downey"
BRACKETED = re.compile(r"\s\(\s?$")  # what stands between a name and its initials
HONORIFIC = re.compile(r"^(?:Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Lord|Lady|Sen|Rep|Gov|Prof|Rev)\.?\s")


@dataclass(slots=True)
class Entity:
    """Mentions that are one."""

    label: str
    mentions: list[Named] = field(default_factory=list)
    forms: dict[str, int] = field(default_factory=dict)

    def add(self, one: Named, form: str) -> None:
        """Take a mention in."""
        self.mentions.append(one)
        self.forms[form] = self.forms.get(form, 0) + 1

    @property
    def name(self) -> str:
        """The fullest form, rather not in capitals; of equal ones the most frequent."""
        if len(self.forms) == 1:
            return next(iter(self.forms))

        def rank(form: str) -> tuple[int, bool, int, int]:
            capitals = form.isupper() and len(form) > 5  # "PORTSMOUTH" of a dateline, not "NATO"
            return len(form.split()), not capitals, self.forms[form], len(form)

        return max(self.forms, key=rank)


def join(
    text: str, title: str | None, spans: Sequence[Named]
) -> tuple[list[Mention], list[Subject]]:
    """Return the mentions, each with the key of its subject, and the subjects, the first first."""
    entities = _entities(text, spans)
    weights = [_weight(entity, title) for entity in entities]
    total = sum(weights) or 1.0
    mentions: list[Mention] = []
    subjects: list[Subject] = []
    keys: set[str] = set()
    for entity, weight in zip(entities, weights, strict=True):
        name = entity.name
        key = _key(name, entity.label, keys)
        mentions += [
            Mention(
                text=text[one.start : one.end],
                label=one.label,
                start=one.start,
                end=one.end,
                entity=key,
                tag=one.tag,
            )
            for one in entity.mentions
        ]
        subjects.append(
            Subject(
                key=key,
                name=name,
                label=entity.mentions[0].label,
                count=len(entity.mentions),
                salience=round(weight / total, 4),
                title=title_of(text, entity.mentions) if entity.label == "person" else None,
            )
        )
    mentions.sort(key=lambda one: one.start)
    return mentions, subjects


def _entities(text: str, spans: Sequence[Named]) -> list[Entity]:
    """Group the spans, in order of first mention; short forms follow the full ones."""
    groups: dict[tuple[str, str], Entity] = {}
    formed = [(one, _form(text, one)) for one in spans]
    aliases = _aliases(text, formed)
    for one, form in formed:
        name = aliases.get((one.label, form.casefold()), form)
        group = (one.label, name.casefold())
        if group not in groups:
            groups[group] = Entity(one.label)
        groups[group].add(one, form)
    return list(groups.values())


Form = tuple[Label, str]


def _aliases(text: str, formed: Sequence[tuple[Named, str]]) -> dict[Form, str]:
    """Map short forms to the full one that they stand for, where only one can be meant."""
    forms = {(one.label, form) for one, form in formed}
    aliases = _short_forms(forms)
    for group in _same_person(forms):
        best = _fullest(group)
        aliases |= {("person", form.casefold()): best for form in group if form != best}
    for (before, full), (after, short) in pairwise(formed):
        bracketed = BRACKETED.fullmatch(text, before.end, after.start)
        if bracketed and before.label == after.label and short.isupper() and " " not in short:
            aliases[after.label, short.casefold()] = full
    for key, name in list(aliases.items()):  # "Joe" -> "Joe Roe" -> "Joe Q. Roe"
        aliases[key] = aliases.get((key[0], name.casefold()), name)
    return aliases


def _short_forms(forms: set[Form]) -> dict[Form, str]:
    """Map "Roe" to "John Roe", "Acme" and "AH" to "Acme Holdings"."""
    full: dict[Form, set[str]] = defaultdict(set)
    for label, form in forms:
        words = form.split()
        if len(words) > 1 and label in {"person", "organisation"}:
            capitals = "".join(word[0] for word in words if word[0].isupper())
            for short in (words[0], words[-1] if label == "person" else capitals):
                full[label, short.casefold()].add(form)
    aliases: dict[Form, str] = {}
    for label, form in forms:
        longer = full.get((label, form.casefold()), set())
        if longer and " " not in form and (len(longer) == 1 or _one_person(longer)):
            aliases[label, form.casefold()] = _fullest(longer)
    return aliases


def _same_person(forms: set[Form]) -> list[set[str]]:
    """Group full names that share the first and the last word: "John Roe", "John Q. Roe"."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    for label, form in forms:
        words = form.casefold().split()
        if label == "person" and len(words) > 1:
            groups[words[0], words[-1]].add(form)
    return [group for group in groups.values() if len(group) > 1]


def _one_person(names: set[str]) -> bool:
    return len({(name.split()[0].casefold(), name.split()[-1].casefold()) for name in names}) == 1


def _fullest(names: set[str]) -> str:
    return max(names, key=lambda name: (len(name.split()), len(name), name))


def _form(text: str, one: Named) -> str:
    """Return the words of a mention on one line, a person's without honorific and suffix."""
    words = text[one.start : one.end]
    return _BARE[words] if one.label == "person" else " ".join(words.split())


def _bare(name: str) -> str:
    words = " ".join(name.split())
    return SUFFIX.sub("", HONORIFIC.sub("", words)) or words


_BARE = Remembered(_bare)


def _weight(entity: Entity, title: str | None) -> float:
    weight = sum(1.0 + (IN_LEAD if one.start < LEAD else 0.0) for one in entity.mentions)
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
