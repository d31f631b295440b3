"""Topics and embedding."""

import numpy as np
import pytest

from worker.articles import Article
from worker.enrichment.base import Skipped
from worker.enrichment.embedding import EmbeddingEnricher
from worker.enrichment.topics import TopicEnricher
from worker.settings import Settings

TEXTS = {
    "15000000": "The striker scored twice as the champions won the cup final after extra time.",
    "04000000": "Shares fell after the central bank raised interest rates and inflation slowed.",
    "13000000": "A flaw in the browser lets hackers steal passwords, software engineers found.",
    "16000000": "Troops shelled rebel positions as the ceasefire collapsed, the army said.",
    "12000000": "The archbishop prayed in the cathedral with priests and a rabbi.",
    "17000000": "Snow and strong winds are forecast, and temperatures will drop below freezing.",
    "03000000": "The earthquake destroyed hundreds of homes and rescuers searched for survivors.",
    "07000000": "Doctors tested a vaccine against the virus on patients in two hospitals.",
}


@pytest.fixture(scope="module")
def topics() -> TopicEnricher:
    """The enricher, loaded once."""
    return TopicEnricher(Settings())


@pytest.mark.parametrize("code", TEXTS)
def test_the_strongest_topic(topics: TopicEnricher, code: str) -> None:
    """Given a plain report, when its topics are told, then the right one stands first."""
    [values] = topics.enrich([Article(id="a", text=TEXTS[code])])
    assert isinstance(values, dict)
    assert f"medtop:{code}" == values["topics"][0].code


def test_topics_one_below_follow_their_parent(topics: TopicEnricher) -> None:
    """Given a report of a verdict, when told, then the court stands below crime and law."""
    text = "The jury found the defendant guilty and the judge adjourned the trial."
    [values] = topics.enrich([Article(id="a", text=text)])
    assert isinstance(values, dict)
    top, below = values["topics"][:2]
    assert ("crime, law and justice", None) == (top.name, top.parent)
    assert ("judiciary", top.code) == (below.name, below.parent)
    assert 0 < below.score <= top.score <= 1


def test_several_topics(topics: TopicEnricher) -> None:
    """Given a report between two fields, when told, then both are among its topics."""
    text = "Ministers told parliament that hospitals need nurses, and voters back more doctors."
    [values] = topics.enrich([Article(id="a", text=text)])
    assert isinstance(values, dict)
    found = {topic.code for topic in values["topics"] if topic.parent is None}
    assert {"medtop:07000000", "medtop:11000000"} <= found


def test_what_is_only_touched_upon_is_no_topic(topics: TopicEnricher) -> None:
    """Given a report of a singer that mentions senators, when told, then politics is no topic of it."""
    text = (
        "The singer may play her old songs at the awards show after all, her label said. Fans had "
        "asked for weeks. The company streams the show online, and two senators had written letters. "
        "The concert starts at eight in the stadium."
    )
    [values] = topics.enrich([Article(id="a", text=text)])
    assert isinstance(values, dict)
    tops = [topic.name for topic in values["topics"] if topic.parent is None]
    assert tops == ["arts, culture, entertainment and media"]


@pytest.mark.parametrize("text", ["", "It was there, and then it was not.", "12 34 56 !"])
def test_abstaining(topics: TopicEnricher, text: str) -> None:
    """Given text that tells nothing, when asked, then there are no topics, but a reason."""
    [values] = topics.enrich([Article(id="a", text=text)])
    assert isinstance(values, Skipped)
    assert "topic" in values.reason


def test_embedding_is_a_likeness() -> None:
    """Given two reports of one field and one of another, when embedded, then the two are closer."""
    other = "The goalkeeper saved a penalty and the team won the match."
    texts = [TEXTS["15000000"], other, TEXTS["12000000"]]
    values = EmbeddingEnricher(Settings()).enrich([Article(id="a", text=text) for text in texts])
    sport, match, church = (np.array(v["embedding"]) for v in values if isinstance(v, dict))
    assert sport.shape == (128,)
    assert np.linalg.norm(sport) == pytest.approx(1, abs=1e-3)
    assert sport @ match > 0.4 > sport @ church


def test_embedding_without_known_words_says_why() -> None:
    """Given text without a known word, when embedded, then there is a reason and no vector."""
    [value] = EmbeddingEnricher(Settings()).enrich([Article(id="a", text="12 34")])
    assert isinstance(value, Skipped)
