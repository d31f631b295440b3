"""Loads, before a worker forks, what its first batch would load: once, and shared by all processes."""

import gc
from collections.abc import Sequence

from worker import cleaning, enrichment
from worker.articles import RawArticle
from worker.dedup import identity
from worker.dedup.fingerprint import fingerprint
from worker.drafts import Reading, assemble
from worker.enrichment.base import Enricher
from worker.sinks.base import Delivery

BODY = """<p>LAKE TOWN, March 3 (Wire) — The town council of Lake Town said on Tuesday that it would close the
old bridge for 3 weeks.</p><p>"We have no choice," said Mayor Anna Berg, who spoke to reporters in the town
hall. The works cost 2.5 million euros and are paid by the province.</p><p><strong>Also read:
<a href="https://lake.example/bridge">What we know of the bridge</a></strong></p>"""

COLLECT_AFTER = 50_000
"""New objects after which the garbage collector looks for cycles: those of some 500 articles. Python's
default of 700 makes it look every few articles, at objects that the batch still needs; cleaning and
enrichment leave next to no cycles behind."""


def warm_up(enrichers: Sequence[Enricher]) -> None:
    """Run one article through the stages that need no server, then hide what it loaded from the collector.

    `gc.freeze` exempts objects that live as long as the process: the collector would write to their memory,
    and memory that a child writes to is no longer shared with its parent. Later it looks less often.
    """
    raw = RawArticle(html=BODY, url="https://lake.example/1", title="Old bridge to close")
    cleaned = cleaning.clean(raw)
    reading = Reading(raw, cleaned, identity.identify(raw, cleaned))
    article = assemble(reading, fingerprint(cleaned.text, cleaned.title))
    enrichment.enrich(enrichers, [article])
    Delivery.of(article)
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
