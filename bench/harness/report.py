"""RESULTS.md out of RESULTS.json: medians, ratios, errors, conditions."""

from collections import Counter

from . import targets
from .figures import cpu, dig, middle, milliseconds, number, rate, spread, table, times

WORK = {
    "login-returning": "Login of somebody the system knows",
    "login-new": "First login",
    "refresh": "Refresh, each connection its own chain",
    "profile": "Who is signed in (profile or session)",
    "protected": "The protected sample",
    "health": "Health",
}


def render(results: dict) -> str:
    parts = ["# Results", PREFACE]
    bench, limits, growth = results.get("bench"), results.get("limits"), results.get("growth")
    if any(part and part.get("quick") for part in (bench, limits, growth)):
        parts.append("**From a quick run (`BENCH_QUICK=1`): shows that the bench works, and nothing else.**")
    conditions = dig(bench, "conditions") or dig(limits, "conditions")
    if conditions:
        parts += ["## Conditions", of_conditions(conditions, bench)]
    parts += ["## What is promised", table(["at 64 connections", "promise", "measured", ""], targets.rows(results))]
    if bench:
        parts += of_bench(bench)
    if limits:
        parts += ["## Our stages and the bare work in them", of_limits(limits)]
    if growth:
        parts += ["## A full database", of_growth(growth)]
    if storage := results.get("storage"):
        parts += ["## What an operation leaves in PostgreSQL", of_storage(storage)]
    return "\n\n".join(parts) + "\n"


PREFACE = """Written by `make bench` and its like; README.md says what is counted. Each figure is the
median of the repetitions. `±` is the distance from the slowest to the fastest of them. CPU is processor time at 64 connections
in milliseconds per 1,000 operations, of the system's own processes and of PostgreSQL's. A run with an error has no figure here."""


def of_conditions(conditions: dict, bench: dict | None) -> str:
    rows = [[name.replace("_", " "), str(value)] for name, value in conditions.items() if value not in ("", None)]
    for system in (dig(bench, "systems") or {}).values():
        if system.get("versions") and system["engine"] == "SQLite":
            versions = ", ".join(f"{name} {version}" for name, version in system["versions"].items())
            rows.append([system["label"], versions])
    for name, what in (("others_cpu_share", "others on the machine"), ("stolen_cpu_share", "other guests of the host")):
        shares = sorted(one[name] for one in all_runs(bench) if name in one)
        if shares:
            rows.append(
                [
                    what,
                    f"took {shares[len(shares) // 2]:.1%} of the processors in the median run, {shares[-1]:.1%} in the worst",
                ]
            )
    return table(["", ""], rows).replace("---:", "---")


def of_bench(bench: dict) -> list[str]:
    systems = bench["systems"]
    parts = []
    for scenario, title in WORK.items():
        parts += [f"## {title}", of_scenario(systems, scenario)]
    parts += ["## The mock of Kakao alone", of_kakao(bench.get("kakao_alone", {}))]
    parts += ["## Kakao takes 100 ms a call", of_delay(systems)]
    parts += ["## Everybody at once, Kakao takes 50 ms a call", of_burst(systems)]
    parts += ["## Start, memory, size", of_footprint(systems)]
    parts += ["## Errors", of_errors(bench)]
    return parts


def of_scenario(systems: dict, scenario: str) -> str:
    head = [
        "",
        "1: /s",
        "p50 ms",
        "16: /s",
        "p50 ms",
        "64: /s",
        "±",
        "p50 ms",
        "p99 ms",
        "CPU",
        "database's",
        "munjigi is",
    ]
    rows = []
    for system in systems.values():
        runs = dig(system, "runs", scenario)
        if not runs:
            continue
        at = {connections: runs.get(connections) for connections in ("1", "16", "64")}
        row = [f"{system['label']}, {system['engine']}"]
        for connections in ("1", "16"):
            fine = rate(at[connections]) is not None
            p50 = middle(at[connections], "latency_us", "p50") if fine else None
            row += [number(rate(at[connections])), milliseconds(p50)]
        fine = rate(at["64"]) is not None
        latency = [milliseconds(middle(at["64"], "latency_us", which) if fine else None) for which in ("p50", "p99")]
        apart = spread(at["64"])
        row += [number(rate(at["64"])), "–" if apart is None else f"{apart:.0%}", *latency]
        row += [number(cpu(at["64"])), number(cpu(at["64"], "database"))]
        ours = dig(
            systems, f"munjigi-{system['engine'].lower().replace('postgresql', 'postgres')}", "runs", scenario, "64"
        )
        is_ours = system["label"] == "munjigi"
        row.append("" if is_ours else times(rate(ours), rate(at["64"])) + " x")
        rows.append(row)
    return table(head, rows)


