"""What an operation leaves in PostgreSQL: rows, bytes of write-ahead log, and what a row of each table takes on disk."""

import random

from . import machine, measure, places, seed
from .postgres import Cluster
from .processes import NotAvailable
from .systems import all_systems

USERS = 20_000 if places.IS_QUICK else 200_000
CONNECTIONS = 16
# Sessions of one run: enough that hardly one comes twice, as it is where many people are signed in.
SAMPLE = 20_000
TABLES = list(seed.COLUMNS)


class Measured:
    def __init__(self, turn: measure.Turn, say):
        self.turn, self.cluster, self.say = turn, turn.cluster, say
        self.name = turn.setting.pg_name

    def ask(self, text: str) -> float:
        return float(self.cluster.sql(text, self.name))

    def counts(self) -> dict[str, float]:
        return {table: self.ask(f"SELECT count(*) FROM {table}") for table in TABLES}

    def bytes_per_row(self) -> dict[str, float]:
        """With the indexes."""
        counts = self.counts()
        return {table: self.ask(f"SELECT pg_total_relation_size('{table}')") / counts[table] for table in TABLES}

    def write_whole_pages(self, does: bool) -> None:
        self.cluster.sql(f"ALTER SYSTEM SET full_page_writes = {'on' if does else 'off'}")
        self.cluster.sql("SELECT pg_reload_conf()")
        self.cluster.sql("CHECKPOINT")

    def run(self, scenario: str, *more) -> tuple[float, dict[str, float]]:
        """Bytes of log and rows inserted, of one operation. Warming up is work like any other here: rows count all of it."""
        log, before = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn", self.counts()
        begun = self.ask(log)
        self.turn.run(scenario, CONNECTIONS, *more)
        written, after = self.ask(log) - begun, self.counts()
        rows = {table: after[table] - before[table] for table in TABLES}
        operations = rows["refresh_tokens"] if scenario == "refresh" else rows["sessions"]
        if operations < 100:
            raise NotAvailable(f"storage: {scenario} did nothing")
        return written / operations, {table: count / operations for table, count in rows.items()}


def measure_storage(say) -> dict:
    system = next(one for one in all_systems() if one.name == "munjigi-postgres")
    system.install()
    results: dict = {"quick": places.IS_QUICK, "conditions": machine.conditions(), "users": USERS, "operations": {}}
    cluster = Cluster()
    try:
        with cluster, measure.Turn(system, cluster) as turn:
            turn.start_kakao()
            turn.start_app()
            writer = seed.Writer(seed.sign_in(turn.setting, 4_000_000_001))
            live: list = []
            say(f"{USERS:,} users")
            seed.fill_postgres(turn.setting, cluster, USERS, live)
            random.shuffle(live)
            measured = Measured(turn, say)
            results["bytes_per_row"] = measured.bytes_per_row()
            say(str(results["bytes_per_row"]))
            for scenario in ("refresh", "login-returning", "login-new"):
                found = results["operations"][scenario] = {}
                # The log without whole pages is what every operation writes; with them, right after a checkpoint, the most.
                for name, whole in (("wal_bytes", False), ("wal_bytes_after_checkpoint", True)):
                    share, live = live[:SAMPLE], live[SAMPLE:]
                    measured.write_whole_pages(whole)
                    found[name], found["rows"] = measured.run(scenario, *of(scenario, share, writer, turn))
                say(f"{scenario}: {found}")
    finally:
        cluster.remove()
    return results


def of(scenario: str, share: list, writer: seed.Writer, turn: measure.Turn) -> list:
    """How the driver is told who is signed in, or known."""
    path = turn.folder / scenario
    if scenario == "refresh":
        path.write_text("".join(f"{one[0]} {writer.write(*one[1:])}\n" for one in share))
        return ["--sessions", path]
    if scenario == "login-returning":
        path.write_text("".join(f"{one[0]}\n" for one in share))
        return ["--known", path]
    return []
