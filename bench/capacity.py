#!/usr/bin/env python3
"""Checks the capacity model against a simulation.

The model turns monthly users into operations a second at the peak, and those, with the measured cost of each operation,
into the time each replica's processors and each database shard's writer are busy. The simulation lets the same operations
arrive at random, queue and be served, and must find the same; what it adds is the waiting, which no average shows.

    bench/capacity.py --monthly-users 10000000 --replicas 2 --shards 1
"""

import argparse
import heapq
import json
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

DAY = 86_400
# The simulation has to find the model's utilisation within this, or one of them is wrong.
TOLERANCE = 0.05


@dataclass
class Costs:
    """Of one operation."""

    gateway_us: float
    writer_us: float


@dataclass
class Load:
    """Operations a second at the peak."""

    refresh: float
    login_returning: float
    login_new: float

    @property
    def all(self) -> dict[str, float]:
        return {"refresh": self.refresh, "login-returning": self.login_returning, "login-new": self.login_new}


@dataclass
class Writer:
    """A database shard takes what waits, up to `most`, as one commit: `commit_us` and a share for each."""

    commit_us: float
    most: int


def load_of(options) -> Load:
    """Daily users sign in rarely and refresh while they are active; the day's peak is so many times its average."""
    daily = options.monthly_users * options.daily_share
    a_second = options.peak / DAY
    refreshes = daily * options.active_minutes / options.access_minutes
    return Load(
        refresh=refreshes * a_second,
        login_returning=daily * options.logins_per_day * a_second,
        login_new=options.monthly_users * options.new_share / 30 * a_second,
    )


def model(load: Load, costs: dict[str, Costs], writer: Writer, options) -> tuple[float, float, float]:
    """How busy a replica's processors are and a shard's writer is, and the share of the most that the writer could do."""
    rates = load.all
    gateway = sum(rates[name] * costs[name].gateway_us for name in rates) / 1e6
    processors = gateway / (options.replicas * options.processors)
    rate = sum(rates.values()) / options.shards
    row_us = sum(rates[name] * costs[name].writer_us for name in rates) / sum(rates.values())
    row, commit = row_us / 1e6, writer.commit_us / 1e6
    # A writer that nobody waits for commits each operation alone: it may be always busy and far from its most.
    return processors, writer_busy(rate, row, commit, writer.most), rate * (commit / writer.most + row)


def writer_busy(rate: float, row: float, commit: float, most: int) -> float:
    """A batch of n takes commit + n x row; behind it waits who came meanwhile, or, when nobody came, the next one alone."""
    if rate * (commit + most * row) >= most:
        return 1.0
    size = 1.0
    for _ in range(1000):
        came = rate * (commit + size * row)
        size = came + math.exp(-came)
    took = commit + size * row
    return took / (took + math.exp(-came) / rate)


