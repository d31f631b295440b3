"""What faults and backlogs cost: recovery, throughput under kills, live latency, memory.

`python -m benchmarks.faults [recovery|kills|live|memory …] [--articles N]`. Everything runs on one machine:
an embedded server, an intake and two workers of one process each, the profile `light`, SQLite.
"""

import argparse
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks import harness
from benchmarks.generate import articles
from worker.broker import EmbeddedBroker
from worker.lanes import GROUP, Keys, Lane
from worker.publisher import Publisher
from worker.services import connect
from worker.settings import Settings
from worker.status import read_status
from worker.supervisor import Role, Supervisor, worker_command

KILL_EVERY = 10.0
WARM = 2_000
"""Articles after which memory is looked at: before, a process meets most words for the first time."""


class Site:
    """A running desk of two workers that may be killed."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.client = connect(settings)
        self.publisher = Publisher(settings)
        self.keys = Keys(settings.namespace)

    def settled(self) -> int:
        """Return how many articles have their outcome."""
        status = read_status(self.client, self.settings.namespace)
        return sum(sum(lane.outcomes.values()) for lane in status.lanes)

    def workers(self) -> list[Role]:
        """Return the roles that are workers."""
        return [role for role in self.supervisor.roles if role.name.startswith("worker")]

    def children(self) -> list[int]:
        """Return the process ids of all pool children."""
        found = []
        for role in self.workers():
            assert role.process
            listed = subprocess.run(
                ["pgrep", "-P", str(role.process.pid)], capture_output=True, text=True, check=False
            )
            found += [int(line) for line in listed.stdout.split()]
        return found

    def revive(self) -> None:
        """Start again what has died; deaths are meant here."""
        for role in self.supervisor.roles:
            role.quick_deaths = 0
        self.supervisor.check()

    def carry(self, bodies: list[bytes], each: Callable[[], None] | None = None) -> float:
        """Publish all, call `each` several times a second until all are settled; return the seconds."""
        goal, started = self.settled() + len(bodies), time.monotonic()
        for _ in self.publisher.publish_many(bodies):
            pass
        while self.settled() < goal:
            if each:
                each()
            time.sleep(0.1)
        return time.monotonic() - started


@contextmanager
def site(*, low_latency: bool = False) -> Iterator[Site]:
    """Run an embedded server, an intake and two workers of one process each."""
    with harness.folder() as path, EmbeddedBroker(path) as broker:
        settings = Settings(
            data_dir=path, redis_url=broker.url, profile="light", concurrency=1, log_level="warning",
            raw_max_length=20_000, output_max_length=10_000, low_latency=low_latency,
        )  # fmt: skip
        supervisor = Supervisor(settings, log_file=path / "bench.log")
        supervisor.roles = [role for role in supervisor.roles if role.name == "intake"]
        supervisor.roles += [
            Role(f"worker {n}", worker_command(settings, ["--hostname", f"w{n}@%h"]))
            for n in range(2)
        ]
        with supervisor:
            one = Site(settings, supervisor)
            one.carry(bodies(200, seed=1))
            yield one


def bodies(count: int, *, seed: int) -> list[bytes]:
    """Return raw articles that no other seed has."""
    made = []
    for article in articles(count, seed=seed):
        article["url"] = f"{article['url']}?s={seed}"
        made.append(orjson.dumps(article))
    return made


def recovery(rounds: int = 5) -> harness.Report:
    """Kill a process at work; measure until all entries that it held have their outcome."""
    report = harness.Report("Recovery of the entries of a killed process", unit="s")
    with site() as one:
        stream = one.keys.raw(Lane.LIVE)
        for number in range(rounds):
            for _ in one.publisher.publish_many(bodies(600, seed=10 + number)):
                pass
            held: list[Any] = []
            while not held:
                for consumer in one.client.xinfo_consumers(stream, GROUP):
                    name = consumer["name"]
                    if name.startswith(b"worker:") and consumer["pending"]:
                        held = one.client.xpending_range(stream, GROUP, "-", "+", 100, name)
                        break
            with suppress(ProcessLookupError):
                os.kill(int(name.rsplit(b":", 1)[1]), signal.SIGKILL)
            killed = time.monotonic()
            ids = [entry["message_id"] for entry in held]
            while any(one.client.xpending_range(stream, GROUP, i, i, 1) for i in ids):
                time.sleep(0.05)
            report.add("from the kill to the last outcome", time.monotonic() - killed)
            one.carry([])
            harness.wait_until(lambda: one.client.xpending(stream, GROUP)["pending"] == 0)
    return report


def kills(count: int) -> harness.Report:
    """Compare the throughput with a process, and with a whole worker, killed every ten seconds."""
    report = harness.Report("Throughput with kills every ten seconds")
    with site() as one:
        last = 0.0

        def kill_child() -> None:
            nonlocal last
            if time.monotonic() - last > KILL_EVERY:
                last = time.monotonic()
                with suppress(ProcessLookupError, IndexError):
                    os.kill(one.children()[int(last) % 2], signal.SIGKILL)
            one.revive()

        def kill_worker() -> None:
            nonlocal last
            if time.monotonic() - last > KILL_EVERY:
                last = time.monotonic()
                role = one.workers()[int(last / KILL_EVERY) % 2]
                assert role.process
                with suppress(ProcessLookupError):
                    os.killpg(role.process.pid, signal.SIGKILL)
            one.revive()

        sides = {
            "undisturbed": None,
            "a process killed": kill_child,
            "a worker killed": kill_worker,
        }
        for number, (name, each) in enumerate(sides.items()):
            batch = bodies(count, seed=30 + number)
            last = time.monotonic() - KILL_EVERY / 2
            report.add(name, len(batch) / one.carry(batch, each))
    report.compare("process_kills_to_undisturbed", "a process killed", "undisturbed")
    report.compare("worker_kills_to_undisturbed", "a worker killed", "undisturbed")
    return report


def live(  # noqa: C901 - one loop, two clocks
    count: int, seconds: float, *, low_latency: bool
) -> list[harness.Report]:
    """Publish ten live articles a second while a backlog drains; take their latency."""
    latency = harness.Report("Live articles, from publishing to the output stream", unit="s")
    with site(low_latency=low_latency) as one:
        source = iter(articles(count, seed=50))
        fresh = iter(bodies(20_000, seed=51))
        goal, started = one.settled() + count, time.monotonic()
        published, sent, waiting = 0, 0.0, {}
        last_id, looked = "0-0", 0.0
        while True:
            while published < count and published - (one.settled() - goal + count) < 50_000:
                chunk = [orjson.dumps(article) for article in islice(source, 500)]
                for _ in one.publisher.publish_many(chunk, lane=Lane.BACKLOG):
                    pass
                published += len(chunk)
                if time.monotonic() - sent > 0.1:
                    break
            if time.monotonic() - sent >= 0.1:
                sent = time.monotonic()
                body = next(fresh)
                url = orjson.loads(body)["url"].partition("?")[0]
                waiting[url] = int(one.publisher.publish(body).split("-")[0])
                goal += 1
            for entry_id, fields in one.client.xrange(one.keys.articles, f"({last_id}", count=1000):
                last_id = entry_id.decode()
                address = orjson.loads(fields[b"article"])["url"] or ""
                if began := waiting.pop(address.partition("?")[0], None):
                    latency.add("live", (int(last_id.split("-")[0]) - began) / 1000)
            if time.monotonic() - looked > 5:
                looked = time.monotonic()
                done, passed = one.settled(), looked - started
                print(f"{done:>8,} settled, {done / passed:,.0f}/s", flush=True)
                if passed > seconds or (done >= goal - 5 and published >= count):
                    latency.notes.append(f"{done:,} articles settled in {passed:.0f} s")
                    break
            time.sleep(0.01)
    values = sorted(latency.sides["live"])
    for share in (0.5, 0.99):
        latency.notes.append(f"p{share * 100:.0f}: {values[int(share * (len(values) - 1))]:.3f} s")
    return [latency]


def memory(count: int, seconds: float) -> list[harness.Report]:
    """Carry `count` articles through; take the memory of each kind of process on the way."""
    report = harness.Report("Memory of the processes", unit="MB")
    with site() as one:
        source, before, started = iter(articles(count, seed=60)), one.settled(), time.monotonic()
        published, sampled = 0, 0.0
        while (done := one.settled() - before) < count and time.monotonic() - started < seconds:
            if published < count and published - done < 4_000:
                chunk = [orjson.dumps(article) for article in islice(source, 500)]
                for _ in one.publisher.publish_many(chunk, lane=Lane.BACKLOG):
                    pass
                published += len(chunk)
            elif published - done >= 4_000:
                time.sleep(0.1)
            if time.monotonic() - sampled > 2:
                sampled = time.monotonic()
                sizes = {
                    "pool processes": one.children(),
                    "main processes": [role.process.pid for role in one.workers() if role.process],
                    "intake": [one.supervisor.roles[0].process.pid],  # type: ignore[union-attr]
                }
                took = {name: sum(map(resident, ids)) / 1e6 for name, ids in sizes.items()}
                print(f"{done:>8,} settled, {took['pool processes']:,.0f} MB", flush=True)
                if done > WARM:
                    for name, size in took.items():
                        report.add(name, size)
        report.notes.append(
            f"{done:,} articles settled in {time.monotonic() - started:.0f} s; counted from {WARM:,} on"
        )
    for name, values in report.sides.items():
        tenth = max(1, len(values) // 10)
        first, last = statistics.mean(values[:tenth]), statistics.mean(values[-tenth:])
        report.notes.append(
            f"{name}: {first:,.1f} MB over the first tenth, {last:,.1f} over the last: {last / first:.3f}"
        )
    return [report]


def resident(process: int) -> int:
    """Return the memory of a process that is in RAM and its own, in bytes (Linux)."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Run the parts that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = ("recovery", "kills", "live", "memory")
    parser.add_argument("parts", nargs="*", default=known, metavar="PART", help=", ".join(known))
    parser.add_argument(
        "--articles", type=int, default=50_000, help="articles of the parts live and memory"
    )
    parser.add_argument(
        "--seconds", type=float, default=1800.0, help="bound of the parts live and memory"
    )
    parser.add_argument("--low-latency", action="store_true", help="for the part live")
    parser.add_argument("--kills", type=int, default=24_000, help="articles a side under kills")
    options = parser.parse_args()
    for part in set(options.parts) - set(known):
        parser.error(f"there is no part {part}; known are {', '.join(known)}")
    print(harness.machine())
    for part in options.parts:
        reports = {
            "recovery": lambda: [recovery()],
            "kills": lambda: [kills(options.kills)],
            "live": lambda: live(
                options.articles, options.seconds, low_latency=options.low_latency
            ),
            "memory": lambda: memory(options.articles, options.seconds),
        }[part]()
        for report in reports:
            report.print()


if __name__ == "__main__":
    main()
