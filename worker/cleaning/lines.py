"""What a line of text is by its own words: promotion, prompt, credit, byline."""

import re

from worker.cleaning.phrases import invites, opening, opens
from worker.cleaning.pieces import Piece

_LEAD_INS = "»›>|•·-–—*#[(【▶►→⇒✅👉📲🔴 \u00a0"
_COLONS = (":", "：", "|", "–", "-", "—", ">", "»", "]", "】")
# "By Ida Brandt", "Von Ida Brandt und Per Holm", "Par I. Brandt".
_BYLINE = re.compile(
    r"(?:By|BY|Von|VON|Par|Por|Di|Door|Af|Av|Autor:|Author:|Written by)\s+"
    r"[A-ZÀ-Ý][\w'’.-]*(?:\s+[\w'’.&-]+){0,9}$"
)
# "4 min", "4 minute read", "12 Minuten Lesezeit", "3 min de lecture"; not "30 minutes before bed".
_READING_TIME = re.compile(
    r"\d{1,3}[ -]?(?:min|mins|minutes?|minuten|minuti|minutos?|minut\w?|мин\w{0,2})\b\.?\s*"
    r"(?:(?:de|di|to|time|for|на)\s)?(?:\w{0,5}(?:read|les|läs|lees|lect|lett|leitur|luku|czyt|čten|чтен|okuma)\w{0,8})?$",
    re.IGNORECASE,
)
# "17.06.2025 | 15:00 Uhr", "Mon 3 May 2024, 10.15 am": a day and a time of day in one short line.
_DAY = re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d\d){1,2}\b|\b(?:19|20)\d\d\b")
_TIME = re.compile(r"(?<![$€£#\d])\b(?:[01]?\d|2[0-3])[:.h][0-5]\d\b(?!\s?[$€£%])")
# "Jo Vane contributed to this report.", "Per Holm contributed reporting from Oslo."
_CONTRIBUTED = re.compile(
    r"\bcontributed (?:to this (?:report|story|article|piece|post)|(?:additional )?(?:reporting|research)\b)"
)
# "Follow Lask Post on Facebook and X.", "Like us on Facebook"
_NETWORKS = "twitter|x|facebook|instagram|youtube|tiktok|threads|linkedin|whatsapp|bluesky|telegram"
_FOLLOW = re.compile(
    rf"(?:follow|like|find|join) [^,]{{2,60}}? on (?:(?:{_NETWORKS}|and|or|@\w+)\b|\W)+$"
)
# "8 hours ago", "21 mins ago11:48 Jo Vane", "17:24KEY EVENT": when an entry of a live page was written
_AGO = re.compile(
    r"\d{1,2}\s(?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|month)s?\sago(?!\s?[a-zà-ÿ])"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d[A-ZÀ-Þ]"
)


def is_prose(piece: Piece) -> bool:
    """Whether a piece reads like sentences of a story, not like a label or a link."""
    return piece.words > 14 and piece.linked < 0.5 * len(piece.text) and piece.kind != "heading"


def by_text(piece: Piece) -> str | None:
    """Return why a piece is removed, by its own words, links and shape; None if it stays."""
    share = piece.linked / len(piece.text)
    if piece.kind == "heading" and piece.level == 1:
        return "title"
    if share > 0.9 and piece.kind in ("paragraph", "heading"):
        return "promotion"
    if piece.words > 60:
        return None
    text = piece.text.casefold()
    if opens("always", text):
        return "prompt"
    if "contributed" in text and _CONTRIBUTED.search(text):
        return "credit"
    return _by_phrase(piece, text.lstrip(_LEAD_INS), share) or _by_shape(piece, text)


def _by_phrase(piece: Piece, text: str, share: float) -> str | None:
    found = opening(text)
    if found is None:
        apart = share > 0.3 or piece.emphasised > 0.8 * len(piece.text)
        leads = piece.words <= 20 and text.endswith(":")
        return "prompt" if (apart or leads) and piece.words <= 45 and invites(text) else None
    reason, end = found
    rest = text[end:].strip()
    if not rest.strip(" :.!|>»…"):
        return reason if piece.words <= 8 else None
    if reason == "credit":
        return reason
    set_apart = piece.linked or piece.strong > 0.8 * len(piece.text)
    if (rest.startswith(_COLONS) and set_apart) or share > 0.4:
        return reason if piece.words <= 40 else None
    return None


def _by_shape(piece: Piece, text: str) -> str | None:
    if piece.words <= 25 and _FOLLOW.match(text):
        return "prompt"
    if piece.words <= 8 and piece.kind != "table" and _AGO.match(piece.text):
        return "byline"
    if piece.kind == "paragraph" and piece.words <= 16:
        stamped = opens("stamp", text) and any(map(str.isdigit, text))
        if stamped or _READING_TIME.match(text) or _BYLINE.match(piece.text):
            return "byline"
    if piece.words <= 13 and piece.kind != "table" and not text.endswith("."):
        day = _DAY.search(text)
        if day and _TIME.search(text, day.end()):
            return "byline"
    return None
