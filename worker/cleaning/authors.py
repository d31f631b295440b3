"""Authors as names: without "By", roles, outlets, addresses."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from worker.cleaning.jsonld import Node
from worker.cleaning.letters import letters
from worker.cleaning.repair import repair

MAX_AUTHORS, MOST_WORDS, LONGEST = 12, 5, 50
# "By Ida Brandt", "Von: Ida Brandt", "Analysis by Ida Brandt", "Texte : Ida Brandt".
_LEAD = re.compile(
    r"^\W*(?:(?:written|posted|reported|published|words|story|article|report|created|(?:(?:news|guest) )?"
    r"(?:analysis|opinion|review|column|commentary|comment|perspective|essay|feature|interview)(?= by\b)) )?"
    r"(?:by|von|par|por|di|da|door|av|af|przez|autor(?:e|a|in|en|es)?|authors?|auteur|written|text[eo]?|"
    r"contributors?|автор|автори|yazan|oleh|tác giả|penulis|بقلم|كتب)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
# What comes before the name: "3 May 2024 by ", "Story By".
_UP_TO_BY = re.compile(r"^.*\b(?:[Bb][Yy]|[Vv]on|[Pp]ar)\b\s+(?=\S)|^By(?=[A-Z][a-z])")
# "Ida Brandt and Per Holm", "Ida Brandt, Per Holm", "Ida Brandt | Per Holm", "I. Brandt y P. Holm". The group
# holds what surely parts two people, and nothing where a role or an employer may follow.
_BETWEEN = re.compile(
    r"\s*(?:([;|/•·⋅●、\n]|,\s*(?:and|und|et|y|&)\s)|[,，]|"
    r"\s(?:and|und|et|y|e|og|och|en|i|и|та|ve|dan|&|with|mit|avec)\s)\s*"
)
# Another's part in it: "Medically reviewed by", "Photo by".
_NOT_WRITTEN = re.compile(
    r"\b(?:reviewed|edited|checked|verified|translated|narrated|sponsored|powered|presented|photo\w*|images?|"
    r"pictures?|illustrat\w+|video)\s+by\b",
    re.IGNORECASE,
)
# "Dec 17, 2025", "3rd May 2024", "03/01/2017", "10:15 am", "6 min read".
_STAMPS = re.compile(
    r"(?:\d{1,2}(?:st|nd|rd|th)?\.?\s+)?\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mai|okt|dez)"
    r"[a-zä]{0,6}\.?,?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s*)?(?:(?:19|20)\d\d|(?<=\d[\s,]))"
    r"|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b\d{1,2}[:.]\d\d\s*(?:am|pm|uhr)?|\b\d+\s*min\w*(?:\s+read)?",
    re.IGNORECASE,
)
# What follows a name: "Ida Brandt, political editor", "Ida Brandt in Kiel".
_TAIL = re.compile(
    r"\s*(?:\(.*|\[.*|<.*|\s[-–—@|:]\s.*|[-–—:]\s.*|\s(?:in|aus|à|at|for|für|pour|from)\s.*)$"
)
# "Ida Brandt MD", "Ida Brandt M.P.H."; "Ida Brandt III" and "Ida KLEIN" are names.
_DEGREES = re.compile(
    r"(?<=[a-z])(?:,?\s(?:(?:[A-Z]\.){2,}[A-Z]?|MD|RN|DVM|JD|MBA|MPH|CPA|CFA|CFP|RD|PhD)[®.]?)+$"
)
_DEGREE = re.compile(r"(?:ph|m|j|ed)\.\s?d\.?|(?:mba|msc|dphil)\.?", re.IGNORECASE)
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)@\w+")
# Words that no person bears: a desk, an agency, a role, an account.
_NO_NAME = re.compile(
    r"\b(?:admin|administrator|staff|team|editors?|editorial|redaktion\w*|redazione|redacci[oó]n|rédaction|redac[tç]\w*|"
    r"newsroom|news|desk|agenc\w*|agentur\w*|press|presse|media|photos?|images|i?stockphoto|shutterstock|alamy|online|web|webdesk|bureau|reporters?|correspondents?|"
    r"contributors?|guest|sponsored|partner|content|author|writer|unknown|null|none|undefined|anonymous|"
    r"magazine|journal|times|courier|chronicle|observer|standard|mercury|sentinel|weekly|kurier|"
    r"anzeiger|global|interactive|date|last|reviewed|guidance|intelligence|organization|organisation|"
    r"categories|tagged|post|gazette|herald|tribune|daily|zeitung|blog|inc|llc|ltd|gmbh|company|group|"
    r"university|institute|department|ministry|association|foundation|studio|studios|project|network|"
    r"afp|dpa|apa|reuters|ap|pti|ians|ani|efe|ansa|tass|xinhua|bloomberg|sid|epd|kna|ritzau|ntb|tt|"
    r"updated|published|official|webmaster|nachrichten|today|min|about|our|why|what|how|meet|more|all|alle|design|home|real|estate|guide|topics?|articles|tips|trends|lessons|business|categor\w*|tags?|in|of|for|to|read|minutes|comments?|share|related|resources?|follow|view|profile|posts?|article|the)\b",
    re.IGNORECASE,
)
# "Centre for Harbour Studies"
_BODY = re.compile(r"\w\s(?:for|of|für|pour|para)\s", re.IGNORECASE)
# "Town CouncilHarbourOffice", "HarboursFish Markets"; "DeLuca" is a name.
_GLUED = re.compile(r"[a-z][A-Z][a-z]+[A-Z]|[a-z]{5}[A-Z][a-z]")
# "courier.example"
_DOMAIN = re.compile(r"\w\.\w{2,}$")
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|journalist\w*|columnist|producer|director|manager|expert|specialist|"
    r"analyst|professor|licensed|certified|redakteur\w*|reporterin|korrespondent\w*|autor(?:in)?|journaliste|chef|chief|senior|"
    r"associate|assistant|co-founder|founder|ceo|phd|(?<=\s)(?:md|rd)|cfa|m\.d\.|ph\.d\.|freelance|fellow)\b",
    re.IGNORECASE,
)


def from_jsonld(node: Node, known: dict[str, Node]) -> list[str]:
    """Return the names in the `author` of an article; a reference by `@id` is looked up."""
    names: list[str] = []
    for key in ("author", "creator"):
        value = node.get(key)
        for entry in value if isinstance(value, list) else [value]:
            names.extend(_entry(entry, known))
        if names:
            break
    return names


def _entry(entry: Any, known: dict[str, Node]) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    if not isinstance(entry, dict):
        return []
    if "name" not in entry and isinstance(entry.get("@id"), str):
        entry = known.get(entry["@id"], entry)
    if str(entry.get("@type", "")).endswith("Organization"):
        return []
    name = entry.get("name")
    if isinstance(name, list):
        return [part for part in name if isinstance(part, str)]
    return [name] if isinstance(name, str) else []


def after_by(text: str) -> str:
    """Return what follows "by" in a byline; nothing where others than authors follow.

    >>> after_by("3 May 2024 by Ida Brandt"), after_by("Reviewed by Per Holm")
    ('Ida Brandt', '')
    """
    return "" if _NOT_WRITTEN.search(text) else _UP_TO_BY.sub("", text)


def people(values: Iterable[str], outlet: str = "", *, declared: bool = False) -> list[str]:
    """Return the people among raw author strings, in order, each once.

    `declared` values come from a field that names authors; elsewhere a name needs two capitals.

    >>> people(["By Ida Brandt and Per Holm, political editor"])
    ['Ida Brandt', 'Per Holm']
    >>> people(["Ida Brandt, Head of News, Holm Shipping"])
    ['Ida Brandt']
    >>> people(["Analysis by Ida Brandt"], declared=True)
    ['Ida Brandt']
    >>> people(["Ida Brandt, Ph.D."])
    ['Ida Brandt']
    >>> people(["The Harbour Courier", "admin", "dpa"])
    []
    """
    found: dict[str, str] = {}
    for value in values:
        text = _STAMPS.sub(" | ", _ADDRESS.sub(" ", repair(value)[:400]))
        for part, alone in _parts(_LEAD.sub("", text.strip())):
            name = _name(" ".join(part.split()), outlet, declared=declared)
            if name and (" " in name or alone):
                found.setdefault(name.casefold(), name)
    return list(found.values())[:MAX_AUTHORS]


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text that may be names, and whether one word may be a name there.

    What follows a role or an institution after a comma is where somebody works: "Ida Brandt, head of news,
    Holm Shipping". One word beside them is a place or a subject, in capitals a degree: "Newsroom, Kiel,
    Germany", "Ida Brandt, FRCS".
    """
    pieces = _BETWEEN.split(text)
    parts, marks = pieces[::2], ["", *pieces[1::2]]
    against = (_BODY, _NO_NAME, _DOMAIN)
    pure = not any(rule.search(part) for part in parts for rule in against)
    employed = False
    for part, mark in zip(parts, marks, strict=True):
        employed = employed and not mark
        if _BODY.search(part) or _ROLE.search(_TAIL.sub("", part)):
            employed = True
        if not employed:
            yield part, pure and not (part.isupper() and len(parts) > 1)


