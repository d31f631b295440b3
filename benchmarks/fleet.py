"""A fleet that no two cores can run: capacity from measured costs, and a simulation with failures.

`python -m benchmarks.fleet [PROCESSES]` prints the capacity table, then carries twenty minutes of a day's
peak through a model of 100 worker processes: random arrivals, batches as the intake makes them, service
times from `costs.json`, processes that die and come back, a Redis that fails over, articles that kill
whoever touches them. The model has the lease and the isolation of the real engine; what it shows is how
much of the fleet a failure takes, and for how long.
"""

import heapq
import itertools
import random
import statistics
import sys
from collections import deque
from dataclasses import dataclass, field

from benchmarks.costs import read_costs
from benchmarks.memory import OUTPUT, RAW, STORED, read_bytes
from worker.entries import PART
from worker.settings import Settings

PEAK = 3.0
"""A busy hour against the mean of the day."""
BUSY = 0.6
"""How busy workers may be at the peak."""
NEW = 0.65
"""Share of articles that are not copies."""
INDEX_BYTES = 300
"""A new article in a large index, 206, and what its copies leave there (docs/deduplication.md)."""
# List prices in dollars, of the order that large clouds ask for on demand: change them to your own.
CORE_HOUR, REDIS_GIGABYTE_MONTH, STORE_GIGABYTE_MONTH = 0.045, 12.0, 0.115


@dataclass(slots=True)
class Fleet:
    """The parameters of a simulation. Times are in seconds."""

    processes: int = 100
    seconds: float = 1200.0
    busy: float = BUSY
    batch: int = 64
    wait: float = 0.2
    """How long the intake waits for a batch to fill."""
    lease: float = 5.0
    restart: float = 15.0
    """From a process' death to its first batch: container and models."""
    death_every: float = 0.0
    """Mean time between deaths of one process; 0: none."""
    failover_every: float = 0.0
    """Time between failovers of Redis; 0: none."""
    failover: float = 20.0
    poison: float = 0.0
    """Share of articles that kill the process that touches them; buried after three."""
    cost: float = 0.0
    """Milliseconds an article; 0: the recorded cost of the full profile."""


@dataclass(slots=True)
class Outcome:
    """What a simulation showed."""

    arrived: int = 0
    settled: int = 0
    buried: int = 0
    repeated: int = 0
    """Articles worked on again after a death."""
    deaths: int = 0
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """Articles that travel together."""

    arrived: float
    size: int
    kills: bool = False
    """One of them takes its process along, again and again."""
    deaths: int = 0


class Simulation:
    """An event loop of its own: heap of (time, order, what, batch)."""

    def __init__(self, fleet: Fleet, seed: int = 1) -> None:
        self.fleet = fleet
        self.chance = random.Random(seed)
        self.cost = (fleet.cost or read_costs()["full: worker"]) / 1000
        self.rate = fleet.processes * fleet.busy / self.cost
        self.outcome = Outcome()
        self.queue: deque[Batch] = deque()
        self.idle = fleet.processes
        self.away_until = 0.0
        self._order = itertools.count()
        self._events: list[tuple[float, int, str, Batch | None]] = []

    def run(self) -> Outcome:
        """Simulate until everything that came has its outcome."""
        fleet = self.fleet
        self._at(0.0, "arrive")
        if fleet.failover_every:
            self._at(fleet.failover_every, "fail over")
        while self._events:
            now, _, what, batch = heapq.heappop(self._events)
            if what == "arrive":
                self._arrive(now)
            elif what == "fail over":
                self.away_until = now + fleet.failover
                if now + fleet.failover_every < fleet.seconds:
                    self._at(now + fleet.failover_every, "fail over")
            elif what == "return":
                self.idle += 1
            elif batch and what == "issue":
                self.queue.append(batch)
            elif batch:
                self._settle(now, batch)
            self._hand_out(now)
        return self.outcome

    def _arrive(self, now: float) -> None:
        """Let a batch arrive; it is as full as it gets within the intake's wait."""
        size = min(self.fleet.batch, max(1, round(self.rate * self.fleet.wait)))
        kills = self.chance.random() < self.fleet.poison * size
        self.outcome.arrived += size
        self.queue.append(Batch(now, size, kills))
        following = now + self.chance.expovariate(self.rate / size)
        if following < self.fleet.seconds:
            self._at(following, "arrive")

    def _hand_out(self, now: float) -> None:
        while self.queue and self.idle:
            batch = self.queue.popleft()
            self.idle -= 1
            begins = max(now, self.away_until)  # while Redis is away everybody waits for it
            work = self.chance.gammavariate(2.0 * batch.size, self.cost / 2.0)
            dies = self.fleet.death_every and self.chance.random() < work / self.fleet.death_every
            if dies or batch.kills:
                self._die(begins + work * self.chance.random(), batch)
            else:
                self._at(begins + work, "settle", batch)

    def _die(self, now: float, batch: Batch) -> None:
        """The process dies; when the lease has run out its entries are found.

        A batch goes in parts, a part one by one; the third death that was not a part's is the last.
        """
        self.outcome.deaths += 1
        self.outcome.repeated += batch.size
        self._at(now + self.fleet.restart, "return")
        again = now + self.fleet.lease
        if batch.kills and batch.deaths == 3:
            self.outcome.buried += 1
            return
        size = PART if batch.deaths == 0 else 1
        for at in range(0, batch.size, size):
            kills = batch.kills and at == 0
            part = min(size, batch.size - at)
            self._at(again, "issue", Batch(batch.arrived, part, kills, batch.deaths + 1))

    def _settle(self, now: float, batch: Batch) -> None:
        if now < self.away_until:  # it tries on in the background until the server is back
            self._at(self.away_until, "settle", batch)
            return
        self.idle += 1
        self.outcome.settled += batch.size
        self.outcome.latencies += [now - batch.arrived] * batch.size

    def _at(self, when: float, what: str, batch: Batch | None = None) -> None:
        heapq.heappush(self._events, (when, next(self._order), what, batch))


