"""How a place name is looked up: one form for the ways it is written."""

import re
import unicodedata

import xxhash

# "St. Louis", "Saint Louis" and "St Louis" are one; so are "Mt. Vernon" and "Mount Vernon".
ABBREVIATED = {"saint": "st", "mount": "mt", "fort": "ft", "sainte": "ste"}
WORD_BREAKS = re.compile(r"[\s\-–/]+")  # "Stratford-upon-Avon" -> three words
DROPPED = re.compile(r"[.,'’ʻ`]")  # "D.C." -> "DC", "Xi'an" -> "Xian"


def normalised(name: str) -> str:
    """Return the form that two spellings of one name share.

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
