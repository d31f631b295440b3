"""Text repair: mojibake, entities left over, invisible characters, NFC."""

import html
import re
import unicodedata

import ftfy
from ftfy.badness import is_bad

# Soft hyphen, zero-width space, word joiner, byte order mark, directional marks, lone surrogates; and
# controls that no text needs: "a\x07b". Tabs and line ends stay: they are white space.
_LITTER = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2060\ufeff\ufffc\u202a-\u202e\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# UTF-8 read as Latin: "Ã©", "â€™"; or as Cyrillic: "Р°Р±". Only then is it worth asking ftfy.
_SUSPECT = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]|(?:[РС][\u00a0-\u00bf\u0402-\u040f\u0452-\u045f]){2}"
)
# Joiners carry meaning in Persian, the Indic scripts and emoji; beside Latin letters
# they are litter: "co\u200cop".
_LATIN_JOINER = re.compile(
    r"(?<=[\x20-\x7e\u00c0-\u024f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x20-\x7e\u00c0-\u024f])"
)
# An entity that survived parsing was escaped twice: "Marks &amp;amp; Spencer".
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,6}|#x[0-9A-Fa-f]{2,5});")
_STRAIGHT = str.maketrans({
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "‹": "'", "›": "'",
    "–": "-", "—": "-", "―": "-", "‐": "-", "‑": "-", "…": "...", "\u00a0": " ",
})  # fmt: skip


def repair(text: str) -> str:
    r"""Return `text` in NFC without mojibake, leftover entities and invisible characters.

    Quotes and dashes stay as the publisher set them; `straighten` makes them plain.

    >>> repair("The minister\u2019s re\u00adply: \u00c3\u00a9lan")
    'The minister’s reply: élan'
    >>> repair("Marks &amp; Spencer")
    'Marks & Spencer'
    """
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if text.isascii():
        return text if text.isprintable() else _LITTER.sub("", text)
    if _SUSPECT.search(text) and is_bad(text):
        text = ftfy.fix_encoding(text)
    if _LITTER.search(text):
        text = _LITTER.sub("", _LONE_SURROGATE.sub("\ufffd", text))
    if "\u200c" in text or "\u200d" in text:
        text = _LATIN_JOINER.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def straighten(text: str) -> str:
    """Return `text` with straight quotes, plain hyphens for dashes and three dots for an ellipsis.

    >>> straighten("“No” – he said…")
    '"No" - he said...'
    """
    return text.translate(_STRAIGHT)
