"""How many machines for how many people, and what is used up first."""

import math
from dataclasses import dataclass

from . import costs
from .capacity import DAY, REMOVED_PER_SECOND, Busy, People, Simulation, model
from .costs import NotMeasured
from .figures import dig

TIERS = (10_000, 1_000_000, 10_000_000, 100_000_000)
SIMULATED = 60_000
# What nobody will reach.
EVERYBODY = 10e9
KEEP_SESSION_DAYS, KEEP_AUDIT_DAYS = 30, 365


@dataclass
class Limits:
    processors: int
    busy: float
    idle_days: float
    session_days: float
    registered: float
    sign_outs: float
    slack: float
    pool: int
    kakao_quota: float
    kakao_calls: float
    connections: int
    database_cores: int
    wal_mb: float
    table_rows: float


@dataclass
class Tier:
    monthly: float
    engine: str
    load: dict[str, float]
    replicas: int
    # While one replica is missing, where there are several.
    busy: Busy
    found: dict[str, float]
    database_cores: float
    wal_mb: float
    wal_mb_after_checkpoint: float
    rows: dict[str, float]
    disk_gb: float
    rows_written_a_month: float
    sign_outs: float
    kakao_calls_a_month: float
    connections: int


class Sizing:
    def __init__(self, results: dict, people: People, limits: Limits):
        self.results, self.people, self.limits = results, people, limits
        self.costs = {engine: costs.of_engine(results, engine) for engine in ("sqlite", "postgres")}
        self.storage = results.get("storage")
        if not self.storage:
            raise NotMeasured("RESULTS.json has no storage yet: make bench-storage")
        self.tiers = [self.tier(monthly) for monthly in TIERS]

    def of_writer(self, monthly: float, engine: str, replicas: int) -> Busy:
        return model(self.people.at_peak(monthly), self.costs[engine], replicas, self.limits.processors)

    def fits(self, busy: Busy) -> bool:
        return max(busy.processors, busy.of_most) <= self.limits.busy

    def replicas(self, monthly: float) -> int:
        """On PostgreSQL: one more than do the work, so that one may be missing."""
        # The writer's share of its most is exactly so many times less with so many replicas; the processors' is not.
        working = max(1, math.ceil(self.of_writer(monthly, "postgres", 1).of_most / self.limits.busy - 1e-9))
        while not self.fits(self.of_writer(monthly, "postgres", working)):
            working += 1
        return working + 1

    def tier(self, monthly: float) -> Tier:
        # The smallest is one machine; from the next on a machine may be missing.
        engine = "sqlite" if monthly == TIERS[0] else "postgres"
        replicas = 1 if engine == "sqlite" else self.replicas(monthly)
        working = max(replicas - 1, 1)
        load, busy = self.people.at_peak(monthly), self.of_writer(monthly, engine, working)
        simulation = Simulation(self.costs[engine], working, self.limits.processors, busy.batch)
        full = self.of_writer(monthly, engine, replicas)
        rows = self.rows(monthly)
        return Tier(
            monthly=monthly,
            engine=engine,
            load=load,
            replicas=replicas,
            busy=busy,
            found=simulation.open(load, SIMULATED).found(),
            database_cores=full.database_cores,
            wal_mb=self.wal_mb(load, "wal_bytes"),
            wal_mb_after_checkpoint=self.wal_mb(load, "wal_bytes_after_checkpoint"),
            rows=rows,
            disk_gb=self.disk_gb(rows),
            rows_written_a_month=30 * sum(self.inserted_a_day(monthly).values()),
            sign_outs=(load["login-returning"] + load["login-new"]) * self.limits.sign_outs,
            kakao_calls_a_month=self.kakao_calls(monthly),
            connections=replicas * (self.limits.pool + 1) if engine == "postgres" else 0,
        )

    def wal_mb(self, load: dict[str, float], which: str) -> float:
        operations = self.storage["operations"]
        return sum(load[kind] * found[which] for kind, found in operations.items()) / 1e6

    def logins_a_day(self, monthly: float) -> float:
        a_day = self.people.a_day(monthly)
        return a_day["login-returning"] + a_day["login-new"]

    def kakao_calls(self, monthly: float) -> float:
        return 30 * self.logins_a_day(monthly) * self.limits.kakao_calls

    def inserted_a_day(self, monthly: float) -> dict[str, float]:
        """By table; as counted in the database, and an event for each session that is ended."""
        a_day, inserted = self.people.a_day(monthly), {}
        for kind, found in self.storage["operations"].items():
            for table, count in found["rows"].items():
                inserted[table] = inserted.get(table, 0) + a_day[kind] * count
        inserted["audit_events"] += self.logins_a_day(monthly) * self.limits.sign_outs
        return inserted

    def removed_a_day(self, monthly: float) -> float:
        """As many as come, in the long run; people stay."""
        inserted = self.inserted_a_day(monthly)
        return sum(inserted[table] for table in ("refresh_tokens", "sessions", "audit_events"))

    def rows(self, monthly: float) -> dict[str, float]:
        """At most, when everything has been running for as long as anything is kept."""
        inserted, registered = self.inserted_a_day(monthly), monthly * self.limits.registered
        return {
            "refresh_tokens": inserted["refresh_tokens"] * self.limits.idle_days,
            "sessions": inserted["sessions"] * (self.limits.session_days + KEEP_SESSION_DAYS),
            "audit_events": inserted["audit_events"] * KEEP_AUDIT_DAYS,
            "users": registered,
            "identities": registered,
        }

    def disk_gb(self, rows: dict[str, float]) -> float:
        each = self.storage["bytes_per_row"]
        return sum(count * each[table] for table, count in rows.items()) * self.limits.slack / 1e9

    def breaking_points(self) -> list[tuple[float, str, float]]:
        """Monthly users at which something is used up, its name and its limit; the first comes first."""
        limits = self.limits

        def database(monthly: float) -> float:
            return self.of_writer(monthly, "postgres", self.replicas(monthly)).database_cores

        def of_sqlite(monthly: float) -> float:
            busy = self.of_writer(monthly, "sqlite", 1)
            return max(busy.processors, busy.of_most)

        def wal(monthly: float) -> float:
            return self.wal_mb(self.people.at_peak(monthly), "wal_bytes_after_checkpoint")

        uses = {
            "kakao": (self.kakao_calls, limits.kakao_quota),
            "sqlite": (of_sqlite, limits.busy),
            "tokens": (lambda monthly: self.rows(monthly)["refresh_tokens"], limits.table_rows),
            "audit": (lambda monthly: self.rows(monthly)["audit_events"], limits.table_rows),
            "cleanup": (lambda monthly: self.removed_a_day(monthly) / DAY, REMOVED_PER_SECOND),
            "wal": (wal, limits.wal_mb),
            "connections": (lambda monthly: self.replicas(monthly) * (limits.pool + 1), limits.connections),
            "cores": (lambda monthly: database(monthly) / limits.busy, limits.database_cores),
        }
        return sorted((first(use, limit), name, limit) for name, (use, limit) in uses.items())

    def conditions(self) -> dict:
        return dig(self.results, "bench", "conditions") or {}


def first(use, limit: float) -> float:
    """How many people it takes until `use`, which grows with them, is above `limit`."""
    low, high = 1.0, EVERYBODY
    for _ in range(40):
        middle = (low * high) ** 0.5
        if use(middle) > limit:
            high = middle
        else:
            low = middle
    return low
