"""The engine alone, stages empty, against a bare stream loop and other task queues with the same no-op.

`python -m benchmarks.engine [COUNT] [ROUNDS]`. Workers are started first and wait; the clock runs from the
first article published to the last one done. Rivals get one tenth of the articles, they take longer.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import redis

from benchmarks import harness
from benchmarks.generate import articles
from worker.broker import EmbeddedBroker

CORES = os.cpu_count() or 1
PYTHON = sys.executable
Send = Callable[[Sequence[bytes]], None]


def measure(*, count: int = 20_000, rounds: int = 3, rivals: bool = True) -> harness.Report:
    """Measure the engine and those rivals that are installed."""
    report = harness.Report("The engine alone, stages empty")
    bodies = harness.encoded(articles(500))
    batch = (bodies * (count // len(bodies) + 1))[:count]
    small = batch[: max(200, count // 10)]
    with ExitStack() as stack:
        desk = stack.enter_context(
            harness.desk(bodies, app="benchmarks.empty", enrichers=[], profile="light")
        )
        others = {"bare XREADGROUP loop": stack.enter_context(_stream_loop())}
        others["Celery, a task an article"] = stack.enter_context(_celery())
        if rivals:
            for name, module, start in RIVALS:
                if harness.installed(module):
                    others[name] = stack.enter_context(start())
                else:
                    report.notes.append(f"not installed: {module}")
        for other in others.values():
            other(bodies[:50])
        for _ in range(rounds):
            report.add("copydesk", len(batch) / desk.carry(batch))
            for name, carry in others.items():
                chosen = batch if name.startswith("bare") else small
                report.add(name, len(chosen) / carry(chosen))
    report.compare("engine_to_bare_loop", "copydesk", "bare XREADGROUP loop")
    report.compare("engine_to_celery_task", "copydesk", "Celery, a task an article")
    for name, _, _ in RIVALS:
        if name in report.sides:
            report.compare(f"engine_to_{name.split(',')[0].lower()}", "copydesk", name)
    return report


@contextmanager
def _rival(
    commands: Callable[[str], list[list[str]]], send: Callable[[str], Send]
) -> Iterator[harness.Carry]:
    """Run a rival's workers on a server of its own; yield what carries articles through them."""
    from benchmarks.rivals import DONE

    with harness.folder() as path, EmbeddedBroker(path) as broker, ExitStack() as stack:
        client = redis.Redis.from_url(broker.url)
        with harness.environment(BENCH_REDIS_URL=broker.url):
            sender = send(broker.url)
            log = stack.enter_context(Path(path / "log").open("wb"))
            for command in commands(broker.url):
                process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
                stack.callback(process.wait)
                stack.callback(process.terminate)

        def carry(batch: Sequence[bytes]) -> float:
            value: Any = client.get(DONE)
            goal = int(value or 0) + len(batch)
            started = time.perf_counter()
            sender(batch)
            harness.wait_until(lambda: int(client.get(DONE) or 0) >= goal)  # type: ignore[arg-type]
            return time.perf_counter() - started

        yield carry


def _stream_loop() -> Any:
    from benchmarks.rivals.stream_loop import GROUP, STREAM

    def sender(url: str) -> Send:
        client = redis.Redis.from_url(url)
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)

        def send(batch: Sequence[bytes]) -> None:
            for at in range(0, len(batch), 200):
                with client.pipeline(transaction=False) as pipe:
                    for article in batch[at : at + 200]:
                        pipe.xadd(STREAM, {b"article": article})
                    pipe.execute()

        return send

    return _rival(lambda _: [[PYTHON, "-m", "benchmarks.rivals.stream_loop"]] * CORES, sender)


def _celery() -> Any:
    def sender(url: str) -> Send:
        from celery import Celery

        app = Celery("rival", broker=url)
        task = "benchmarks.rivals.celery_task.process"
        return _one_by_one(lambda article: app.send_task(task, args=(article,), ignore_result=True))

    command = [
        PYTHON,
        "-m",
        "celery",
        "-A",
        "benchmarks.rivals.celery_task",
        "worker",
        "-l",
        "warning",
    ]
    command += ["-c", str(CORES), "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return _rival(lambda _: [command], sender)


def _one_by_one(send: Callable[[dict[str, Any]], Any]) -> Send:
    def send_all(batch: Sequence[bytes]) -> None:
        for article in batch:
            send(orjson.loads(article))

    return send_all


def _dramatiq() -> Any:
    def sender(_url: str) -> Send:
        from benchmarks.rivals.dramatiq_task import process

        return _one_by_one(process.send)

    command = [PYTHON, "-m", "dramatiq", "benchmarks.rivals.dramatiq_task", "-p", str(CORES)]
    return _rival(lambda _: [command], sender)


def _taskiq() -> Any:
    def sender(_url: str) -> Send:
        from benchmarks.rivals.taskiq_task import broker, process

        async def send_all(batch: Sequence[bytes]) -> None:
            await broker.startup()
            for article in batch:
                await process.kiq(orjson.loads(article))
            await broker.shutdown()

        return lambda batch: asyncio.run(send_all(batch))

    command = [PYTHON, "-m", "taskiq", "worker", "benchmarks.rivals.taskiq_task:broker"]
    return _rival(lambda _: [[*command, "--workers", str(CORES)]], sender)


def _rq() -> Any:
    def sender(url: str) -> Send:
        from rq import Queue

        from benchmarks.rivals.rq_task import process

        queue = Queue(connection=redis.Redis.from_url(url))
        return _one_by_one(lambda article: queue.enqueue(process, article, result_ttl=0))

    def commands(url: str) -> list[list[str]]:
        worker = [PYTHON, "-m", "rq.cli", "worker", "--url", url, "-w", "rq.SimpleWorker"]
        return [[*worker, "--path", "."]] * CORES

    return _rival(commands, sender)


RIVALS = (
    ("dramatiq, a task an article", "dramatiq", _dramatiq),
    ("taskiq, a task an article", "taskiq_redis", _taskiq),
    ("rq, a job an article", "rq", _rq),
)

if __name__ == "__main__":
    harness.run(measure)
