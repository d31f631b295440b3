"""How a place name is looked up: the same form for all the ways it is written."""

import re
import unicodedata

import xxhash

# "St. Louis", "Saint Louis" and "St Louis" are one; so are "Mt. Vernon" and "Mount Vernon".
ABBREVIATED = {"saint": "st", "mount": "mt", "fort": "ft", "sainte": "ste"}
WORD_BREAKS = re.compile(r"[\s\-–/]+")  # "Stratford-upon-Avon" -> three words
DROPPED = re.compile(r"[.,'’ʻ`]")  # "D.C." -> "DC", "Xi'an" -> "Xian"

CALLED = {"new york city": "new york"}
"""Cities that everybody calls by another name than GeoNames."""

DISTINGUISHED = re.compile(r",\s|\s[a-z]+\s")  # "Newcastle upon Tyne", "Washington, D.C."


def normalised(name: str) -> str:
    """Return a form that is the same for all spellings of a name.

    >>> normalised("St. John’s"), normalised("Saint Johns")
    ('st johns', 'st johns')
    >>> normalised("The Hague"), normalised("Córdoba"), normalised("U.S.")
    ('hague', 'cordoba', 'us')
    """
    plain = DROPPED.sub("", unicodedata.normalize("NFKD", name)).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = [ABBREVIATED.get(word, word) for word in WORD_BREAKS.split(plain) if word]
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


def key(name: str) -> int:
    """Return the 64-bit hash that the gazetteer is sorted by."""
    return xxhash.xxh3_64_intdigest(normalised(name).encode())


def is_own(asked: str, name: str) -> bool:
    """Whether `asked` is the proper name of a place that GeoNames calls `name`.

    What distinguishes it from others of the name, after a comma or a word in lower case, may be left out.

    >>> is_own("Zurich", "Zürich"), is_own("Frankfurt", "Frankfurt am Main")
    (True, True)
    >>> is_own("Long Island", "Long Island City"), is_own("Peking", "Beijing")
    (False, False)
    """
    wanted, whole = normalised(asked), normalised(name)
    if wanted in (whole, CALLED.get(whole)):
        return True
    rest = DISTINGUISHED.search(name)
    return rest is not None and wanted == normalised(name[: rest.start()])
