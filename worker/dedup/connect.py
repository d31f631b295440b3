"""The client of the index: a server alone, or a cluster."""

import redis
from redis.exceptions import RedisError

from worker.dedup.index import RedisIndex
from worker.errors import TransientError
from worker.settings import Settings


def index_client(url: str) -> "redis.Redis | redis.RedisCluster":
    """Return a client of the index at `url`; any node of a Redis Cluster will do as its address.

    Raises:
        TransientError: nothing answers there.
    """
    client = redis.Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5)
    try:
        if not client.info("cluster").get("cluster_enabled"):
            return client
        client.close()
        return redis.RedisCluster.from_url(url, socket_timeout=10, socket_connect_timeout=5)
    except RedisError as error:
        raise TransientError(f"The index does not answer: {error}") from error


def index_of(settings: Settings, client: redis.Redis) -> RedisIndex:
    """Return the index of a desk: on a server or cluster of its own, or on that of `client`, its broker.

    Raises:
        TransientError: the index does not answer.
    """
    return RedisIndex(index_client(settings.index_url) if settings.index_url else client, settings)
