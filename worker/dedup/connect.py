"""The client of the index: of a single server, or of a cluster."""

from functools import partial

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
        return _connected(url)
    except RedisError as error:
        message = f"The index at {hide_password(url)} does not answer: {error}"
        raise TransientError(message) from error


def index_of(settings: Settings, client: redis.Redis) -> RedisIndex:
    """Return the index of a desk: on a server or cluster of its own, else on that of `client`.

    Its own server is connected to at the first use: a worker process may start while it is away.
    """
    own = settings.index_url
    return RedisIndex(partial(_connected, own) if own else client, settings)


def _connected(url: str) -> "redis.Redis | redis.RedisCluster":
    try:
        client = client_at(url, socket_timeout=10, socket_connect_timeout=5)
    except ValueError as error:
        message = f"The index {hide_password(url)} is not at a Redis URL: {error}"
        raise ConfigurationError(message) from error
    if not client.info("cluster").get("cluster_enabled"):
        return client
    client.close()
    return redis.RedisCluster.from_url(url, socket_timeout=10, socket_connect_timeout=5)
