"""The client of the index: of a single server, or of a cluster."""

import redis
from redis.exceptions import RedisError

from worker.addresses import client_at, hide_password
from worker.dedup.index import RedisIndex
from worker.errors import ConfigurationError, TransientError
from worker.settings import Settings


def index_client(url: str) -> "redis.Redis | redis.RedisCluster":
    """Return a client of the index at `url`, which may be any node of a Redis Cluster.

    Raises:
        ConfigurationError: it is not a Redis URL.
        TransientError: nothing answers there.
    """
    try:
        client = client_at(url, socket_timeout=10, socket_connect_timeout=5)
    except ValueError as error:
        message = f"The index {hide_password(url)} is not at a Redis URL: {error}"
        raise ConfigurationError(message) from error
    try:
        if not client.info("cluster").get("cluster_enabled"):
            return client
        client.close()
        return redis.RedisCluster.from_url(url, socket_timeout=10, socket_connect_timeout=5)
    except RedisError as error:
        message = f"The index at {hide_password(url)} does not answer: {error}"
        raise TransientError(message) from error


def index_of(settings: Settings, client: redis.Redis) -> RedisIndex:
    """Return the index of a desk: on a server or cluster of its own, else on that of `client`.

    Raises:
        ConfigurationError, TransientError: see `index_client`.
    """
    return RedisIndex(index_client(settings.index_url) if settings.index_url else client, settings)
