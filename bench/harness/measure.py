"""One system at a time, alone on the machine: started, measured, stopped."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from . import places
from .postgres import Cluster
from .processes import NotAvailable, Program, free_port, run
from .systems import Setting, System

SECONDS, WARM_UP = (1, 0.3) if places.IS_QUICK else (5, 1)
CONNECTIONS = [1, 16, 64]
REPETITIONS = int(os.environ.get("BENCH_REPETITIONS", "1" if places.IS_QUICK else "3"))
BURST_DELAY_MS, SLOW_DELAY_MS = 50, 100
BURST = 512


def drive(*arguments) -> dict:
    return json.loads(run([places.DRIVER, *arguments]))


class Turn:
    """A system with a database and a folder of its own, from its start to its stop."""

    def __init__(self, system: System, cluster: Cluster | None):
        self.system, self.cluster = system, cluster
        self.folder = Path(tempfile.mkdtemp(prefix="munjigi-bench.", dir=places.SCRATCH))
        self.kakao_port = free_port()
        setting = Setting(free_port(), f"http://127.0.0.1:{self.kakao_port}", self.folder)
        if cluster:
            setting.pg_port, setting.pg_name = cluster.port, cluster.new_database()
        self.setting = setting
        self.kakao: Program | None = None
        self.app: Program | None = None

    def start_kakao(self, delay_ms: int = 0) -> None:
        listen = ["--listen", f"127.0.0.1:{self.kakao_port}", "--public-url", self.setting.kakao]
        command = [places.MUNJIGI, "mock-kakao", *listen, "--delay-ms", delay_ms]
        self.kakao = Program(command, {}, self.folder / "kakao.log")
        self.kakao.wait_for(self.kakao_port, "/.well-known/openid-configuration")

    def start_app(self) -> float:
        command, env, cwd = self.system.command(self.setting)
        self.app = Program(command, env, self.folder / "app.log", cwd)
        return self.app.wait_for(self.setting.port, self.system.health)

    def stop_app(self) -> None:
        if self.app:
            self.app.stop()
            self.app = None

    def stop_both(self) -> None:
        self.stop_app()
        if self.kakao:
            self.kakao.stop()
            self.kakao = None

    def restart(self, delay_ms: int) -> None:
        self.stop_both()
        self.start_kakao(delay_ms)
        self.start_app()

    def target(self) -> list:
        return ["--system", self.system.driver, "--app", self.setting.url, "--kakao", self.setting.kakao]

    def watched(self) -> list:
        watched = ["--watch", f"app={self.app.pid}", "--watch", f"kakao={self.kakao.pid}"]
        if self.cluster:
            watched += ["--watch", f"database={self.cluster.program.pid}"]
        return watched

    def run(self, scenario: str, connections: int, *more) -> dict:
        amount = ["--connections", connections, "--seconds", SECONDS, "--warm-up", WARM_UP]
        return drive("run", *self.target(), "--scenario", scenario, *amount, *self.watched(), *more)

    def memory(self) -> dict:
        return drive("look", f"app={self.app.pid}")[0][1]

    def close(self) -> None:
        self.stop_both()
        if self.cluster:
            self.cluster.drop(self.setting.pg_name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def measure_system(system: System, cluster: Cluster | None, results: dict, say) -> None:
    """One repetition of everything; results are lists that grow by one."""
    with Turn(system, cluster) as turn:
        system.prepare(turn.setting)
        turn.start_kakao()
        results.setdefault("first_start_ms", []).append(turn.start_app())
        turn.stop_app()
        results.setdefault("cold_start_ms", []).append(turn.start_app())
        time.sleep(1)
        results.setdefault("idle", []).append(turn.memory())
        runs = results.setdefault("runs", {})
        for scenario in system.scenarios:
            for connections in CONNECTIONS:
                measured = turn.run(scenario, connections)
                runs.setdefault(scenario, {}).setdefault(str(connections), []).append(measured)
                say(f"{scenario} x{connections}: {shown(measured)}")
        results.setdefault("after_load", []).append(turn.memory())
        measure_slow_kakao(turn, results, say)


def measure_slow_kakao(turn: Turn, results: dict, say) -> None:
    turn.restart(SLOW_DELAY_MS)
    for scenario in ("login-returning", "login-new"):
        measured = turn.run(scenario, 16)
        results.setdefault("delay100", {}).setdefault(scenario, []).append(measured)
        say(f"{scenario} x16, {SLOW_DELAY_MS} ms a call: {shown(measured)}")
    for kind, flags in (("returning", ["--returning"]), ("new", [])):
        turn.restart(BURST_DELAY_MS)
        # A first login fetches Kakao's keys; that is not what a burst asks about.
        turn.run("login-new", 1)
        logins = 64 if places.IS_QUICK else BURST
        measured = drive("burst", *turn.target(), "--logins", logins, *flags)
        results.setdefault("burst", {}).setdefault(kind, []).append(measured)
        p50 = measured["login_us"]["p50"] / 1000 if measured["login_us"] else float("nan")
        say(f"burst of {logins}, {kind}: p50 {p50:.0f} ms, errors {measured['errors']}")


def measure_kakao(results: dict, say) -> None:
    """How fast the mock is by itself: no login can be faster."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="munjigi-bench.", dir=places.SCRATCH))
    base = f"http://127.0.0.1:{port}"
    command = [places.MUNJIGI, "mock-kakao", "--listen", f"127.0.0.1:{port}", "--public-url", base]
    with Program(command, {}, folder / "kakao.log") as kakao:
        kakao.wait_for(port, "/.well-known/openid-configuration")
        for connections in CONNECTIONS:
            amount = ["--connections", connections, "--seconds", SECONDS, "--warm-up", WARM_UP]
            where = ["--system", "mock", "--app", base, "--kakao", base, "--watch", f"kakao={kakao.pid}"]
            measured = drive("run", *where, "--scenario", "login-new", *amount)
            results.setdefault(str(connections), []).append(measured)
            say(f"the mock alone x{connections}: {shown(measured)}")
    shutil.rmtree(folder, ignore_errors=True)


