"""The memory of bodies: what it returns is what cleaning and fingerprinting would have returned."""

import pytest

from benchmarks.generate import articles
from tests.articles import FERRY, TUNNEL
from worker import cleaning
from worker.articles import RawArticle
from worker.cleaning.base import Cleaned
from worker.dedup.fingerprint import Fingerprint, fingerprint
from worker.errors import RejectedError
from worker.memo import Memo

RELATIVE = FERRY.replace("https://lake.example", "")
PAGE = f"<!DOCTYPE html><html><head><title>Ferry</title></head><body><article>{FERRY}</article></body></html>"


def afresh(raw: RawArticle) -> tuple[Cleaned, Fingerprint]:
    """Return what is to be returned."""
    cleaned = cleaning.clean(raw, max_depth=1000)
    return cleaned, fingerprint(cleaned.text, cleaned.title, cleaned.language)


@pytest.mark.parametrize(
    "body", [FERRY, TUNNEL, RELATIVE, PAGE], ids=["a", "b", "relative", "page"]
)
def test_a_copy_elsewhere_reads_as_if_it_were_the_first(body: str) -> None:
    """Given a body at several addresses and sources, then each reading is the one that a fresh mind has."""
    reader = Memo()
    for url, source in (
        ("https://a.example/1", "a"),
        ("https://b.example/deep/2", "b"),
        (None, None),
        ("https://b.example/deep/2", None),
    ):
        for title in ("Ferry", None):
            raw = RawArticle(html=body, url=url, source=source, title=title)
            assert afresh(raw) == reader.read(raw, max_depth=1000)


def test_generated_articles_read_the_same() -> None:
    """Given copies and updates among new articles, then nothing tells a remembered body from a new one."""
    reader = Memo(kept=20)
    for article in articles(150, seed=11):
        raw = RawArticle(**article)
        assert afresh(raw) == reader.read(raw, max_depth=1000)


def test_a_body_is_parsed_once() -> None:
    """Given the same body at two addresses, then it is cleaned once; with relative links, twice."""
    reader = Memo()
    first, _ = reader.read(RawArticle(html=FERRY, url="https://a.example/1"), max_depth=1000)
    again, _ = reader.read(RawArticle(html=FERRY, url="https://b.example/1"), max_depth=1000)
    other, _ = reader.read(RawArticle(html=RELATIVE, url="https://a.example/1"), max_depth=1000)
    moved, _ = reader.read(RawArticle(html=RELATIVE, url="https://b.example/1"), max_depth=1000)

    assert first.blocks is again.blocks
    assert other.blocks is not moved.blocks


def test_what_is_rejected_is_rejected_again() -> None:
    """Given a body without text, then it is turned away each time."""
    reader = Memo()
    for _ in range(2):
        with pytest.raises(RejectedError):
            reader.read(RawArticle(html="<p> </p>"), max_depth=1000)
