"""Lua scripts: reading them from the package, and running one many times in one round trip."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

import redis
from redis.commands import core
from redis.exceptions import NoScriptError


def source_of(package: str, *names: str) -> str:
    """Return the text of a script that is made of several files, in this order.

    `names` are paths inside `package`, without `.lua`.
    """
    folder = resources.files(package)
    return "\n".join((folder / f"{name}.lua").read_text(encoding="utf-8") for name in names)


def load_script(client: redis.Redis, name: str) -> core.Script:
    """Return a script of `worker/lua`, bound to a client; it is sent to the server on first use."""
    return client.register_script(source_of("worker", "lua/common", f"lua/{name}"))


class Script:
    """A script, and its SHA-1, by which the server knows it.

    Unlike redis-py's own it runs many calls at once. Each call is a list: number of keys, keys, arguments.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: "redis.Redis", calls: Sequence[list[Any]]) -> list[Any]:
        """Return the answer of each call, in order; other clients may come between two calls.

        On a cluster they are made one by one. All calls are made before the first error, if any, is raised.
        """
        if isinstance(client, redis.RedisCluster) or len(calls) == 1:
            return [self._call(client, call) for call in calls]
        with client.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.evalsha(self._digest, *call)
            answers: list[Any] = pipe.execute(raise_on_error=False)
        for place, answer in enumerate(answers):
            if isinstance(answer, NoScriptError):
                answers[place] = self._call(client, calls[place])
            elif isinstance(answer, Exception):
                raise answer
        return answers

    def _call(self, client: "redis.Redis", call: list[Any]) -> Any:
        try:
            return client.evalsha(self._digest, *call)
        except NoScriptError:
            return client.eval(self._source, *call)
