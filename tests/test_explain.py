"""Why an article ended as it did."""

from pathlib import Path

import pytest

from tests.sinks.factory import copy_of, delivery
from worker.articles import EnricherRun, Evidence, Provenance, Removed
from worker.dedup.identity import id_of_url
from worker.errors import CopydeskError
from worker.explain import explain, resolve
from worker.outcomes import Outcome
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store


@pytest.fixture
def store(tmp_path: Path):
    """A store with a story, its copy and its update."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    sink = SqlSink(url)
    near = Evidence(rule="near", similarity=0.91, containment=0.97, compared_to="storm")
    provenance = Provenance(
        fields={"title": "raw", "published_at": "json-ld", "url": "raw"},
        extractor="fragment",
        copydesk="0.1.0",
        enrichers={
            "entities": EnricherRun(version="3", status="skipped", reason="no model for de")
        },
    )
    removed = [Removed(text="Also read: pumps", reason="promotion")] * 2
    sink.deliver([delivery("storm", provenance=provenance, removed=removed)])
    sink.deliver([copy_of("storm", "echo", evidence=near), copy_of("gone", "stray")])
    identity = Evidence(rule="identity", similarity=0.5)
    sink.deliver([delivery("storm", revision=2, status=Outcome.UPDATE, evidence=identity)])
    sink.close()
    with Store(url) as store:
        yield store


def test_a_copy_names_its_canonical_and_the_evidence(store: Store) -> None:
    """Given a near copy; when explained; then the canonical, the rule and the shares are told."""
    found = explain(store, "echo")

    assert "duplicate" == found.outcome
    assert [
        "It is a copy of storm “Ferry returns to the Tamar” (https://herald.example/storm), "
        "because their wording overlaps too much to be chance.",
        "The two texts share 91% of their wording; 97% of the shorter one is in the longer.",
        "A copy is recorded, but not enriched or delivered.",
    ] == found.because


def test_a_canonical_that_left_the_store_is_still_named(store: Store) -> None:
    """Given a copy whose canonical another store holds; when explained; then its id is told."""
    assert "gone (which is not in this store)" in explain(store, "stray").because[0]


def test_an_update_tells_of_its_revisions(store: Store) -> None:
    """Given an update; when explained; then the number of revisions is told."""
    assert [
        "The same article arrived again with changed content.",
        "The two texts share 50% of their wording.",
        "The store holds 2 revisions of it.",
    ] == explain(store, "storm").because


def test_cleaning_sources_and_enrichers_are_told(store: Store) -> None:
    """Given a first revision with provenance; when explained; then each stage says what it did."""
    found = explain(store, "https://herald.example/storm", revision=1)

    assert [
        "Read as a fragment; 6 words kept.",
        "Removed as promotion (2 times): Also read: pumps",
    ] == found.cleaning
    assert ["title, url: as the scraper gave it", "published_at: json-ld"] == found.metadata
    assert ["entities skipped: no model for de (version 3)"] == found.enrichment
    assert ["copydesk 0.1.0", "schema 1.0"] == found.versions
    assert 1 == len(found.copies)


def test_an_article_is_found_by_any_form_of_its_address(tmp_path: Path) -> None:
    """Given an id made of an address; when asked for with campaign parameters; then it is found."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    article_id = id_of_url("https://herald.example/storm")
    assert article_id is not None
    sink = SqlSink(url)
    sink.deliver([delivery(article_id, url="https://www.herald.example/storm?fbclid=1")])
    sink.close()

    with Store(url) as store:
        assert article_id == resolve(store, "http://herald.example/storm/?utm_source=mail")


def test_who_asks_for_nothing_that_is_there_is_told_so(store: Store) -> None:
    """Given an unknown id, one that may be several, and a revision that is none.

    Then each is said.
    """
    with pytest.raises(CopydeskError, match="holds no article nobody"):
        explain(store, "nobody")
    with pytest.raises(CopydeskError, match="matches storm, stray"):
        resolve(store, "st")
    with pytest.raises(CopydeskError, match="storm has no revision 3; it has 1, 2"):
        explain(store, "storm", revision=3)
