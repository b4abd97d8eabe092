"""The promised figures, and whether these results keep them. What was not measured is neither."""

from .figures import cpu, dig, middle, number, rate

MEGABYTE = 1024 * 1024


def rows(results: dict) -> list[list[str]]:
    judged = []
    for work, measured, promise, kept in promises(results):
        verdict = "not measured" if kept is None else "kept" if kept else "**missed**"
        judged.append([work, promise, measured, verdict])
    return judged


def at_least(work: str, value, least: float, unit: str = "/s"):
    return work, number(value) + unit, f">= {least:,.0f}{unit}", None if value is None else value >= least


def at_most(work: str, value, most: float, unit: str):
    return work, f"{number(value, 1)} {unit}", f"<= {most:g} {unit}", None if value is None else value <= most


def promises(results: dict):
    systems = dig(results, "bench", "systems") or {}
    lite, post = systems.get("munjigi-sqlite", {}), systems.get("munjigi-postgres", {})

    def at_64(system: dict, scenario: str):
        return rate(dig(system, "runs", scenario, "64"))

    protected, health = at_64(lite, "protected"), at_64(lite, "health")
    share = protected / health * 100 if protected and health else None
    yield at_least("`/api/protected` of `/livez`", share, 75, " %")
    yield at_least("refresh, SQLite", at_64(lite, "refresh"), 15_000)
    yield at_least("refresh, PostgreSQL", at_64(post, "refresh"), 12_000)
    yield at_least("returning login, SQLite", at_64(lite, "login-returning"), 5_600)
    yield at_least("new login, SQLite", at_64(lite, "login-new"), 4_000)
    yield login_cost(results)
    yield at_least("profile, SQLite", at_64(lite, "profile"), 15_000)
    for kind in ("returning", "new"):
        p50 = clean(dig(lite, "burst", kind), "login_us", "p50")
        yield at_most(f"512 {kind} logins at once, 50 ms a call: p50", p50 and p50 / 1000, 130, "ms")
    p50 = clean(dig(lite, "delay100", "login-returning"), "latency_us", "p50")
    yield at_most("returning login, 100 ms a call: p50", p50 and p50 / 1000, 115, "ms")
    start = lite.get("cold_start_ms")
    yield at_most("start to first 200", sorted(start)[len(start) // 2] if start else None, 50, "ms")
    idle, peak = middle(lite.get("idle"), "rss_kb"), middle(lite.get("after_load"), "peak_rss_kb")
    yield at_most("RSS idle", idle and idle / 1024, 30, "MB")
    yield at_most("RSS under load", peak and peak / 1024, 80, "MB")
    size = lite.get("size_on_disk")
    yield at_most("stripped binary", size and size / MEGABYTE, 25, "MB")
    yield from grown(results)


def clean(runs: list | None, *path):
    return None if not runs or any(one["errors"] for one in runs) else middle(runs, *path)


def login_cost(results: dict):
    limits = results.get("limits", {})
    calls = middle(limits.get("upstream"), "exchange_and_profile", "cpu_us_per_operation")
    commit = middle(limits.get("sqlite"), "commit_each", "cpu_us_per_operation")
    ours = cpu(dig(limits, "stages", "SQLite", "login-new"))
    ratio = ours / (calls + commit) if ours and calls and commit else None
    return at_most("processor time of a new login, of two bare calls and a bare commit", ratio, 2, "x")


def grown(results: dict):
    growth = results.get("growth", {})
    for name, engine in (("munjigi-sqlite", "SQLite"), ("munjigi-postgres", "PostgreSQL")):
        for scenario in ("refresh", "login-returning", "login-new"):
            ratio = growth_ratio(growth, name, scenario, "16")
            work = f"{scenario}, {engine}, {growth.get('users', 1_000_000):,} users: p50 of that with few"
            yield at_most(work, ratio, 1.2, "x")


def growth_ratio(growth: dict, name: str, scenario: str, connections: str):
    few, many = (
        clean(dig(growth, name, which, "runs", scenario, connections), "latency_us", "p50") for which in ("few", "many")
    )
    return many / few if few and many else None
