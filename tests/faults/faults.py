"""The faults, by name: each hurts the desk and undoes what it did, except for what must heal by itself."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass

import sqlalchemy as sa

from tests.faults.desk import FaultyDesk
from tests.faults.proxy import Proxy
from tests.faults.servers import Server
from tests.postgres import Postgres


@dataclass(frozen=True)
class Site:
    """What faults may hurt."""

    desk: FaultyDesk
    server: Server
    postgres: Postgres | None = None
    """The store's server, where that is not SQLite."""
    network: Proxy | None = None
    """The way to it."""

    def kinds(self) -> list[str]:
        """Return the names of the faults that can be thrown here."""
        missing = {fault.__name__ for fault in (SQLITE if self.postgres else POSTGRES)}
        if self.server.disk is None:
            missing.add(fill_redis_disk.__name__)
        if self.desk.disk is None:
            missing |= {fill_store_disk.__name__, fill_postgres_disk.__name__}
        return sorted(FAULTS.keys() - missing)

    def order(self, count: int, chance: random.Random) -> list[str]:
        """Return so many kinds by chance: each before any comes again, and the longest once."""
        kinds: list[str] = []
        while len(kinds) < count:
            kinds += chance.sample(self.kinds(), k=len(self.kinds()))
        kinds = kinds[:count]
        for fault in (freeze_redis_long, stop_postgres if self.postgres else stop_store):
            kinds.insert(chance.randrange(len(kinds)), fault.__name__)
        return kinds

    def throw(self, kind: str, chance: random.Random) -> None:
        """Throw a fault of this kind."""
        {**FAULTS, **LONG}[kind](self, chance)


Fault = Callable[[Site, random.Random], None]


def kill_child(site: Site, chance: random.Random) -> None:
    """SIGKILL to one child of a pool."""
    children = site.desk.children(chance.randrange(len(site.desk.workers)))
    if children:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(children), signal.SIGKILL)


def kill_worker(site: Site, chance: random.Random) -> None:
    """SIGKILL to a worker and its children, as the end of its machine would be."""
    site.desk.kill_worker(chance.randrange(len(site.desk.workers)))


def kill_main_process(site: Site, chance: random.Random) -> None:
    """SIGKILL to a worker's main process alone."""
    _end(site.desk, chance, signal.SIGKILL)


def kill_intake(site: Site, _chance: random.Random) -> None:
    """SIGKILL to the intake."""
    if site.desk.intake is not None:
        site.desk.intake.kill()
        site.desk.intake.wait()


def stop_intake(site: Site, _chance: random.Random) -> None:
    """SIGTERM to the intake."""
    if site.desk.intake is not None and site.desk.intake.poll() is None:
        site.desk.intake.terminate()
        site.desk.intake.wait(30)


def restart_all(site: Site, _chance: random.Random) -> None:
    """A rolling restart: the intake, then one worker after another, each back before the next goes."""
    stop_intake(site, _chance)
    for worker in site.desk.workers:
        if worker is not None and worker.poll() is None:
            worker.terminate()
            worker.wait(site.desk.settings.grace + 20)
        site.desk.revive()


def stop_worker(site: Site, chance: random.Random) -> None:
    """SIGTERM to a worker, as in a rolling restart."""
    _end(site.desk, chance, signal.SIGTERM)


def quit_worker(site: Site, chance: random.Random) -> None:
    """SIGQUIT to a worker."""
    _end(site.desk, chance, signal.SIGQUIT)


def freeze_worker(site: Site, chance: random.Random) -> None:
    """A worker stands still for longer than its lease, and then goes on as if nothing had been."""
    number = chance.randrange(len(site.desk.workers))
    worker = site.desk.workers[number]
    if worker is None or worker.poll() is not None:
        return
    frozen = [worker.pid, *site.desk.children(number)]
    for process in frozen:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    time.sleep(site.desk.settings.lease + 1)
    for process in frozen:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def kill_redis(site: Site, chance: random.Random) -> None:
    """The server is killed and comes back with its append-only file."""
    site.server.kill()
    time.sleep(chance.uniform(0.1, 2.0))
    site.server.start()


def restart_redis(site: Site, chance: random.Random) -> None:
    """The server is stopped in order, and started again, as for an upgrade."""
    site.server.end()
    time.sleep(chance.uniform(0.1, 2.0))
    site.server.start()


def freeze_redis_long(site: Site, _chance: random.Random) -> None:
    """The server stands still for 30 s, longer than any of its clients waits for an answer."""
    site.server.freeze()
    time.sleep(30)
    site.server.freeze(thaw=True)


def jump_clocks(site: Site, chance: random.Random) -> None:
    """The clocks of workers and intake jump, and that of the server where it can be set; they stay so."""
    site.desk.clock.set(chance.uniform(-900, 900))
    if site.server.clock:
        site.server.clock.set(chance.uniform(-900, 900))


