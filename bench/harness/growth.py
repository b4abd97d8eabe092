"""Whether a full database is slower: the same work with few people and with a million."""

import contextlib
import os
import random
import time

from . import places, seed
from .measure import REPETITIONS, Turn, shown
from .postgres import Cluster
from .systems import all_systems

FEW = 2_000
MANY = int(os.environ.get("BENCH_GROWTH_USERS", "20000" if places.IS_QUICK else "1000000"))
CONNECTIONS = [1, 16]
# Sessions and people of one run: enough that hardly one comes twice.
SAMPLE = 20_000


class Filled:
    """A gateway with so many people, and those of its sessions that no run has used yet."""

    def __init__(self, turn: Turn, users: int, say):
        self.users, self.turn = users, turn
        self.turn.start_kakao()
        self.turn.start_app()
        self.writer = seed.Writer(seed.sign_in(self.turn.setting, 4_000_000_001))
        self.turn.stop_both()
        live: list = []
        begun = time.monotonic()
        if turn.cluster:
            seed.fill_postgres(self.turn.setting, turn.cluster, users, live)
        else:
            seed.fill_sqlite(self.turn.setting, users, live)
        random.shuffle(live)
        runs = REPETITIONS * len(CONNECTIONS)
        share = min(SAMPLE, users // runs)
        self.shares = [live[at * share : (at + 1) * share] for at in range(runs)]
        tokens = users * seed.TOKENS_PER_SESSION
        say(f"{turn.system.name}: {users:,} users, {tokens:,} tokens in {time.monotonic() - begun:.0f} s")

    def measure(self, results: dict, say) -> None:
        self.turn.start_kakao()
        results.setdefault("cold_start_ms", []).append(self.turn.start_app())
        for connections in CONNECTIONS:
            share = self.shares.pop()
            sessions, known = self.turn.folder / "sessions", self.turn.folder / "known"
            sessions.write_text("".join(f"{one[0]} {self.writer.write(*one[1:])}\n" for one in share))
            known.write_text("".join(f"{one[0]}\n" for one in share))
            for scenario, more in (
                ("refresh", ["--sessions", sessions]),
                ("login-returning", ["--known", known]),
                ("login-new", []),
            ):
                measured = self.turn.run(scenario, connections, *more)
                results.setdefault("runs", {}).setdefault(scenario, {}).setdefault(str(connections), []).append(
                    measured
                )
                say(f"{self.users:,} users, {scenario} x{connections}: {shown(measured)}")
        results.setdefault("after_load", []).append(self.turn.memory())
        self.turn.stop_both()


def measure(say) -> dict:
    results: dict = {"users": MANY, "tokens": MANY * seed.TOKENS_PER_SESSION, "few": FEW, "quick": places.IS_QUICK}
    for system in all_systems():
        if system.driver != "munjigi" or system.name not in os.environ.get("BENCH_SYSTEMS", system.name):
            continue
        system.install()
        cluster = Cluster() if system.engine == "PostgreSQL" else None
        try:
            with cluster or contextlib.nullcontext(), contextlib.ExitStack() as open_turns:
                both = {}
                for name, users in (("few", FEW), ("many", MANY)):
                    both[name] = Filled(open_turns.enter_context(Turn(system, cluster)), users, say)
                for _ in range(REPETITIONS):
                    # By turns, so that both see the same machine.
                    for name, filled in both.items():
                        filled.measure(results.setdefault(system.name, {}).setdefault(name, {}), say)
        finally:
            if cluster:
                cluster.remove()
    return results