def measure_all(systems: list[System], results: dict, say) -> None:
    """Every system in every repetition, in another order each time: none is always the first or the last."""
    installed = []
    for system in systems:
        found = results["systems"].setdefault(system.name, {"label": system.label, "engine": system.engine})
        try:
            say(f"{system.name}: installing")
            system.install()
            found.update(versions=system.versions, size_on_disk=system.size_on_disk())
            installed.append(system)
        except NotAvailable as reason:
            found["not_measured"] = str(reason)
            say(f"{system.name}: {reason}")
    needs_postgres = any(system.engine == "PostgreSQL" for system in installed)
    cluster = Cluster() if needs_postgres else None
    try:
        for repetition in range(REPETITIONS):
            measure_kakao(results.setdefault("kakao_alone", {}), say)
            at = repetition * len(installed) // REPETITIONS
            for system in installed[at:] + installed[:at]:
                say(f"{system.name}, repetition {repetition + 1} of {REPETITIONS}")
                own = cluster if system.engine == "PostgreSQL" else None
                try:
                    with own or contextlib.nullcontext():
                        measure_system(system, own, results["systems"][system.name], say)
                except NotAvailable as reason:
                    # The others are still worth measuring; the report names this one.
                    results["systems"][system.name].setdefault("broke_off", []).append(str(reason))
                    say(f"{system.name}: {reason}")
    finally:
        if cluster:
            cluster.remove()


def shown(measured: dict) -> str:
    latency = measured["latency_us"] or {"p50": 0, "p99": 0}
    text = f"{measured['per_second']:,.0f}/s, p50 {latency['p50']} us, p99 {latency['p99']} us"
    return text + (f", ERRORS {measured['errors']}" if measured["errors"] else "")