def _name(part: str, outlet: str, *, declared: bool) -> str | None:
    name = _TAIL.sub("", _LEAD.sub("", part)).strip(" .,;:-–—|*\"'“”()")
    name = _DEGREES.sub("", name)
    words = name.split()
    if _DEGREE.fullmatch(name):
        return None
    if not words or len(words) > MOST_WORDS or not 1 < len(name) <= LONGEST:
        return None
    if not _could_be(name) or not any(map(str.isalpha, name)):
        return None
    if outlet and is_named_after(name, outlet) and (len(words) == 1 or not declared):
        return None
    cased = any(map(str.isupper, name)) or any(map(str.islower, name))
    capitals = len(words) > 1 and words[0][0].isupper() and words[-1][0].isupper()
    if cased and not capitals and (not declared or (len(words) == 1 and name.islower())):
        return None
    return name.title() if name.isupper() and len(words) > 1 else name


def _could_be(name: str) -> bool:
    """Whether nothing in a text speaks against its being a name."""
    against = (_NO_NAME, _ROLE, _DOMAIN, _GLUED)
    return not any(map(str.isdigit, name)) and not any(rule.search(name) for rule in against)


def is_named_after(name: str, outlet: str) -> bool:
    """Whether an author bears the outlet's name: a blog of one person, or the outlet itself."""
    return letters(name) in letters(outlet)
