"""Language: codes, nulls with reasons, passages, and the same answers as py3langid."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from worker.articles import Article
from worker.enrichment.language import GLANCE, MOST_PIECES, LanguageEnricher
from worker.enrichment.ngrams import Classifier
from worker.enrichment.run import enrich
from worker.settings import Settings

ENRICHER = LanguageEnricher(Settings())
TEXTS = {
    "en": "The council agreed on Tuesday to close the old bridge for a year while it is repaired.",
    "de": "Der Gemeinderat beschloss am Dienstag, die alte Brücke für ein Jahr zu sperren.",
    "fr": "Le conseil municipal a décidé mardi de fermer le vieux pont pendant un an.",
    "es": "El ayuntamiento decidió el martes cerrar el viejo puente durante un año por obras.",
    "ru": "Городской совет решил во вторник закрыть старый мост на год для ремонта.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη να κλείσει την παλιά γέφυρα για έναν χρόνο.",
    "ja": "市議会は火曜日、古い橋を一年間閉鎖して修理することを決めた。",
    "ar": "قرر المجلس البلدي يوم الثلاثاء إغلاق الجسر القديم لمدة عام لإصلاحه.",
    "sw": "Baraza la jiji liliamua Jumanne kufunga daraja la zamani kwa mwaka mmoja.",
}


def enriched(text: str) -> Article:
    """Return an article after the enricher."""
    article = Article(id="a", text=text)
    enrich([ENRICHER], [article])
    return article


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_the_language_is_told(code: str, text: str) -> None:
    """Given a sentence, then its code and a high confidence."""
    language = enriched(text).language
    assert language is not None
    assert (language.code, language.confidence > 0.8, language.reason) == (code, True, None)


@pytest.mark.parametrize("text", ["", "2026 — 14:30", "???", "OK 12"])
def test_no_language_without_words(text: str) -> None:
    """Given a text of few letters, then null and the reason."""
    language = enriched(text).language
    assert language is not None
    assert (language.code, language.reason) == (None, "there are too few letters to tell")


def test_a_mixed_article_has_passages() -> None:
    """Given English paragraphs around a German one, then three passages with exact bounds."""
    text = "\n\n".join([TEXTS["en"], TEXTS["de"], TEXTS["en"] + " Nobody objected to it."])
    article = enriched(text)
    assert article.language is not None
    assert article.language.code == "en"
    assert [one.language for one in article.passages] == ["en", "de", "en"]
    middle = article.passages[1]
    assert text[middle.start : middle.end] == TEXTS["de"]


def test_an_article_in_one_language_has_no_passages() -> None:
    """Given paragraphs of one language, then no passages."""
    assert enriched("\n".join([TEXTS["fr"]] * 5)).passages == []


def test_a_glance_that_shows_no_language_is_followed_by_a_longer_look() -> None:
    """Given paragraphs that begin with figures, then what stands behind them tells the language."""
    figures = "12.30 - 14.45 - 17.15 - 19.30 - 21.45 - 23.15 / 2.50"
    assert len(figures) > GLANCE
    language = enriched("\n".join([f"{figures} {TEXTS['de'][:60]}"] * MOST_PIECES)).language
    assert language is not None
    assert (language.code, language.confidence > 0.99) == ("de", True)


def test_a_paragraph_that_may_be_of_another_language_is_looked_at_further() -> None:
    """Given a German paragraph whose head leaves a doubt, among English ones, then a passage of its own."""
    head = "Robert Maddison, Peter Hall, Anna Berg, Jan Vos und "
    assert len(head) > GLANCE
    paragraphs = [TEXTS["en"]] * MOST_PIECES
    paragraphs[3] = head + TEXTS["de"]
    codes = [one.language for one in enriched("\n".join(paragraphs)).passages]
    assert codes == ["en", "de", "en"]


def test_the_scores_are_py3langids() -> None:
    """Given texts of any length, then code and confidence are those of the library."""
    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    texts = [*TEXTS.values(), "".join(TEXTS.values()), "CAPITALS ALONE HERE", "éta " * 500]
    expected = [library.classify(text) for text in texts]
    actual = Classifier().classify(texts)
    assert [one.code for one in actual] == [code for code, _ in expected]
    assert [one.confidence for one in actual] == pytest.approx(
        [confidence for _, confidence in expected], abs=1e-4
    )
