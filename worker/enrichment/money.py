"""Amounts of money in a text, normalised to a number and an ISO 4217 currency."""

import re
from collections.abc import Iterable, Iterator, Sequence

from worker.articles import Article, Money
from worker.enrichment.currencies import (
    AFTER_SCALE,
    CODES,
    COMMA_DECIMALS,
    HUNDREDTHS,
    NAMES,
    SCALES,
    SIGNS,
)
from worker.enrichment.numbers import look_for_numbers, numbers
from worker.settings import Settings


def _either(words: Iterable[str]) -> str:
    # Grouped by first letter, `e(?:uros|uro)|y(?:uan|en)`: the engine soon passes over any other letter.
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(first)
        + f"(?:{'|'.join(re.escape(word[1:]) for word in longest if word[0] == first)})"
        for first in dict.fromkeys(word[0] for word in longest)
    )


# `4.5`, `1,200,000`, `1.234,5`, `1 200 000` (with a narrow or no-break space)
_NUMBER = r"\d++(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d{1,2})?(?!\d)"
# `bn` in `4.5bn`, ` million`, `-million`; a single letter must touch the number. Most numbers have no
# scale, so the pattern looks at the first letter before it tries all the words.
_WORDS = [word for word in SCALES if len(word) > 1]
_FIRST = "".join(sorted({word[0] for word in _WORDS}))
_SCALE = (
    rf"(?:(?P<scale>(?i:[kmbt]|[ \u00a0-]?(?=[{_FIRST}])(?:{_either(_WORDS)})))"
    r"(?![^\W_]))?"
)

# `$4.5bn`, `US$4.5 billion`, `€300 million`, `Rs 500 crore`, `USD 20 million`, `$10-12 million`
_SIGN_FIRST = re.compile(
    rf"(?P<sign>{_either([*SIGNS, *CODES])})[ \u00a0]?(?P<number>{_NUMBER})"
    rf"(?:[ ]?(?:-|–|to)[ ]?(?=\d)(?P<upper>{_NUMBER}))?{_SCALE}"
)
# `300m euros`, `10,000 yen`, `5 million Swiss francs`, `20 EUR`, `3,5 Milliarden €`, `50 pence`
_SIGN_LAST = re.compile(
    rf"(?P<number>{_NUMBER}){_SCALE}(?:[ \u00a0-]?(?P<sign>[€£$₽₴₺₹¥]|(?:zł|Kč)(?![^\W_]))"
    rf"|[ \u00a0-](?:(?P<code>{_either(CODES)})|(?:(?:de|d'|di|d’)[ ]?)?"
    rf"(?P<name>(?i:{_either([*NAMES, *AFTER_SCALE])})))(?![^\W_]))"
)

_LONGEST_SIGN = max(map(len, (*SIGNS, *CODES)))
_LAST_OF_SIGN = frozenset(sign[-1] for sign in (*SIGNS, *CODES))

# Countries that write their money `Rs`. A text that names only one of them means its currency.
_RUPEES = {"Pakistan": "PKR", "Sri Lanka": "LKR", "Nepal": "NPR"}


class MoneyEnricher:
    """Sets `money`, in the order of the text."""

    name = "money"
    version = "2"
    languages: frozenset[str] | None = None
    needs: tuple[str, ...] = ("language",)
    fields: tuple[str, ...] = ("money",)

    def __init__(self, _settings: Settings) -> None:
        pass

    def enrich(self, batch: Sequence[Article]) -> list[dict[str, list[Money]]]:
        """Return the amounts in each article."""
        look_for_numbers([article.text for article in batch])
        return [
            {"money": amounts(article.text, article.language.code if article.language else None)}
            for article in batch
        ]


