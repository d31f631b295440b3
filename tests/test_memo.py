"""The memory of bodies: what it returns is what cleaning and fingerprinting would have returned."""

import pytest

from benchmarks.generate import articles
from tests.articles import FERRY, TUNNEL
from worker import cleaning
from worker.articles import RawArticle
from worker.cleaning.base import Cleaned
from worker.dedup.fingerprint import Fingerprint, fingerprint, fingerprints
from worker.drafts import Reading, assemble
from worker.errors import RejectedError
from worker.memo import Memo
from worker.sinks.base import Delivery

RELATIVE = FERRY.replace("https://lake.example", "")
SPACED = RELATIVE.replace("href=", "HREF  =  ")
PAGE = f"<!DOCTYPE html><html><head><title>Ferry</title></head><body><article>{FERRY}</article></body></html>"


def afresh(raw: RawArticle) -> tuple[Cleaned, Fingerprint]:
    """Return what is to be returned."""
    cleaned = cleaning.clean(raw, max_depth=1000)
    return cleaned, fingerprint(cleaned.text, cleaned.title)


def remembered(memo: Memo, raw: RawArticle) -> tuple[Cleaned, Fingerprint]:
    """Return what the memory makes of it."""
    cleaned = memo.clean(raw, max_depth=1000)
    return cleaned, memo.sign([cleaned])[0][0]


@pytest.mark.parametrize(
    "body",
    [FERRY, TUNNEL, RELATIVE, SPACED, PAGE],
    ids=["a", "b", "relative", "spaced", "page"],
)
def test_a_copy_elsewhere_reads_as_if_it_were_the_first(body: str) -> None:
    """Given a body at several addresses and sources, then each reading is the one that a fresh mind has."""
    memo = Memo()
    for url, source in (
        ("https://a.example/1", "a"),
        ("https://b.example/deep/2", "b"),
        (None, None),
        ("https://b.example/deep/2", None),
    ):
        for title in ("Ferry", None):
            raw = RawArticle(html=body, url=url, source=source, title=title)
            assert afresh(raw) == remembered(memo, raw)


def test_generated_articles_read_the_same() -> None:
    """Given copies and updates among new articles, then nothing tells a remembered body from a new one."""
    memo = Memo(kept=20)
    for article in articles(150, seed=11):
        raw = RawArticle(**article)
        assert afresh(raw) == remembered(memo, raw)


@pytest.mark.parametrize("title", ["Ferry", 'A \\","word_count":0,"', None])
@pytest.mark.parametrize("extra", [{}, {"word_count": {"text": ',"word_count":1'}}])
def test_a_body_that_came_again_is_written_as_it_would_be_afresh(
    title: str | None, extra: dict[str, object]
) -> None:
    """Given copies, also with fields that look like others, then their JSON text is that of the article."""
    memo = Memo()
    for number, article in enumerate([*articles(20, seed=12, copies=0)] * 2):
        address = f"https://copy.example/{number}"
        raw = RawArticle(**article | {"url": address, "title": title, "extra": extra})
        cleaned, print_ = remembered(memo, raw)
        written = assemble(Reading(raw, cleaned, "a"), print_)
        assert cleaned.known.again or number < 20
        assert written.word_count == len(written.text.split())
        assert written.model_dump_json().encode() == Delivery.of(written, cleaned.known).document


def test_a_body_is_parsed_once() -> None:
    """Given the same body at two addresses, then it is cleaned once; with relative links, twice."""
    memo = Memo()
    first = memo.clean(RawArticle(html=FERRY, url="https://a.example/1"), max_depth=1000)
    again = memo.clean(RawArticle(html=FERRY, url="https://b.example/1"), max_depth=1000)
    other = memo.clean(RawArticle(html=RELATIVE, url="https://a.example/1"), max_depth=1000)
    moved = memo.clean(RawArticle(html=RELATIVE, url="https://b.example/1"), max_depth=1000)

    assert first.blocks is again.blocks
    assert other.blocks is not moved.blocks


def test_what_is_rejected_is_rejected_again() -> None:
    """Given a body without text, then it is turned away each time."""
    memo = Memo()
    for _ in range(2):
        with pytest.raises(RejectedError):
            memo.clean(RawArticle(html="<p> </p>"), max_depth=1000)


def test_a_batch_is_signed_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given copies among new texts, then each is signed once; of each article it says whether it is new."""
    calls: list[list[tuple[str, str | None]]] = []

    def counted(texts: list[tuple[str, str | None]]) -> list[Fingerprint]:
        calls.append(texts)
        return fingerprints(texts)

    monkeypatch.setattr("worker.memo.fingerprints", counted)
    ferry, tunnel = (cleaning.clean(RawArticle(html=body)) for body in (FERRY, TUNNEL))
    memo = Memo(kept=1)
    signed = memo.sign([ferry, tunnel, ferry])
    again = memo.sign([tunnel, ferry])

    assert [2, 1] == [len(call) for call in calls]
    prints = [fingerprint(one.text, one.title) for one in (ferry, tunnel, ferry)]
    assert list(zip(prints, [False, False, True], strict=True)) == signed
    assert list(zip(prints[1:], [True, False], strict=True)) == again  # of two, it keeps the last
