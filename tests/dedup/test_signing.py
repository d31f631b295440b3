"""Signing many texts at once, against the definition of a fingerprint in plain Python."""

import random
import statistics
import unicodedata

import pytest
import xxhash

from worker.dedup import groups
from worker.dedup.fingerprint import Fingerprint, fingerprint, fingerprints

ALL = (1 << 64) - 1
FACTOR = 0x9E37_79B9_7F4A_7C15
ALPHABETS = (
    "abcdefgh ABC 0123456789.,-/:!?'\n",
    "“”’—…éèüßÀÇİıΣσςΑΒ abc .Σ Anna",
    "港务局关闭了北周二上午,。0123 ab",
    "กขคง ก็ เแ า ab",
    "Привет МИР. 12",
    "😀𝐀\ud800𠀀 a",
    "ｆｕｌｌ３５ ﬁ㎏ ½² Ⅳ",
)
ENGLISH = ["the", "and", "of", "to", "was", "Anna", "Berg.", "12", "3.5", "1,000/3:4", "été"]


def mixed(value: int) -> int:
    """Finalise a hash (SplitMix64)."""
    value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9 & ALL
    value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB & ALL
    return value ^ value >> 31


def polynomial(values: list[int]) -> int:
    """Hash a run of values."""
    return mixed(sum(value * pow(FACTOR, n, 1 << 64) for n, value in enumerate(values)) & ALL)


def spaceless(letter: str) -> bool:
    """Whether a letter of the alphabets above is written without spaces between words."""
    return (
        "\u0e00" <= letter <= "\u0e7f" or "\u3400" <= letter <= "\u9fff" or letter == "\U00020000"
    )


def cut(text: str) -> list[tuple[int, int, str]]:
    """Return the words of a text: where each starts and ends, and its small letters."""
    words: list[tuple[int, int, str]] = []
    small = text.lower()
    for n, letter in enumerate(text):
        if unicodedata.category(letter)[0] not in "LMN":
            continue
        joined = (
            words and words[-1][1] == n and not spaceless(letter) and not spaceless(text[n - 1])
        )
        start = words.pop()[0] if joined else n
        words.append((start, n + 1, small[start : n + 1]))
    return words


def names_and_numbers(
    text: str, words: list[tuple[int, int, str]], hashes: list[int]
) -> tuple[list[int], list[int]]:
    """Return the hashes of a body's names and of its numbers, which one character may part: 3,500."""
    names, numbers = [], []
    pending: list[int] = []
    end_of_digits = end_of_word = 0
    for n, (start, end, _) in enumerate(words):
        category, gap = unicodedata.category(text[start]), text[end_of_word:start]
        if category[0] == "N":
            apart = start != end_of_digits + 1 or text[end_of_digits] <= " "
            if pending and apart:
                numbers.append(polynomial(pending))
                pending = []
            pending.append(hashes[n])
            end_of_digits = end
        elif n and category in ("Lu", "Lt") and not set(gap) & set(".!?:…–—|"):
            names.append(hashes[n])
        end_of_word = end
    return names, numbers + ([polynomial(pending)] if pending else [])


def bitmap(positions: list[int], size: int) -> bytes:
    """Return a bitmap with the bits at `positions` set, the first bit first."""
    return sum(1 << (size - 1 - n) for n in {n % size for n in positions}).to_bytes(size // 8)


def defined(text: str, title: str | None) -> Fingerprint:
    """Return the fingerprint as it is defined."""
    text, title = (
        unicodedata.normalize("NFKC", part).replace("İ", "I").encode("utf-8", "replace").decode()
        for part in (text, title or "")
    )
    spelt = cut(title), cut(text)
    hashes = [[polynomial([ord(letter) for letter in word]) for *_, word in part] for part in spelt]
    words = hashes[0] + hashes[1]
    content = xxhash.xxh3_128_digest(b"".join(word.to_bytes(8, "little") for word in words))
    if not words:
        return Fingerprint(content)
    letters = [letter for *_, word in spelt[0] + spelt[1] for letter in word]
    run = min(9 if 2 * sum(map(spaceless, letters)) > len(words) else 5, len(words))
    shingles = sorted({polynomial(words[n : n + run]) for n in range(len(words) - run + 1)})
    levels = [[n for n in shingles if not n >> 9 & (1 << level) - 1] for level in range(6)]
    names, numbers = names_and_numbers(text, spelt[1], hashes[1])
    facts = (bitmap(numbers, 64), bitmap(names, 64), bitmap(hashes[0], 32))
    far = [ord(letter) for letter in letters if ord(letter) > 0x24F]
    script = int(statistics.median(far)) if 2 * len(far) > len(letters) else 0
    return Fingerprint(
        content,
        b"".join(n.to_bytes(8) for n in shingles[:32]),
        b"".join(bitmap(level, 512) for level in levels),
        len(shingles),
        len(words),
        *(facts if len(words) < 400 else (bytes(8), bytes(8), bytes(4))),
        group_of(script, words),
    )


def group_of(script: int, words: list[int]) -> str:
    """Return the group of languages: by the script, else by the function words."""
    if script:
        return next(
            (group for low, high, group in groups._SCRIPTS if low <= script <= high), "other"
        )
    found = [groups._table()[word & 0xFFFF] for word in words]
    votes = [found.count(number) for number in (1, 2, 3)]
    _, second, best = sorted(votes)
    clear = 10 * best >= len(words) and 2 * second <= best
    return groups.GROUPS[votes.index(best)] if clear else "latin"


def made_up(chance: random.Random) -> str:
    """Return a text of any length: none, a word, a page."""
    length = chance.choice([0, 1, 2, 5, 10, 30, 200, 2_000])
    kind = chance.randrange(4)
    if kind == 0:
        return " ".join(chance.choices(ENGLISH, k=length // 4))
    letters = chance.choice(ALPHABETS) if kind < 3 else "".join(ALPHABETS)
    return "".join(chance.choices(letters, k=length))


@pytest.mark.parametrize("seed", range(6))
def test_texts_that_are_signed_together_are_signed_as_defined(seed: int) -> None:
    """Given texts in many scripts, of any length, then each fingerprint is what the definition says."""
    chance = random.Random(seed)
    texts = [(made_up(chance), chance.choice([None, "", made_up(chance)[:80]])) for _ in range(60)]

    assert [defined(*text) for text in texts] == fingerprints(texts)
    assert [fingerprint(*text) for text in texts] == fingerprints(texts)


def test_a_long_text_among_short_ones() -> None:
    """Given one text of a novel's length, then it and its neighbours are signed as each is alone."""
    chance = random.Random(3)
    novel = " ".join(str(chance.randrange(50_000)) for _ in range(100_000))
    texts = [
        ("One. Two", "Three"),
        (novel, None),
        (novel + " Ωmega", ""),
        ("", None),
        ("Vier", None),
    ]

    assert [fingerprint(*text) for text in texts] == fingerprints(texts)


def test_no_texts_have_no_fingerprints() -> None:
    """Given nothing to sign, then nothing is returned."""
    assert [] == fingerprints([])
