"""The index: look-up and claim, memory, script times; datasketch's Redis store beside it."""

import secrets
import statistics
import time
from collections.abc import Iterator

import numpy as np
import redis

from benchmarks import dedup_ways, harness
from benchmarks.dedup_signing import texts
from worker.broker import EmbeddedBroker
from worker.dedup.base import Candidate
from worker.dedup.fingerprint import Fingerprint
from worker.dedup.index import BUCKETS, RedisIndex
from worker.settings import Settings

BATCH, FILL, ROUNDS, A_ROUND = 16, 128, 5, 4_000
RIVAL = 300
SHINGLES, ANCHORS = 246, 32


def candidates(count: int, seed: int) -> Iterator[Candidate]:
    """Make candidates of 250 words that have nothing in common, without their texts."""
    random = np.random.default_rng(seed)
    for number in range(count):
        gaps = random.exponential(1 / SHINGLES, ANCHORS)
        anchors = (np.minimum(gaps.cumsum(), 1.0) * float(1 << 63) * 1.999).astype(np.uint64)
        anchors |= random.integers(
            1 << 11, size=ANCHORS, dtype=np.uint64
        )  # a float leaves them zero
        yield Candidate(
            id=f"{seed:04d}{number:016d}",
            holder=f"live/{seed}-{number}",
            fingerprint=Fingerprint(
                content=random.bytes(16),
                anchors=anchors.astype(">u8").tobytes(),
                maps=np.packbits(random.random(6 * 512) < 0.38).tobytes(),
                size=SHINGLES,
                words=250,
            ),
        )


def measure(documents: int) -> list[harness.Report]:
    """Fill the buckets of a window with `documents`, then measure."""
    with harness.folder() as folder, EmbeddedBroker(folder) as broker:
        client = redis.Redis.from_url(broker.url)
        client.config_set("appendonly", "no")
        settings = Settings(namespace="bench", index_documents=max(1_000, documents))
        index = RedisIndex(client, settings, secrets.token_hex(4))
        empty = client.info("memory")["used_memory"]
        _fill(index, documents)
        held = client.info("memory")["used_memory"] - empty
        speed = _speed(index, client, documents)
        speed.notes.append(f"INFO memory: {held / documents:.0f} B a document, identities included")
        return [speed, _rival(broker.url, texts(RIVAL, seed=11))]


def _fill(index: RedisIndex, documents: int) -> None:
    length = index.settings.window_days / (BUCKETS - 1) * 86_400
    for bucket in range(BUCKETS):
        index.clock_ahead = bucket * length
        batch = []
        for one in candidates(documents // BUCKETS, seed=bucket):
            batch.append(one)
            if len(batch) == FILL:
                index.reserve(batch)
                index.commit(batch)
                batch = []
        index.reserve(batch)
        index.commit(batch)


def _speed(index: RedisIndex, client: redis.Redis, documents: int) -> harness.Report:
    report = harness.Report(
        f"Look-up and claim, batches of {BATCH}, {documents:,} documents in {BUCKETS} buckets",
        "documents/s",
    )
    client.config_set("latency-tracking", "yes")  # which the embedded server does not do
    client.config_set("slowlog-log-slower-than", 10_000)
    client.slowlog_reset()
    waits, scripts = [], []
    for number in range(ROUNDS):
        ready = list(candidates(A_ROUND, seed=100 + number))
        parts = [ready[at : at + BATCH] for at in range(0, len(ready), BATCH)]
        client.config_resetstat()
        busy, spent, started = (
            harness.server_seconds(client),
            time.process_time(),
            time.perf_counter(),
        )
        for part in parts:
            begun = time.perf_counter()
            index.reserve(part)
            waits.append(time.perf_counter() - begun)
        report.add("as seen by one client", A_ROUND / (time.perf_counter() - started))
        looked_up = harness.server_seconds(client) - busy
        report.add("server, of its processor time", A_ROUND / looked_up)
        report.add("client, of its processor time", A_ROUND / (time.process_time() - spent))
        scripts.append(client.info("latencystats")["latency_percentiles_usec_evalsha"]["p99"])
        spent = time.process_time()
        for part in parts:
            index.commit(part)
        both = harness.server_seconds(client) - busy
        report.add("commit: server", A_ROUND / (both - looked_up))
        report.add("commit: client", A_ROUND / (time.process_time() - spent))
        report.add("look-up, claim and commit: server", A_ROUND / both)
    waits.sort()
    slow = [entry for entry in client.slowlog_get(128) if entry["command"].startswith(b"EVALSHA")]
    longest = max((entry["duration"] for entry in slow), default=0)
    report.notes += [
        f"a batch: median {_share(waits, 0.5):.2f} ms, p99 {_share(waits, 0.99):.2f} ms",
        f"scripts on the server: p99 {statistics.median(scripts) / 1e3:.2f} ms, {len(slow)} above 10 ms "
        f"(longest {longest / 1e3:.1f} ms)",
    ]
    return report


def _share(waits: list[float], share: float) -> float:
    return waits[int(len(waits) * share)] * 1e3


def _rival(url: str, made: list[str]) -> harness.Report:
    """Datasketch in Redis against the index, on the same texts, signing included."""
    from urllib.parse import urlsplit

    from worker.dedup.fingerprint import fingerprint

    report = harness.Report(f"Sign, look up, insert: {len(made)} texts on Redis", "documents/s")
    client = redis.Redis.from_url(url)
    index = RedisIndex(client, Settings(namespace="bench", index_documents=1_000), "beside")
    ours = [Candidate(str(n), f"live/{n}", fingerprint("")) for n in range(len(made))]
    before, started = client.info("memory")["used_memory"], time.perf_counter()
    for at in range(0, len(made), BATCH):
        part = [
            Candidate(one.id, one.holder, fingerprint(text))
            for one, text in zip(ours[at : at + BATCH], made[at : at + BATCH], strict=True)
        ]
        index.reserve(part)
        index.commit(part)
    report.add("copydesk", len(made) / (time.perf_counter() - started))
    report.notes.append(
        f"copydesk: {(client.info('memory')['used_memory'] - before) / len(made):.0f} B a document "
        "(few documents: the keys weigh more than at a million)"
    )
    if not harness.installed("datasketch"):
        report.notes.append("datasketch is not installed")
        return report
    parts = urlsplit(url)
    server = {
        "host": parts.hostname,
        "port": parts.port,
        "username": parts.username,
        "password": parts.password,
    }
    before = client.info("memory")["used_memory"]
    seen = dedup_ways.datasketch({"type": "redis", "basename": b"rival", "redis": server})
    started = time.perf_counter()
    for number, text in enumerate(made):
        seen(str(number), text)
    report.add("datasketch", len(made) / (time.perf_counter() - started))
    held = client.info("memory")["used_memory"] - before
    report.notes.append(f"datasketch: {held / len(made):.0f} B a document")
    report.compare("copydesk ÷ datasketch", "copydesk", "datasketch")
    return report
