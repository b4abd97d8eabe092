"""The capacity model: people to operations, operations to busy processors and writers; and a simulation that checks it."""

import heapq
import math
import random
from dataclasses import dataclass, field

DAY = 86_400
KINDS = ("refresh", "login-returning", "login-new", "profile")
# Writes of one transaction, at most: src/storage/writer/rows.rs.
MOST = 64
# The clean-up removes 500 rows and then pauses four times as long as it took (src/storage/cleanup.rs, src/app.rs): 4.7 ms by pgbench
# on PostgreSQL, 500 sessions of 200,000 at a time. Of one replica; several do not take the same rows.
REMOVED_PER_SECOND = 500 / 0.025


@dataclass
class Share:
    """Processor time of an operation, which is the smaller the more share a batch: `each` + `shared` / batch."""

    shared: float
    each: float

    @classmethod
    def between(cls, alone: float, together: float, batch: float) -> "Share":
        shared = max((alone - together) / (1 - 1 / batch), 0)
        return cls(shared, max(min(alone, together) - shared / batch, 0))

    def at(self, batch: float) -> float:
        return self.each + self.shared / batch


@dataclass
class Cost:
    """Of one operation, in microseconds: of the process, of the database's own processes, of the writer's time."""

    gateway: Share
    database: Share
    writer: float


@dataclass
class Costs:
    """A writer's batch of n operations takes `commit` + their own shares, one batch after the other. Where two are on their way at
    once, what that saves is in the `commit` that was fitted."""

    kinds: dict[str, Cost]
    commit: float

    def most_per_second(self, kind: str) -> float:
        return 1e6 / (self.commit / MOST + self.kinds[kind].writer)


@dataclass
class People:
    """The assumptions. Each is an option of bench/capacity.py."""

    daily_share: float
    logins_per_day: float
    new_share: float
    visits: float
    active_minutes: float
    access_minutes: float
    profile_reads: float
    peak: float

    def a_day(self, monthly: float) -> dict[str, float]:
        """Operations of an average day. A visit begins with a refresh, and each lifetime of an access token needs another."""
        daily = monthly * self.daily_share
        return {
            "refresh": daily * (self.visits + self.active_minutes / self.access_minutes),
            "login-returning": daily * self.logins_per_day,
            "login-new": monthly * self.new_share / 30,
            "profile": daily * self.visits * self.profile_reads,
        }

    def at_peak(self, monthly: float) -> dict[str, float]:
        """Operations a second."""
        return {kind: count * self.peak / DAY for kind, count in self.a_day(monthly).items()}


@dataclass
class Busy:
    """What share of the time; `of_most` is the share of what the writer could do at full batches."""

    processors: float
    writer: float
    of_most: float
    batch: float
    database_cores: float
    batches_per_second: float


def model(load: dict[str, float], costs: Costs, replicas: int, processors: int) -> Busy:
    writes = {kind: rate for kind, rate in load.items() if kind != "profile"}
    rate = sum(writes.values()) / replicas
    row = sum(rate * costs.kinds[kind].writer for kind, rate in writes.items()) / sum(writes.values()) / 1e6
    commit = costs.commit / 1e6
    writer, batch = steady(rate, row, commit)
    gateway = sum(rate * costs.kinds[kind].gateway.at(batch) for kind, rate in load.items()) / 1e6
    database = sum(rate * costs.kinds[kind].database.at(batch) for kind, rate in load.items()) / 1e6
    return Busy(
        processors=gateway / (replicas * processors),
        writer=writer,
        of_most=rate * (commit / MOST + row),
        batch=batch,
        database_cores=database,
        batches_per_second=rate * replicas / batch,
    )


def steady(rate: float, row: float, commit: float) -> tuple[float, float]:
    """How busy a writer is, and its batch. A batch of n takes commit + n x row; the next is who came meanwhile, or, when nobody
    came, the next one alone: a writer may be always busy and yet far from its most."""
    if rate * (commit + MOST * row) >= MOST:
        return 1.0, MOST
    size, before = 1.0, 0.0
    while abs(size - before) > 1e-6:
        before = size
        came = rate * (commit + size * row)
        size = came + math.exp(-came)
    took = commit + size * row
    return took / (took + math.exp(-came) / rate), size


