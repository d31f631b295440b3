"""Articles to be written in other formats."""

import datetime as dt

import pytest

from worker.articles import (
    Article,
    Block,
    Dateline,
    Image,
    Keyword,
    Language,
    Link,
    Mention,
    Money,
    Place,
    Quote,
    Subject,
    Topic,
)
from worker.outcomes import Outcome

TEXT = (
    "BERGEN, Nov 18 (Fjord Wire) — The Harbour Trust will mend the quay at Bergen. "
    "“It leaks,” said Solveig Aune."
)


@pytest.fixture
def bare() -> Article:
    """An article of which nothing is known but its text."""
    return Article(id="bare", text="The ferry came back.", word_count=4)


@pytest.fixture
def full() -> Article:
    """An article with everything that a format may want."""
    published = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    return Article(
        id="full",
        revision=2,
        status=Outcome.UPDATE,
        url="https://fjord-wire.example/bergen/quay?id=7",
        source="fjord-wire.example",
        source_id="FW-7",
        outlet="Fjord Wire",
        title="Quay of Bergen to be mended",
        authors=["Ragnhild Moe", "Per Lie"],
        published_at=published,
        modified_at=published + dt.timedelta(hours=2),
        processed_at=published + dt.timedelta(hours=3),
        section="Harbour",
        tags=["harbour"],
        images=[
            Image(url="https://fjord-wire.example/quay.jpg", caption="The quay", credit="L. Moe"),
            Image(url="/relative.jpg"),
        ],
        text=TEXT,
        paragraphs=[TEXT],
        blocks=[Block(kind="paragraph", text=TEXT)],
        html=f"<p>{TEXT}</p>",
        links=[Link(href="https://fjord-wire.example/pumps", text="pumps")],
        word_count=20,
        language=Language(code="en", confidence=0.99),
        entities=[Mention(text="Bergen", label="place", start=70, end=76, tag="GPE")],
        subjects=[
            Subject(key="s1", name="Solveig Aune", label="person", count=1, salience=0.5),
            Subject(key="s2", name="Harbour Trust", label="organisation", count=1, salience=0.3),
            Subject(key="s3", name="Bergen", label="place", count=2, salience=0.2),
            Subject(key="s4", name="Bryggen", label="place", count=1, salience=0.1),
        ],
        quotes=[Quote(text="It leaks", start=79, end=87, speaker="Solveig Aune", entity="s1")],
        places=[
            Place(
                text="Bergen",
                start=70,
                end=76,
                geonames_id=3161732,
                name="Bergen",
                country_code="NO",
                latitude=60.39,
                longitude=5.32,
                confidence=0.9,
            )
        ],
        dateline=Dateline(text="BERGEN, Nov 18 (Fjord Wire) —", start=0, end=29, place="Bergen"),
        topics=[Topic(code="medtop:04000000", name="economy", score=0.914)],
        keywords=[Keyword(text="quay", score=0.8)],
        summary="The Harbour Trust will mend the quay at Bergen.",
        reading_seconds=6,
        money=[Money(text="€2 million", start=0, end=0, amount=2e6, currency="EUR")],
        extra={"desk": {"priority": 3}},
    )


@pytest.fixture
def copy(full: Article) -> Article:
    """A recorded copy of another article."""
    changes = {"id": "copy", "status": Outcome.DUPLICATE, "duplicate_of": "full", "similarity": 1.0}
    return full.model_copy(update=changes)