def simulate(load: Load, costs: dict[str, Costs], writer: Writer, options) -> dict:
    """Poisson arrivals; processors serve one by one, then the shard's writer in batches; the answer comes after the commit."""
    chance = random.Random(options.seed)
    names, rates = zip(*load.all.items())
    total = sum(rates)
    replicas = [[0.0] * options.processors for _ in range(options.replicas)]
    queues: list[list[tuple[float, float, str]]] = [[] for _ in range(options.shards)]
    gateway_busy = 0.0
    now = 0.0
    while now < options.seconds:
        now += chance.expovariate(total)
        name = chance.choices(names, rates)[0]
        # Exponential: an operation that takes twice its mean is nothing unusual on a shared machine.
        service = chance.expovariate(1e6 / costs[name].gateway_us)
        processors = chance.choice(replicas)
        begins = max(now, heapq.heappop(processors))
        heapq.heappush(processors, begins + service)
        gateway_busy += service
        queues[chance.randrange(options.shards)].append((begins + service, now, name))
    waits: list[float] = []
    writer_busy = 0.0
    for queue in queues:
        writer_busy += serve_batches(sorted(queue), costs, writer, waits)
    waits.sort()
    return {
        "gateway": gateway_busy / (now * options.replicas * options.processors),
        "writer": writer_busy / (now * options.shards),
        "p50_ms": waits[len(waits) // 2] * 1000,
        "p99_ms": waits[len(waits) * 99 // 100] * 1000,
    }


def serve_batches(queue: list, costs: dict[str, Costs], writer: Writer, waits: list[float]) -> float:
    free, at, busy = 0.0, 0, 0.0
    while at < len(queue):
        begins = max(free, queue[at][0])
        until = at
        took = writer.commit_us / 1e6
        while until < len(queue) and until - at < writer.most and queue[until][0] <= begins:
            took += costs[queue[until][2]].writer_us / 1e6
            until += 1
        free = begins + took
        busy += took
        waits.extend(free - queue[index][1] for index in range(at, until))
        at = until
    return busy


def measured_costs(results: dict, engine: str) -> tuple[dict[str, Costs], Writer]:
    """Of `make bench` and `make bench-limits`: the gateway's processor time at 64 connections; a commit and a row of the engine."""
    from harness.figures import cpu, dig, middle

    system = dig(results, "bench", "systems", f"munjigi-{engine}") or {}
    limits = dig(results, "limits", engine)
    each, group = (middle(limits, what, "per_second") for what in ("commit_each", "commit_of_64"))
    if not each or not group:
        raise SystemExit("capacity: RESULTS.json has no limits yet: make bench-limits")
    # One operation a commit takes c + r, sixty-four take c + 64 r.
    row_us = max((64e6 / group - 1e6 / each) / 63, 0.1)
    costs = {}
    # In pairs of rows: a refresh writes two and touches a session; a login writes a session, a token and the trail; a first
    # one two rows more.
    for name, pairs in (("refresh", 1.5), ("login-returning", 2.5), ("login-new", 4)):
        gateway = cpu(dig(system, "runs", name, "64"))
        if not gateway:
            raise SystemExit(f"capacity: RESULTS.json has no {name} of munjigi-{engine} without errors: make bench")
        costs[name] = Costs(gateway, row_us * pairs)
    return costs, Writer(max(1e6 / each - row_us, 1), 64)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monthly-users", type=float, default=10_000_000)
    parser.add_argument("--daily-share", type=float, default=0.3, help="of the monthly users on one day")
    parser.add_argument("--logins-per-day", type=float, default=0.1, help="of a daily user: a session lives for weeks")
    parser.add_argument("--new-share", type=float, default=0.05, help="of the monthly users who are new")
    parser.add_argument("--active-minutes", type=float, default=60, help="a day and daily user")
    parser.add_argument("--access-minutes", type=float, default=15, help="lifetime of an access token")
    parser.add_argument("--peak", type=float, default=5, help="times the average of the day")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--processors", type=int, default=2, help="of a replica")
    parser.add_argument("--shards", type=int, default=1, help="databases")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="postgres")
    parser.add_argument("--seconds", type=float, default=30, help="simulated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--p99-ms", type=float, default=50, help="what the p99 must not exceed, Kakao's time left out")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "RESULTS.json")
    options = parser.parse_args()
    if not options.results.exists():
        raise SystemExit(f"capacity: {options.results} is missing: make bench")
    costs, writer = measured_costs(json.loads(options.results.read_text()), options.engine)
    load = load_of(options)
    processors, shard, of_most = model(load, costs, writer, options)
    print(f"{options.monthly_users:,.0f} monthly users, peak {options.peak:g} x:")
    for name, rate in load.all.items():
        cost = costs[name]
        print(
            f"  {name:16} {rate:9,.1f}/s   {cost.gateway_us:6.0f} us of a processor, {cost.writer_us:5.1f} us of the writer"
        )
    print(f"  a commit takes {writer.commit_us:.0f} us, of up to {writer.most} operations")
    if processors >= 1 or of_most >= 1:
        print(
            f"model: processors {processors:.0%}, writer {of_most:.0%} of the most it can do: too few replicas or shards"
        )
        return 1
    found = simulate(load, costs, writer, options)
    print(f"model:      processors {processors:6.1%}, writer {shard:6.1%} ({of_most:.1%} of the most it can do)")
    print(f"simulation: processors {found['gateway']:6.1%}, writer {found['writer']:6.1%}", end="")
    print(f", p50 {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms")
    agrees = all(
        abs(one - other) <= max(TOLERANCE * other, 0.005)
        for one, other in ((processors, found["gateway"]), (shard, found["writer"]))
    )
    if not agrees:
        print("model and simulation disagree")
    if found["p99_ms"] > options.p99_ms:
        print(f"p99 above {options.p99_ms:g} ms: too few replicas or shards")
    return 0 if agrees and found["p99_ms"] <= options.p99_ms else 1


if __name__ == "__main__":
    sys.exit(main())