def capacity(articles: float) -> dict[str, float]:
    """Return what a day of so many articles needs, full profile, one month of window and store."""
    costs = read_costs()
    second = articles / 86_400 * PEAK
    cores = second * costs["full: worker"] / 1000 / BUSY
    server = second * costs["full: Redis server"] / 1000
    sizes, output_length = read_bytes(), Settings.model_fields["output_max_length"].default
    memory = articles * NEW * 30 * INDEX_BYTES + output_length * sizes[OUTPUT]
    memory += articles / 24 * PEAK * sizes[RAW]  # an hour's backlog at the peak
    store = articles * 30 * sizes[STORED]
    month = cores * CORE_HOUR * 730
    month += memory / 1e9 * REDIS_GIGABYTE_MONTH + store / 1e9 * STORE_GIGABYTE_MONTH
    return {
        "peak/s": second,
        "worker cores": cores,
        "Redis cores": server,
        "Redis GB": memory / 1e9,
        "store GB/month": store / 1e9,
        "$/month": month,
    }


SCENES = {
    "nothing fails": Fleet(),
    "each process dies every hour": Fleet(death_every=3600),
    "Redis fails over every 5 min": Fleet(failover_every=300),
    "one in 100,000 kills": Fleet(poison=1e-5),
    "all of it, 80 % busy": Fleet(death_every=3600, failover_every=300, poison=1e-5, busy=0.8),
}


def main() -> None:
    """Print the table and the simulations."""
    processes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    columns = list(capacity(1e6))
    print("articles a day  " + "  ".join(f"{name:>14}" for name in columns))
    for articles in (1e6, 1e7, 1e8):
        needs = capacity(articles)
        print(f"{articles:>14,.0f}  " + "  ".join(f"{needs[name]:>14,.1f}" for name in columns))
    print(f"\nTwenty minutes of the peak, {processes} worker processes")
    print(f"{'':32}{'articles':>11}{'deaths':>8}{'again':>8}{'buried':>8}{'p50 s':>8}{'p99 s':>8}")
    for name, fleet in SCENES.items():
        fleet.processes = processes
        seen = Simulation(fleet).run()
        if seen.settled + seen.buried != seen.arrived:
            raise RuntimeError(f"{name}: {seen.arrived} arrived, {seen.settled} settled")
        p99 = statistics.quantiles(seen.latencies, n=100)[98]
        print(
            f"{name:32}{seen.arrived:>11,}{seen.deaths:>8,}{seen.repeated:>8,}{seen.buried:>8,}"
            f"{statistics.median(seen.latencies):>8.2f}{p99:>8.2f}"
        )


if __name__ == "__main__":
    main()
