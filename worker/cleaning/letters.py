"""The letters of a text: what two ways of setting the same words have in common."""


def letters(text: str) -> str:
    """Return the letters and digits of a text alone, in small letters.

    >>> letters("Storm-hit ferry: “Back” on Friday") == letters("STORM HIT FERRY, BACK ON FRIDAY")
    True
    """
    return "".join(filter(str.isalnum, text.casefold()))
