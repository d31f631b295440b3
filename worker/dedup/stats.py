"""The size of the index, and its verdicts."""

import random
from dataclasses import dataclass, field
from typing import Any

from worker.dedup.index import BUCKETS, RedisIndex

SAMPLE = 48
"""Keys of each kind that are measured in a bucket; the others are assumed to be alike."""
PAGE = 39
"""Records in one string, as in `store.lua`."""
GROUP = 16_384
"""Slots of postings in one hash, as in `postings.lua`."""


@dataclass(slots=True)
class IndexStats:
    """Figures about the index."""

    documents: int = 0
    """Texts of which copies are found: every revision that was new or an update."""
    duplicates: int = 0
    claims: int = 0
    """Articles in work."""
    bytes: int = 0
    """Memory, estimated from a sample of the keys."""
    bytes_per_document: float = 0.0
    window_days: float = 0.0
    verdicts: dict[str, int] = field(default_factory=dict)
    """Articles by verdict, in the window."""
    hit_rate: float = 0.0
    """Share of the articles that were known before: duplicates and unchanged ones."""
    buckets: int = 0
    crowded: bool = False
    """Whether there are many more documents than `index_documents` allows for."""


def stats(index: RedisIndex) -> IndexStats:
    """Count and measure; takes some hundred small commands, none of them slow."""
    total = IndexStats(window_days=index.settings.window_days)
    for shard in index.shards():
        *buckets, claims = index.run("count", shard, [])
        total.claims += claims
        total.buckets = max(total.buckets, len(buckets))
        for number, documents, slots, *verdicts in buckets:
            total.documents += documents
            for name, count in zip(
                ("new", "update", "duplicate", "unchanged"), verdicts, strict=True
            ):
                total.verdicts[name] = total.verdicts.get(name, 0) + count
            total.bytes += _measure(index.client, f"{shard}:{number}", documents, slots)
        for slots in {slots for _, _, slots, *_ in buckets}:
            groups = range(0, slots, GROUP)
            total.bytes += sum(_size(index.client, f"{shard}:p{slots}:{group}") for group in groups)
    total.duplicates = total.verdicts.get("duplicate", 0)
    if total.documents:
        total.bytes_per_document = round(total.bytes / total.documents, 1)
    seen = sum(total.verdicts.values())
    if seen:
        known = total.duplicates + total.verdicts.get("unchanged", 0)
        total.hit_rate = round(known / seen, 4)
    total.crowded = total.documents > 3 * index.settings.index_documents * BUCKETS / (BUCKETS - 1)
    return total


def _measure(client: Any, bucket: str, documents: int, slots: int) -> int:
    """Estimate the bytes of a bucket: key, value and what the server adds."""
    pages = -(-documents // PAGE)
    kinds = {"d": max(1, slots // 64), "r": pages, "n": pages}
    return round(
        sum(_mean(client, f"{bucket}:{kind}", count) * count for kind, count in kinds.items())
    )


def _mean(client: Any, prefix: str, count: int) -> float:
    chosen = random.Random(count).sample(range(count), min(SAMPLE, count))  # noqa: S311
    sizes = [_size(client, f"{prefix}{place}", samples=0) for place in chosen]
    return sum(sizes) / len(sizes) if sizes else 0.0


def _size(client: Any, key: str, samples: int = SAMPLE) -> int:
    return client.memory_usage(key, samples=samples) or 0
