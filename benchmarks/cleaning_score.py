"""How cleaning is scored: shingles for the text, leaks for promotion, and the fields of the metadata."""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\w+")
# A line of promotion in the markup, apart from the product's own phrases: ">Also read: …<".
_PROMOTION = re.compile(
    r"(?:also read|read also|read more|read next|see also|related(?: articles?| stories)?|more on this"
    r"|you may also like|lesen sie auch|mehr zum thema|lire aussi|à lire aussi|lea también|leer más"
    r"|leia também|leia mais|leggi anche|lees ook|czytaj też|czytaj także|читайте также|läs också|les også"
    r"|ilgili haber|baca juga)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:by|von|por|par)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:;|,|\||/| and | und | et | & )\s*")


@dataclass(slots=True)
class Score:
    """Figures of one tool on one group of documents; shares from 0 to 1."""

    precision: list[float] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    leaked: list[bool] = field(default_factory=list)
    title: list[bool] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    invented: list[bool] = field(default_factory=list)
    date: list[bool] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Harmonic mean of the mean precision and the mean recall."""
        p, r = mean(self.precision), mean(self.recall)
        return 2 * p * r / (p + r) if p + r else 0.0


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    listed = list(values)
    return statistics.fmean(listed) if listed else 0.0


def shingles(text: str | None, size: int = 4) -> Counter[tuple[str, ...]]:
    """Count runs of four words, as the article extraction benchmark of Zyte does."""
    words = _TOKEN.findall(text or "")
    runs = (tuple(words[start : start + size]) for start in range(max(1, len(words) - size + 1)))
    return Counter(run for run in runs if run)


def judge(gold: dict[str, Any], answer: dict[str, Any], lines: Sequence[str], score: Score) -> None:
    """Add one document to a score. `lines` are the lines of the document's whole text."""
    true, told = shingles(gold.get("text")), shingles(answer.get("text"))
    both = (true & told).total()
    if told:
        score.precision.append(both / told.total())
    if true:
        score.recall.append(both / true.total())
    _leaks(gold.get("text") or "", answer.get("text") or "", lines, score)
    if gold.get("title"):
        score.title.append(_plain(gold["title"]) == _plain(answer.get("title")))
        named, found = names(gold.get("authors")), names(answer.get("authors"))
        if named:
            score.authors.append(2 * len(named & found) / (len(named) + len(found)))
        else:
            score.invented.append(bool(found))
    if gold.get("date"):
        score.date.append(str(gold["date"])[:10] == str(answer.get("date") or "")[:10])


def _leaks(gold: str, told: str, lines: Sequence[str], score: Score) -> None:
    wanted, given = _squeezed(gold), _squeezed(told)
    for line in set(lines):
        words = _squeezed(line)
        if len(words.split()) <= 40 and _PROMOTION.match(words) and words not in wanted:
            score.leaked.append(words in given)


def names(value: Any) -> set[str]:
    """Return the names in a list or a string of authors, without case and "by"."""
    texts = [value] if isinstance(value, str) else value or []
    parts = (part for text in texts for part in _BETWEEN.split(str(text)))
    return {name for part in parts if (name := _plain(_LEAD.sub("", part.strip())))}


def _plain(text: Any) -> str:
    return " ".join(_TOKEN.findall(unicodedata.normalize("NFKC", str(text or "")).casefold()))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