@dataclass
class Process:
    """One replica of a simulation."""

    processors: list[float]
    waiting: list[tuple[float, str, float]] = field(default_factory=list)
    batch: list[tuple[float, str, float]] = field(default_factory=list)


class Simulation:
    """Operations arrive at random, queue for a processor, then for the writer, and are answered after the commit."""

    def __init__(self, costs: Costs, replicas: int, processors: int, batch: float, seed: int = 1):
        self.costs, self.chance, self.at_batch = costs, random.Random(seed), batch
        self.processes = [Process([0.0] * processors) for _ in range(replicas)]
        self.events: list[tuple[float, int, str, tuple]] = []
        self.order = 0
        self.now = self.gateway_busy = self.writer_busy = 0.0
        self.took: list[float] = []

    def open(self, load: dict[str, float], operations: int) -> "Simulation":
        """People who do not wait for each other."""
        kinds, edges, total = list(load), [], 0.0
        for kind in kinds:
            total += load[kind]
            edges.append(total)
        at = 0.0
        for _ in range(operations):
            at -= math.log(1 - self.chance.random()) / total
            drawn = self.chance.random() * total
            kind = next(kind for kind, edge in zip(kinds, edges) if drawn <= edge)
            self.drain(at)
            self.arrive(at, kind)
        self.drain(math.inf)
        return self

    def closed(self, kind: str, connections: int, operations: int) -> float:
        """As bench/ measures: each connection sends when it was answered. Operations a second."""
        for _ in range(connections):
            self.arrive(0.0, kind)
        while len(self.took) < operations:
            done = len(self.took)
            self.step()
            for _ in range(len(self.took) - done):
                self.arrive(self.now, kind)
        return len(self.took) / self.now

    def drain(self, until: float) -> None:
        while self.events and self.events[0][0] <= until:
            self.step()

    def step(self) -> None:
        self.now, _, what, subject = heapq.heappop(self.events)
        getattr(self, what)(*subject)

    def later(self, at: float, what: str, *subject) -> None:
        self.order += 1
        heapq.heappush(self.events, (at, self.order, what, subject))

    def arrive(self, at: float, kind: str) -> None:
        # Exponential: an operation that takes twice its mean is nothing unusual on a shared machine.
        service = -math.log(1 - self.chance.random()) * self.costs.kinds[kind].gateway.at(self.at_batch) / 1e6
        process = self.processes[int(self.chance.random() * len(self.processes))]
        begins = max(at, heapq.heappop(process.processors))
        heapq.heappush(process.processors, begins + service)
        self.gateway_busy += service
        self.later(begins + service, "ready", process, at, kind)

    def ready(self, process: Process, arrived: float, kind: str) -> None:
        if kind == "profile":
            self.took.append(self.now - arrived)
            return
        process.waiting.append((arrived, kind, self.now))
        if not process.batch:
            self.write(process)

    def write(self, process: Process) -> None:
        process.batch, process.waiting = process.waiting[:MOST], process.waiting[MOST:]
        took = self.costs.commit + sum(self.costs.kinds[kind].writer for _, kind, _ in process.batch)
        self.writer_busy += took / 1e6
        self.later(self.now + took / 1e6, "committed", process)

    def committed(self, process: Process) -> None:
        self.took += [self.now - arrived for arrived, _, _ in process.batch]
        process.batch = []
        if process.waiting:
            self.write(process)

    def found(self) -> dict[str, float]:
        took = sorted(self.took)
        processors = sum(len(process.processors) for process in self.processes)
        return {
            "processors": self.gateway_busy / (self.now * processors),
            "writer": self.writer_busy / (self.now * len(self.processes)),
            "p50_ms": took[len(took) // 2] * 1000,
            "p99_ms": took[len(took) * 99 // 100] * 1000,
        }
