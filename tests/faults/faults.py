"""The faults, by name: each hurts the desk and undoes what it did, except for what must heal by itself."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.desk import FaultyDesk
from tests.faults.servers import Server

Fault = Callable[[FaultyDesk, Server, random.Random], None]


def throw(kind: str, desk: FaultyDesk, server: Server, chance: random.Random) -> None:
    """Throw a fault of this kind."""
    FAULTS[kind](desk, server, chance)


def kill_child(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """SIGKILL to one child of a pool."""
    children = desk.children(chance.randrange(len(desk.workers)))
    if children:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(children), signal.SIGKILL)


def kill_worker(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """SIGKILL to a worker and its children, as the end of its machine would be."""
    desk.kill_worker(chance.randrange(len(desk.workers)))


def kill_main_process(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """SIGKILL to a worker's main process alone."""
    worker = desk.workers[chance.randrange(len(desk.workers))]
    if worker is not None and worker.poll() is None:
        worker.kill()
        worker.wait()


def kill_intake(desk: FaultyDesk, _server: Server, _chance: random.Random) -> None:
    """SIGKILL to the intake."""
    if desk.intake is not None:
        desk.intake.kill()
        desk.intake.wait()


def stop_worker(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """SIGTERM to a worker, as in a rolling restart."""
    _end(desk, chance, signal.SIGTERM)


def quit_worker(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """SIGQUIT to a worker."""
    _end(desk, chance, signal.SIGQUIT)


def freeze_worker(desk: FaultyDesk, _server: Server, chance: random.Random) -> None:
    """A worker stands still for longer than its lease, and then goes on as if nothing had been."""
    number = chance.randrange(len(desk.workers))
    worker = desk.workers[number]
    if worker is None or worker.poll() is not None:
        return
    frozen = [worker.pid, *desk.children(number)]
    for process in frozen:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    time.sleep(desk.settings.lease + 1)
    for process in frozen:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def kill_redis(_desk: FaultyDesk, server: Server, chance: random.Random) -> None:
    """The server is killed and comes back with its append-only file."""
    server.kill()
    time.sleep(chance.uniform(0.1, 2.0))
    server.start()


def freeze_redis(desk: FaultyDesk, server: Server, _chance: random.Random) -> None:
    """The server stands still for longer than every lease."""
    server.freeze()
    time.sleep(desk.settings.lease * 2)
    server.freeze(thaw=True)


def cut_connections(_desk: FaultyDesk, server: Server, _chance: random.Random) -> None:
    """Every connection to the server is cut, several times."""
    with server.client() as client:
        for _ in range(5):
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            time.sleep(0.1)


def starve_redis(_desk: FaultyDesk, server: Server, _chance: random.Random) -> None:
    """The server is out of memory for a while."""
    with server.client() as client:
        client.config_set("maxmemory", "1mb")
        time.sleep(2)
        client.config_set("maxmemory", "0")


def lock_store(desk: FaultyDesk, _server: Server, _chance: random.Random) -> None:
    """Another program holds the store's write lock for longer than a write waits."""
    path = desk.settings.store_url().removeprefix("sqlite:///")
    with sqlite3.connect(path, isolation_level=None, timeout=30) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(desk.settings.store_timeout + 1)
        connection.execute("ROLLBACK")
    connection.close()


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        kill_child, kill_worker, kill_main_process, kill_intake, stop_worker, quit_worker,
        freeze_worker, kill_redis, freeze_redis, cut_connections, starve_redis, lock_store,
    )
}  # fmt: skip


def _end(desk: FaultyDesk, chance: random.Random, number: signal.Signals) -> None:
    worker = desk.workers[chance.randrange(len(desk.workers))]
    if worker is not None and worker.poll() is None:
        worker.send_signal(number)
        worker.wait(desk.settings.grace + 20)