def amounts(text: str, code: str | None = "en") -> list[Money]:
    """Return the amounts of money in a text, without overlaps.

    >>> [(money.amount, money.currency) for money in amounts("It paid $4.5bn and 10,000 yen.")]
    [(4500000000.0, 'USD'), (10000.0, 'JPY')]
    """
    comma = code in COMMA_DECIMALS
    found: list[Money] = []
    for match in _with_sign_first(text):
        if match.start() and text[match.start() - 1].isalnum():
            continue
        found += _ranged(match, _currency(match["sign"], text), comma=comma)
    for match in _with_sign_last(text):
        start, end = match.span()
        if start and (text[start - 1].isalnum() or text[start - 1] in ".,-$€£¥₹"):
            continue
        if any(start < other.end and other.start < end for other in found):
            continue
        name = _folded(match["name"] or "")
        if name in AFTER_SCALE and match["scale"] is None:
            continue
        if code == "en" and match["name"] == "Euro":
            continue  # a tournament: "the 16 Euro 2028 teams"
        sign = match["sign"] or match["code"]
        currency = _currency(sign, text) if sign else NAMES.get(name) or AFTER_SCALE[name]
        amount = _amount(match["number"], match["scale"], comma=comma)
        if name in HUNDREDTHS:
            amount /= 100
        found.append(_money(text, start, end, amount, currency))
    return sorted(found, key=lambda money: money.start)


def _with_sign_first(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `_SIGN_FIRST`, trying only the places a sign's length before each number."""
    behind = 0
    for digits, end in numbers(text):
        first = max(behind, digits - _LONGEST_SIGN - 1)
        behind = max(behind, end)
        blank = digits > 1 and text[digits - 1] in " \u00a0"
        if text[digits - 1 - blank : digits - blank] in _LAST_OF_SIGN:
            for start in range(first, digits):
                if match := _SIGN_FIRST.match(text, start):
                    yield match
                    behind = match.end()
                    break


def _with_sign_last(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `_SIGN_LAST`, trying only where a number begins."""
    behind = 0
    for start, _ in numbers(text):
        if start >= behind and (match := _SIGN_LAST.match(text, start)):
            yield match
            behind = match.end()


def _ranged(match: re.Match[str], currency: str, *, comma: bool) -> list[Money]:
    """Return the amount, or both ends of a range; they share the scale: `$10-12 million`."""
    text, scale = match.string, match["scale"]
    low = _amount(match["number"], scale, comma=comma)
    if match["upper"] is None:
        return [_money(text, match.start(), match.end(), low, currency)]
    high = _amount(match["upper"], scale, comma=comma)
    return [
        _money(text, match.start(), match.end("number"), low, currency),
        _money(text, match.start("upper"), match.end(), high, currency),
    ]


def _money(text: str, start: int, end: int, amount: float, currency: str) -> Money:
    return Money(text=text[start:end], start=start, end=end, amount=amount, currency=currency)


def _currency(sign: str, text: str) -> str:
    if sign == "RMB":
        return "CNY"
    if sign in {"Rs", "Rs."} and "India" not in text:
        named = [currency for country, currency in _RUPEES.items() if country in text]
        if len(named) == 1:
            return named[0]
    if sign == "¥" and "China" in text and "Japan" not in text:
        return "CNY"
    return SIGNS.get(sign, sign)


def _amount(number: str, scale: str | None, *, comma: bool) -> float:
    """Read a number as its language writes it.

    The language's own decimal mark counts as one if it stands only once. The other mark does too, unless
    three digits follow it: then it groups thousands.

    >>> _amount("1.234,5", "million", comma=True), _amount("1,200", None, comma=False)
    (1234500000.0, 1200.0)
    """
    if number.isdecimal():  # most are
        value = float(number)
    else:
        plain = re.sub(r"[ \u00a0\u202f]", "", number)
        whole, mark, rest = re.fullmatch(r"(.*?)(?:([.,])(\d+))?", plain).groups()  # type: ignore[union-attr]
        if mark and ((mark == ("," if comma else ".") and mark not in whole) or len(rest) != 3):
            value = float(re.sub(r"[.,]", "", whole) + "." + rest)
        else:
            value = float(re.sub(r"[.,]", "", plain))
    return round(value * SCALES[_folded(scale).strip(" \u00a0-")], 4) if scale else value


def _folded(word: str) -> str:
    """Return a word in lower case, with the `ı` that a pattern without case takes for an `i` as `i`."""
    return word.casefold().replace("ı", "i")
