"""What must be true after any faults."""

import time
from collections import Counter, defaultdict

import orjson
import sqlalchemy as sa

from tests.faults.desk import FaultyDesk
from tests.faults.feed import Feed
from worker.deadletters import read_letters


def check(desk: FaultyDesk, feed: Feed, published: int) -> None:
    """Nothing lost, nothing twice, no second canonical, nothing left over, no innocent dead letter."""
    assert published == desk.settled(), "each published article has one outcome"
    # An entry that was handed back, and settled by a worker that woke up late, leaves when it is due.
    deadline = time.monotonic() + 40
    while desk.left_over() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert {} == desk.left_over()

    letters = list(read_letters(desk.client, desk.streams.keys))
    assert sorted(feed.poison) == sorted(str(letter.url) for letter in letters), [
        (letter.url, letter.reason, letter.error, letter.history) for letter in letters
    ]

    streamed: Counter[tuple[str, int]] = Counter()
    for _, fields in desk.client.xrange(desk.streams.keys.articles):
        streamed[fields[b"id"].decode(), int(fields[b"revision"])] += 1
    assert [] == [key for key, times in streamed.items() if times > 1], "delivered twice"

    delivered = check_store(desk, feed)
    assert delivered == set(streamed), "store and output stream tell the same"


def check_store(desk: FaultyDesk, feed: Feed) -> set[tuple[str, int]]:
    """Each story once, its copies pointing to it, in its last version; return what was delivered."""
    engine = sa.create_engine(desk.settings.store_url())
    with engine.connect() as connection:
        rows = list(
            connection.execute(
                sa.text("SELECT id, revision, status, duplicate_of, url, document FROM articles")
            )
        )
    engine.dispose()
    delivered = {(row.id, row.revision) for row in rows if row.status in ("new", "update")}
    by_url = defaultdict(list)
    for row in rows:
        by_url[row.url].append(row)
    canonical_ids = {row.id for row in rows if row.status in ("new", "update")}
    for story, urls in feed.stories.items():
        lost = [url for url in urls if url not in by_url]
        assert [] == lost, f"{story}: lost"
        leading = {row.id for url in urls for row in by_url[url] if row.status != "duplicate"}
        assert 1 == len(leading), (
            f"{story}: {len(leading)} canonicals, {[tuple(r)[:5] for u in urls for r in by_url[u]]}"
        )
        copies = [row for url in urls for row in by_url[url] if row.status == "duplicate"]
        assert all(row.duplicate_of in canonical_ids for row in copies), f"{story}: copy of nothing"
        for url in urls:
            newest = max(by_url[url], key=lambda row: row.revision)
            document = newest.document
            text = (orjson.loads(document) if isinstance(document, str) else document)["text"]
            assert feed.latest[url] in text, f"{url}: not the last version"
    return delivered
