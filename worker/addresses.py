"""URLs of Redis: of a server, or of the sentinels that know which server is the master.

The latter have the form `redis+sentinel://[user:password@]host[:port][,host…]/name[/db]`, as in the
libraries huey and limits. User and password are those of the servers;
`?sentinel_user=…&sentinel_password=…` are those of the sentinels.
"""

import re
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

SCHEME = "redis+sentinel://"
PORT = 26379
PATIENCE = 1.0
"""Seconds that one sentinel has to answer before the next is asked."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The parts of a URL with sentinels."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    """The sentinels' name for the master."""
    db: int
    login: dict[str, str]
    """`username` and `password` of the servers, if any."""
    sentinel_login: dict[str, str]
    """The same for the sentinels."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL that begins with `redis+sentinel://`.

        >>> Watched.parse("redis+sentinel://:secret@one,two:26380/news/2").sentinels
        (('one', 26379), ('two', 26380))

        Raises:
            ValueError: it has another form; the text gives the right one.
        """
        rest, _, query = url.removeprefix(SCHEME).partition("?")
        place, _, path = rest.partition("/")
        login, _, hosts = place.rpartition("@")
        name, _, db = path.partition("/")
        options = dict(parse_qsl(query, keep_blank_values=True))
        user, password = options.pop("sentinel_user", ""), options.pop("sentinel_password", "")
        if not hosts or not name or options or not (db or "0").isdecimal():
            raise ValueError(
                f"it has the form {SCHEME}[user:password@]host[:port][,host…]/name[/db]"
            )
        return cls(
            sentinels=tuple(map(_address, hosts.split(","))),
            name=unquote(name),
            db=int(db or 0),
            login=_login(*map(unquote, login.partition(":")[::2])),
            sentinel_login=_login(user, password),
        )

    def client(self, **options: Any) -> redis.Redis:
        """Return a client of whichever server is the master; `options` are those of `redis.Redis`.

        If the connection is lost, or the server has become a replica, it asks the sentinels again.
        """
        asked = {
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "retry": Retry(NoBackoff(), 0),
            **self.sentinel_login,
        }
        sentinel = _Sentinels(  # type: ignore[no-untyped-call]
            self.sentinels, sentinel_kwargs=asked, db=self.db, **self.login
        )
        client: redis.Redis = sentinel.master_for(self.name, **options)  # type: ignore[no-untyped-call]
        return client

    def broker(self) -> str:
        """Return Celery's form of the URL: one per sentinel. It also needs `broker_options`."""
        user, password = (quote(self.login.get(name, ""), "") for name in ("username", "password"))
        login = f"{user}:{password}@" if self.login else ""
        places = [_written(host, port) for host, port in self.sentinels]
        return ";".join(f"sentinel://{login}{place}/{self.db}" for place in places)

    def broker_options(self) -> dict[str, Any]:
        """Return the transport options that Celery needs with that URL."""
        asked = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
        return {"master_name": self.name, "sentinel_kwargs": asked | self.sentinel_login}


def is_watched(url: str) -> bool:
    """Whether a URL names sentinels instead of a server."""
    return url.startswith(SCHEME)


def client_at(url: str, **options: Any) -> redis.Redis:
    """Return a client of the server at `url`, or of the master where it names sentinels.

    Raises:
        ValueError: it is neither kind of URL.
    """
    if is_watched(url):
        return Watched.parse(url).client(**options)
    return redis.Redis.from_url(url, **options)


def hide_password(url: str) -> str:
    """Return a URL that may be shown.

    >>> hide_password("redis://:secret@host:6379/0")
    'redis://***@host:6379/0'
    >>> hide_password("redis+sentinel://:secret@one,two/news?sentinel_password=secret")
    'redis+sentinel://***@one,two/news?sentinel_password=***'
    >>> hide_password("postgresql://desk@host/news")
    'postgresql://desk@host/news'
    """
    url = re.sub(r"(?<=password=)[^&]+", "***", url)
    scheme, separator, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    if ":" in user:
        rest = f"***{at}{place}"
    return scheme + separator + rest


class _Sentinels(Sentinel):
    """Shortens to one line the error in which redis-py lists every option of every connection."""

    def discover_master(self, service_name: str) -> Any:
        """Return host and port of the master. See `redis.sentinel.Sentinel`."""
        try:
            return super().discover_master(service_name)  # type: ignore[no-untyped-call]
        except MasterNotFoundError:
            asked = (one.connection_pool.connection_kwargs for one in self.sentinels)
            places = ", ".join(_written(one["host"], one["port"]) for one in asked)
            message = f"no sentinel of {places} answers and knows a master {service_name!r}"
            raise MasterNotFoundError(message) from None


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(host: str) -> tuple[str, int]:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):  # [::1] without a port
        name, port = host, str(PORT)
    if not name or not port.isdecimal():
        raise ValueError(f"{host!r} is not HOST or HOST:PORT")
    return name.strip("[]"), int(port)


def _login(user: str, password: str) -> dict[str, str]:
    given = {"username": user, "password": password}
    return {name: value for name, value in given.items() if value}
