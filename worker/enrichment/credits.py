"""Sentences that only say who made or owns something, or send the reader elsewhere."""

import re

# `Photo: Ann Roe/Agency`, `(Reporting by Jo Vane; editing by Al Birk)`, `By Jo Vane`, `© 2026 …`,
# `Click here for more`, `Last updated: 5 May`, `This article first appeared in …`, `Also read: …`
_CREDIT = re.compile(
    r"""^\W{0,3}(?:
        (?:photo|photograph|picture|image|video|graphic|illustration|file|foto|bild)s?\b
            [^.:/|©]{0,20}[:/|©]
        | (?:credit|crédit)s?\s?[:/|©]
        | (?:additional\ |further\ )?
            (?:reporting|report|writing|editing|compiled|produced|translated|edited|written)
            \ (?:by|for|in)\ (?-i:[A-Z])
        | by\ (?-i:[A-Z])[\w.'’-]+(?:\ (?-i:[A-Z])[\w.'’-]+){1,3}\W*$
        | ©|\(c\)\ |copyright\b|all\ rights\ reserved
        | (?:click|tap|sign\ up|subscribe|follow\ us|watch\ now|listen\ now)\b
        | read\ (?:more|also)\b[^.]*(?:here|:)
        | (?:updated|published|posted|last\ (?:updated|modified))\b[^.]{0,12}[:\d]
        | this\ (?:story|article|report|version)\ (?:has\ been|was|is|first|originally)\b
        | (?:related|see\ also|also\ read|recommended)\b[^.]{0,15}:
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# A picture's credit at a sentence's end: `(Photo: Ann Roe)`, `(AP Photo/Jo Vane)`, `/ Coast Images`
_CREDIT_WITHIN = re.compile(
    r"""(?:\((?:[A-Z]{2,5}\ )?(?:photo|image|picture|file|foto)\b[^()]{0,60}\)
        |/\s?[A-Z][\w ]{2,30}\ (?:images|pictures|photos?))\W{0,3}$""",
    re.VERBOSE | re.IGNORECASE,
)
# What a credit may begin with: `(Photo`, `By`, `Click`, or marks alone, with such a word after them. A quick
# look at a sentence's beginning with this spares most of them the slow patterns above.
_OPENS_CREDIT = re.compile(
    r"""\W{0,3}(?:(?:photo(?:graph)?|picture|image|video|graphic|illustration|file|foto|bild|cr[eé]dit)s?
    |additional|further|report(?:ing)?|writing|editing|compiled|produced|translated|edited|written|by
    |c|copyright|all|click|tap|sign|subscribe|follow|watch|listen|read|updated|published|posted|last
    |this|related|see|also|recommended)\b|\W+$|\W*©""",
    re.VERBOSE | re.IGNORECASE,
)


def opens_credit(first: str) -> bool:
    """Tell whether a sentence may be a credit, from what stands before its first space.

    >>> opens_credit("(Photo:"), opens_credit("The")
    (True, False)
    """
    return _OPENS_CREDIT.match(first) is not None


def is_credit(sentence: str) -> bool:
    """Tell whether a sentence only says who made or owns something, or sends the reader elsewhere.

    >>> is_credit("Photo: Ann Roe/Harbour Press")
    True
    >>> is_credit("Reporting by night is dangerous work.")
    False
    """
    if _CREDIT.match(sentence):
        return True
    marked = "(" in sentence or "/" in sentence  # few sentences are, and the search is slow
    return marked and _CREDIT_WITHIN.search(sentence) is not None