def of_kakao(runs: dict) -> str:
    rows = [
        [connections, number(rate(runs[connections])), number(cpu(runs[connections], "kakao"))] for connections in runs
    ]
    text = table(["connections", "authorize + token + user/me, /s", "CPU us"], rows)
    return (
        "It signs an ID token (RS256) with every answer, as it does for the gateway; not for peers, whose scopes leave `openid` out.\n\n"
        + text
    )


def of_delay(systems: dict) -> str:
    head = ["16 connections", "returning p50 ms", "p99 ms", "new p50 ms", "p99 ms"]
    rows = []
    for system in systems.values():
        row = [f"{system['label']}, {system['engine']}"]
        for scenario in ("login-returning", "login-new"):
            runs = dig(system, "delay100", scenario)
            row += [milliseconds(targets.clean(runs, "latency_us", which)) for which in ("p50", "p99")]
        if dig(system, "delay100"):
            rows.append(row)
    return table(head, rows)


def of_burst(systems: dict) -> str:
    head = [
        "",
        "people",
        "logins",
        "p50 ms",
        "p99 ms",
        "all after s",
        "others before: p50 ms",
        "p99",
        "meanwhile: p50 ms",
        "p99",
    ]
    rows = []
    for system in systems.values():
        for kind, runs in (system.get("burst") or {}).items():
            seconds = targets.clean(runs, "seconds_until_all")
            rows.append(
                [f"{system['label']}, {system['engine']}", kind, number(middle(runs, "logins"))]
                + [milliseconds(targets.clean(runs, "login_us", which)) for which in ("p50", "p99")]
                + [number(seconds, 2)]
                + [milliseconds(middle(runs, "bystander_before_us", which)) for which in ("p50", "p99")]
                + [milliseconds(middle(runs, "bystander_during_us", which)) for which in ("p50", "p99")]
            )
    return table(head, rows)


def of_footprint(systems: dict) -> str:
    head = ["", "start ms", "first start ms", "idle RSS MB", "idle PSS MB", "peak RSS MB", "processes", "on disk MB"]
    rows = []
    for system in systems.values():
        if system.get("not_measured"):
            continue
        megabytes = [
            number(value and value / 1024, 1)
            for value in (
                middle(system.get("idle"), "rss_kb"),
                middle(system.get("idle"), "pss_kb"),
                middle(system.get("after_load"), "peak_rss_kb"),
            )
        ]
        starts = [
            number(middle([{"ms": one} for one in system.get(which, [])], "ms"))
            for which in ("cold_start_ms", "first_start_ms")
        ]
        size = number(system.get("size_on_disk", 0) / targets.MEGABYTE, 1)
        processes = number(middle(system.get("idle"), "processes"))
        rows.append([f"{system['label']}, {system['engine']}", *starts, *megabytes, processes, size])
    return table(head, rows) + "\n\n" + FOOTPRINT


FOOTPRINT = """Start: from the start of the process to its first 200, database there, page cache warm. First start: with an empty database;
the peers' tables are made by a command of their own before, ours by the start. RSS of several processes counts what they share
several times, PSS once. On disk: the stripped binary, or the installed packages without their interpreter."""


def of_errors(bench: dict) -> str:
    lines = []
    for name, system in bench["systems"].items():
        if reason := system.get("not_measured"):
            lines.append(f"* {name} was not measured: {reason}")
        lines += [f"* {name} broke off: {reason}" for reason in system.get("broke_off", [])]
        for what, runs in runs_of(system):
            counts: Counter = Counter()
            for one in runs:
                counts.update(one["errors"])
            lines += [f"* {name}, {what}: {count} x {kind}" for kind, count in sorted(counts.items())]
    return "\n".join(lines) or "None."


def runs_of(system: dict):
    for scenario, by_connections in (system.get("runs") or {}).items():
        for connections, runs in by_connections.items():
            yield f"{scenario} x{connections}", runs
    for scenario, runs in (system.get("delay100") or {}).items():
        yield f"{scenario}, 100 ms", runs
    for kind, runs in (system.get("burst") or {}).items():
        yield f"burst, {kind}", runs


def all_runs(bench: dict | None):
    for system in (dig(bench, "systems") or {}).values():
        for _, runs in runs_of(system):
            yield from runs


