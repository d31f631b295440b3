"""A store behind PgBouncer, which hands out a server a transaction."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.ports import free_port
from tests.sinks.factory import delivery
from worker.settings import Settings
from worker.sinks.sql import SqlSink
from worker.sinks.store import Store

WRITERS = 4
BATCHES = 10


@pytest.fixture
def pooled_url(postgres_url: str) -> Iterator[str]:
    """The URL of a pooler with two servers for all its clients, before an empty database."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("no pgbouncer (Debian: apt install pgbouncer)")
    url, port = sa.make_url(postgres_url), free_port()
    folder = Path(tempfile.mkdtemp(prefix="copydesk-pooler-"))
    (folder / "users").write_text(f'"{url.username}" "{url.password}"\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host={url.host} port={url.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = scram-sha-256\nauth_file = users\nunix_socket_dir =\n"
        "pool_mode = transaction\ndefault_pool_size = 2\nignore_startup_parameters = options\n"
    )
    user = "nobody" if os.geteuid() == 0 else None  # it does not run as root
    if user:
        for one in (folder, *folder.iterdir()):
            shutil.chown(one, user)
    running = subprocess.Popen(
        [program, "ini"],
        cwd=folder,
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pooled = url.set(port=port).render_as_string(hide_password=False)
    try:
        _wait(pooled)
        yield pooled
    finally:
        running.terminate()
        running.wait(10)
        shutil.rmtree(folder)


def _wait(url: str) -> None:
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    deadline = time.monotonic() + 10
    while True:
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            engine.dispose()
            return


@pytest.mark.parametrize("daily", [False, True])
def test_writers_behind_a_pooler_store_all(pooled_url: str, daily: bool) -> None:
    """Given four writers on two servers that change hands, then no statement is taken for another."""
    url, wrong = Settings(store=pooled_url).store_url(), []

    def write(writer: int) -> None:
        with closing(SqlSink(url, daily=daily)) as sink:
            for number in range(BATCHES):
                try:
                    # Batches of different sizes make statements of different numbers of values.
                    sink.deliver([delivery(f"{writer}-{number}-{n}") for n in range(writer + 2)])
                except Exception as error:  # noqa: BLE001 - told below, by the test
                    wrong.append(str(error))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == wrong
    with closing(Store(url)) as store:
        assert BATCHES * sum(writer + 2 for writer in range(WRITERS)) == store.count()