def freeze_redis(site: Site, _chance: random.Random) -> None:
    """The server stands still for longer than every lease."""
    site.server.freeze()
    time.sleep(site.desk.settings.lease * 2)
    site.server.freeze(thaw=True)


def cut_connections(site: Site, _chance: random.Random) -> None:
    """Every connection to the server is cut, several times."""
    with site.server.client() as client:
        for _ in range(5):
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            time.sleep(0.1)


def starve_redis(site: Site, _chance: random.Random) -> None:
    """The server is out of memory for a while."""
    with site.server.client() as client:
        client.config_set("maxmemory", "1mb")
        time.sleep(2)
        client.config_set("maxmemory", "0")


def lock_store(site: Site, _chance: random.Random) -> None:
    """Another program holds the store's write lock for longer than a write waits."""
    _hold_store(site, site.desk.settings.store_timeout + 1)


def slow_store(site: Site, _chance: random.Random) -> None:
    """Another program writes to the store again and again: each write of ours waits for it."""
    for _ in range(6):
        _hold_store(site, 0.4)
        time.sleep(0.1)


def stop_store(site: Site, _chance: random.Random) -> None:
    """The store cannot be written for more than a minute."""
    _hold_store(site, 65)


def _hold_store(site: Site, seconds: float) -> None:
    path = site.desk.settings.store_url().removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


def fill_redis_disk(site: Site, _chance: random.Random) -> None:
    """The disk under the server is full for longer than every lease."""
    assert site.server.disk
    site.server.disk.fill()
    time.sleep(site.desk.settings.lease * 2)
    site.server.disk.free()


def fill_store_disk(site: Site, _chance: random.Random) -> None:
    """The disk under the store is full for a while."""
    assert site.desk.disk
    site.desk.disk.fill()
    time.sleep(site.desk.settings.store_timeout + 1)
    site.desk.disk.free()


def kill_postgres(site: Site, chance: random.Random) -> None:
    """PostgreSQL is killed and comes back."""
    assert site.postgres
    site.postgres.halt()
    time.sleep(chance.uniform(0.5, 5.0))
    site.postgres.start()


def freeze_postgres(site: Site, _chance: random.Random) -> None:
    """PostgreSQL takes no connection for longer than a write waits."""
    assert site.postgres
    site.postgres.pause()
    time.sleep(site.desk.settings.store_timeout * 2)
    site.postgres.pause(resume=True)


def lock_postgres(site: Site, _chance: random.Random) -> None:
    """Another program holds the table for longer than a write waits."""
    assert site.postgres
    engine = sa.create_engine(site.postgres.url)
    with engine.begin() as connection:
        connection.execute(sa.text("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE"))
        time.sleep(site.desk.settings.store_timeout * 2)
    engine.dispose()


def fill_postgres_disk(site: Site, _chance: random.Random) -> None:
    """The disk under PostgreSQL is full; where it ended over that, somebody starts it again."""
    assert site.postgres
    assert site.desk.disk
    site.desk.disk.fill()
    time.sleep(site.desk.settings.store_timeout + 1)
    site.desk.disk.free()
    site.postgres.start_again()


def slow_postgres(site: Site, chance: random.Random) -> None:
    """The network to PostgreSQL is slow: at times within what a write may take, at times not."""
    assert site.network
    site.network.delay = chance.choice([0.05, 0.5, 2.0])
    time.sleep(5)
    site.network.delay = 0.0


def silence_postgres(site: Site, _chance: random.Random) -> None:
    """The network swallows what is sent to PostgreSQL and back, for longer than a delivery may take."""
    assert site.network
    site.network.flows.clear()
    time.sleep(site.desk.settings.store_timeout * 4)
    site.network.flows.set()


def stop_postgres(site: Site, _chance: random.Random) -> None:
    """PostgreSQL is away for more than a minute."""
    assert site.postgres
    site.postgres.halt()
    time.sleep(65)
    site.postgres.start()


SQLITE: tuple[Fault, ...] = (lock_store, slow_store, fill_store_disk)
POSTGRES: tuple[Fault, ...] = (
    kill_postgres, freeze_postgres, lock_postgres, slow_postgres, silence_postgres, fill_postgres_disk,
)  # fmt: skip
FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        kill_child, kill_worker, kill_main_process, kill_intake, stop_worker, quit_worker, stop_intake,
        restart_all, freeze_worker, kill_redis, restart_redis, freeze_redis, cut_connections,
        starve_redis, fill_redis_disk, jump_clocks, *SQLITE, *POSTGRES,
    )
}  # fmt: skip
LONG: dict[str, Fault] = {
    one.__name__: one for one in (freeze_redis_long, stop_store, stop_postgres)
}
"""Thrown once, for the time they take, in the long form alone."""


def _end(desk: FaultyDesk, chance: random.Random, number: signal.Signals) -> None:
    worker = desk.workers[chance.randrange(len(desk.workers))]
    if worker is not None and worker.poll() is None:
        worker.send_signal(number)
        worker.wait(desk.settings.grace + 20)
