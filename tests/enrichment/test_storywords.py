"""The words of stories, against the same rules written word by word."""

import math
from collections import Counter

import pytest

from worker.articles import Article, Language, Subject
from worker.enrichment.choice import WORD
from worker.enrichment.storywords import features
from worker.enrichment.words import vocabulary

FERRY = "A ferry ran onto a sandbank near Port Lask’s old harbour. Ferries stood still; the Ferry left. "
TEXTS = {
    "short": FERRY,
    "cut by words": FERRY * 40,
    "cut within a word": "Harbourmasters " * 200,
    "cut within a sentence": "extraordinarily " * 30 + ". " + "Incomprehensibilities, " * 90,
    "cut between two sentences": ("Extraordinarily " * 124 + "wide lake road. ") + FERRY,
    "without a blank": "harbour/ferry/Lask/" * 150,
    "marks alone": "- ' … " * 600,
    "empty": "",
}


def article(text: str, title: str | None, *names: str) -> Article:
    """Return an English article with subjects of these names."""
    subjects = [
        Subject(key=name, name=name, label="place", count=1, salience=0.5) for name in names
    ]
    language = Language(code="en", confidence=1)
    return Article(id="a", title=title, text=text, language=language, subjects=subjects)


def word_by_word(article: Article) -> list[tuple[str, float]]:
    """Return what `features` does, in plain Python."""
    words = vocabulary("en")
    tokens = 2 * WORD.findall(article.title or "") + WORD.findall(article.text[:2000])[:250]
    counts, rarity, small = Counter[str](), dict[str, float](), set[str]()
    for token in tokens:
        word = words.word(token.lower().removesuffix("'s").removesuffix("’s"))
        if word.stop or len(word.stem) < 2:
            continue
        counts[word.stem] += 1
        rarity[word.stem] = max(0.1, 7.5 - word.zipf)
        if not token[0].isupper():
            small.add(word.stem)
    names = [token for one in article.subjects or [] for token in WORD.findall(one.name)]
    named = {words.word(token.lower()).stem for token in names}
    raised = {stem: 2.0 if stem in named else 1.0 if stem in small else 1.5 for stem in counts}
    weights = {stem: math.sqrt(counts[stem]) * rarity[stem] * raised[stem] for stem in counts}
    heaviest = sorted((-weight, stem) for stem, weight in weights.items())[:24]
    length = math.sqrt(sum(weight * weight for weight, _ in heaviest)) or 1.0
    return [(stem, -weight / length) for weight, stem in heaviest]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_head_of_a_text_is_weighed(text: str) -> None:
    """Given texts cut anywhere, with and without title and subjects, then words weigh what the rules say."""
    batch = [
        article(text, None),
        article(text, "Ferries of Lask"),
        article(text, "The ferry’s captain", "Port Lask", "Old Harbour"),
    ]
    assert [word_by_word(one) for one in batch] == features(batch)


def test_articles_of_a_batch_do_not_mix() -> None:
    """Given all texts in one batch, then each has the words that it has alone."""
    batch = [article(text, "Lask") for text in TEXTS.values()]
    assert [features([one])[0] for one in batch] == features(batch)
    assert features([]) == []