def of_limits(limits: dict) -> str:
    def bare(name: str, *path):
        return middle(limits.get(name), *path, "cpu_us_per_operation")

    poem = cpu(limits.get("poem"))
    verify, sign = (middle(limits.get("crypto"), f"es256_{what}_us") for what in ("verify", "sign"))
    mac = sum(middle(limits.get("crypto"), f"hs256_{what}_us") or 0 for what in ("verify", "sign"))
    one, two = bare("upstream", "exchange"), bare("upstream", "exchange_and_profile")
    rows = []
    for engine, stages in limits["stages"].items():
        database = {"SQLite": "sqlite", "PostgreSQL": "postgres"}[engine]
        read, group = bare(database, "read"), bare(database, "commit_of_64")
        # A login is two answers; a refresh verifies and writes a refresh token and signs an access token.
        parts = {
            "health": ("poem", [poem]),
            "protected": ("poem + ES256 verified", [poem, verify]),
            "profile": ("poem + ES256 verified + a read", [poem, verify, read]),
            "refresh": ("poem + HS256 + ES256 signed + a commit of 64", [poem, mac, sign, group]),
            "login-returning": ("2 poem + one call + ES256 signed + a commit of 64", [poem, poem, one, sign, group]),
            "login-new": ("2 poem + two calls + ES256 signed + a commit of 64", [poem, poem, two, sign, group]),
        }
        for scenario, (names, costs) in parts.items():
            ours = cpu(stages.get(scenario))
            total = sum(costs) if all(costs) else None
            row = [f"{scenario}, {engine}", number(rate(stages.get(scenario))), number(ours, 1)]
            rows.append([*row, names, number(total, 1), times(ours, total) + " x"])
    staged = table(["64 connections", "/s", "CPU us", "the bare work in it", "CPU us", "ours is"], rows)
    return "\n\n".join([staged, LIMITS_NOTE, of_bare(limits)])


LIMITS_NOTE = """Processor time of the gateway's process alone, without the mock and without PostgreSQL. A sum of bare costs has no room for
routing, checks or errors; a stage may still be below it, because bare signatures are verified each time and ours may be
remembered."""


def of_bare(limits: dict) -> str:
    rows = [["poem, one JSON answer", number(rate(limits.get("poem"))), number(cpu(limits.get("poem")), 1)]]
    for name, title in (("sqlite", "SQLite"), ("postgres", "PostgreSQL")):
        for what in ("commit_each", "commit_each_x16", "commit_of_64", "read"):
            per_second = middle(limits.get(name), what, "per_second")
            if per_second:
                spent = middle(limits.get(name), what, "cpu_us_per_operation")
                rows.append([f"{title}, {what.replace('_', ' ')}", number(per_second), number(spent, 1)])
    for what in ("exchange", "exchange_and_profile"):
        figures = [middle(limits.get("upstream"), what, unit) for unit in ("per_second", "cpu_us_per_operation")]
        rows.append([f"Kakao: {what.replace('_', ' ')}", number(figures[0]), number(figures[1], 1)])
    for what in ("es256_sign", "es256_verify", "hs256_sign", "hs256_verify"):
        took = middle(limits.get("crypto"), f"{what}_us")
        rows.append([what.upper().replace("_", " "), number(took and 1e6 / took), number(took, 1)])
    return table(["bare", "/s", "CPU us"], rows)


def of_growth(growth: dict) -> str:
    head = [f"{growth['few']:,} and {growth['users']:,} users", "connections", "few: p50 ms", "many: p50 ms", "ratio"]
    rows = []
    for name in ("munjigi-sqlite", "munjigi-postgres"):
        for scenario, by_connections in (dig(growth, name, "few", "runs") or {}).items():
            for connections in by_connections:
                p50 = [
                    targets.clean(dig(growth, name, which, "runs", scenario, connections), "latency_us", "p50")
                    for which in ("few", "many")
                ]
                ratio = targets.growth_ratio(growth, name, scenario, connections)
                row = [f"{name}, {scenario}", connections, *map(milliseconds, p50), number(ratio, 2)]
                rows.append(row)
    text = f"{growth['tokens']:,} refresh tokens; refreshes of sessions and logins of people picked at random from all of them."
    return text + "\n\n" + table(head, rows)


def of_storage(storage: dict) -> str:
    lines = [
        [kind, number(found["wal_bytes"]), number(found["wal_bytes_after_checkpoint"]), number(sum(found["rows"].values()))]
        for kind, found in storage["operations"].items()
    ]
    sizes = ", ".join(f"{name} {size:,.0f}" for name, size in storage["bytes_per_row"].items())
    text = (
        f"With {storage['users']:,} people, at commit {storage['conditions']['commit']}. Bytes of write-ahead log without whole "
        f"pages, and with them right after a checkpoint. Bytes of a row with its indexes: {sizes}."
    )
    return text + "\n\n" + table(["", "WAL bytes", "after a checkpoint", "rows"], lines)
