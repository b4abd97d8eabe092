"""Our stages against the bare work in them, at 64 connections."""

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

from . import machine, places
from .measure import REPETITIONS, SECONDS, WARM_UP, Turn, drive, shown
from .postgres import Cluster
from .processes import NotAvailable, Program, free_port, run
from .systems import EVERYTHING, all_systems

CONNECTIONS = 64


def measure(say) -> dict:
    if not places.LIMITS.exists():
        raise NotAvailable(f"{places.LIMITS} is missing: make bench-limits builds it")
    results: dict = {"quick": places.IS_QUICK, "conditions": machine.conditions(), "stages": {}}
    systems = [system for system in all_systems() if system.driver == "munjigi"]
    for system in systems:
        system.install()
    cluster = Cluster()
    try:
        for _ in range(REPETITIONS):
            bare(results, cluster, say)
            for system in systems:
                own = cluster if system.engine == "PostgreSQL" else None
                with own or contextlib.nullcontext(), Turn(system, own) as turn:
                    turn.start_kakao()
                    turn.start_app()
                    stages = results["stages"].setdefault(system.engine, {})
                    for scenario in EVERYTHING:
                        measured = turn.run(scenario, CONNECTIONS)
                        stages.setdefault(scenario, []).append(measured)
                        say(f"{system.name}, {scenario}: {shown(measured)}")
    finally:
        cluster.remove()
    return results


def bare(results: dict, cluster: Cluster, say) -> None:
    def keep(name: str, measured: dict) -> None:
        results.setdefault(name, []).append(measured)
        say(f"bare {name}: {json.dumps(rounded(measured))}")

    folder = Path(tempfile.mkdtemp(prefix="munjigi-bench.", dir=places.SCRATCH))
    try:
        keep("poem", hello(folder))
        keep("crypto", json.loads(run([places.LIMITS, "crypto"])))
        keep("sqlite", json.loads(run([places.LIMITS, "sqlite", folder / "bare.db", "--seconds", SECONDS])))
        with cluster:
            name = cluster.new_database()
            url = f"postgres://postgres@127.0.0.1:{cluster.port}/{name}"
            keep("postgres", json.loads(run([places.LIMITS, "postgres", url, "--seconds", SECONDS])))
            cluster.drop(name)
        keep("upstream", upstream(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hello(folder: Path) -> dict:
    port = free_port()
    with Program([places.LIMITS, "hello", "--listen", f"127.0.0.1:{port}"], {}, folder / "hello.log") as program:
        program.wait_for(port, "/livez")
        amount = ["--connections", CONNECTIONS, "--seconds", SECONDS, "--warm-up", WARM_UP]
        where = ["--app", f"http://127.0.0.1:{port}", "--kakao", f"http://127.0.0.1:{port}"]
        return drive("run", *where, "--scenario", "health", *amount, "--watch", f"app={program.pid}")


def upstream(folder: Path) -> dict:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [places.MUNJIGI, "mock-kakao", "--listen", f"127.0.0.1:{port}", "--public-url", base]
    with Program(command, {}, folder / "kakao.log") as kakao:
        kakao.wait_for(port, "/.well-known/openid-configuration")
        amount = ["--connections", CONNECTIONS, "--seconds", SECONDS]
        return json.loads(run([places.LIMITS, "upstream", base, *amount]))


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items() if name not in {"watched", "errors"}}
    return round(value, 1) if isinstance(value, float) else value
