"""Text repair: mojibake, entities left over, invisible characters, NFC."""

import html
import re
import unicodedata

import ftfy
from ftfy.badness import is_bad

# Soft hyphen, zero-width space, word joiner, byte order mark, directional marks.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFC, 0x200E, 0x200F, *range(0x202A, 0x202F)]
)
# Joiners carry meaning in Persian, the Indic scripts and emoji; beside Latin letters
# they are litter: "co\u200cop".
_LATIN_JOINER = re.compile(
    r"(?<=[\x20-\x7e\u00c0-\u024f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\x20-\x7e\u00c0-\u024f])"
)
# Controls that no text needs: "a\x07b". Tabs and line ends stay: they are white space.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
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
        return _CONTROL.sub("", text) if not text.isprintable() else text
    text = _LONE_SURROGATE.sub("\ufffd", text)
    if is_bad(text):
        text = ftfy.fix_encoding(text)
    text = _CONTROL.sub("", text).translate(_INVISIBLE)
    if "\u200c" in text or "\u200d" in text:
        text = _LATIN_JOINER.sub("", text)
    return unicodedata.normalize("NFC", text)


def straighten(text: str) -> str:
    """Return `text` with straight quotes, plain hyphens for dashes and three dots for an ellipsis.

    >>> straighten("“No” – he said…")
    '"No" - he said...'
    """
    return text.translate(_STRAIGHT)
