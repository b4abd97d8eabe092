"""The tables of docs/*/operate/capacity.md."""

from .capacity import KINDS, MOST, Simulation
from .costs import CONNECTIONS, TOGETHER, measured_rates
from .figures import number, table
from .sizing import Sizing

LANGUAGES = ("ko", "en")
ENGINES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}

WORDS = {
    "refresh": ("갱신", "refresh"),
    "login-returning": ("다시 오는 사람의 로그인", "login of somebody known"),
    "login-new": ("첫 로그인", "first login"),
    "profile": ("프로필 읽기", "profile read"),
    # Assumptions.
    "assumption": ("가정", "assumption"),
    "value": ("값", "value"),
    "option": ("옵션", "option"),
    "--daily-share": ("월 사용자 가운데 하루에 오는 비율", "of the monthly users, on one day"),
    "--visits": ("하루 사용자의 방문. 방문마다 갱신으로 시작합니다", "visits of a daily user; each begins with a refresh"),
    "--active-minutes": ("하루 사용자가 쓰는 분", "minutes a daily user is active"),
    "--access-minutes": ("액세스 토큰의 수명(분)", "minutes an access token lives"),
    "--profile-reads": ("방문마다 프로필 읽기", "profile reads a visit"),
    "--logins-per-day": ("하루 사용자의 로그인", "logins of a daily user"),
    "--new-share": ("한 달에 처음 오는 비율", "of the monthly users, new"),
    "--peak": ("가장 바쁜 때는 하루 평균의 몇 배", "peak, times the day's average"),
    "--busy": ("한 대가 없을 때 바빠도 되는 정도", "how busy anything may be, a replica missing"),
    "--idle-days": ("갱신 토큰의 수명(일)", "days a refresh token lives"),
    "--session-days": ("세션의 최대 수명(일)", "days a session lives at most"),
    "--registered": ("가입자는 월 사용자의 몇 배", "registered, times the monthly users"),
    "--sign-outs": ("세션 가운데 로그아웃으로 끝나는 비율", "of the sessions, ended by a sign-out"),
    "--slack": ("디스크는 행의 몇 배(죽은 행, 덜 찬 페이지)", "disk, times the rows (dead rows, half-full pages)"),
    "--kakao-calls": ("로그인마다 카카오 호출(코드, 프로필)", "calls of Kakao a login (the code, the profile)"),
    "--processors": ("게이트웨이 한 대의 코어", "cores of a gateway"),
    "--pool": ("게이트웨이 한 대의 데이터베이스 연결(그 밖에 하나)", "database connections of a gateway (and one more)"),
    # Costs.
    "operation": ("일", "operation"),
    "cpu_alone": ("프로세스 CPU µs, 혼자", "process CPU µs, alone"),
    "cpu_together": ("함께", "together"),
    "database_alone": ("데이터베이스 CPU µs, 혼자", "database CPU µs, alone"),
    "writer": ("쓰기 µs", "writer µs"),
    "most": ("프로세스 하나의 최대 /s", "most of one process /s"),
    "rows": ("새 행", "new rows"),
    "wal": ("WAL 바이트", "WAL bytes"),
    "wal_after": ("체크포인트 직후", "right after a checkpoint"),
    "row_bytes": ("행 하나의 바이트(색인 포함)", "bytes of a row, with its indexes"),
    # Tiers.
    "monthly": ("월 사용자", "monthly users"),
    "refreshes": ("갱신 /s, 가장 바쁠 때", "refreshes /s at the peak"),
    "logins": ("로그인 /s, 가장 바쁠 때", "logins /s at the peak"),
    "sign-outs": ("로그아웃 /s, 가장 바쁠 때", "sign-outs /s at the peak"),
    "database": ("데이터베이스", "database"),
    "replicas": ("게이트웨이, 코어 {}개씩", "gateways of {} cores"),
    "cores": ("데이터베이스의 바쁜 코어", "database cores kept busy"),
    "commits": ("커밋 /s", "commits /s"),
    "wal_mb": ("WAL MB/s", "WAL MB/s"),
    "connections": ("데이터베이스 연결", "database connections"),
    "written": ("한 달에 쓰는 행", "rows written a month"),
    "disk": ("디스크 GB", "disk GB"),
    "kakao": ("한 달의 카카오 호출", "calls of Kakao a month"),
    "of rows": ("`{}`의 행", "rows of `{}`"),
    # Breaking points.
    "from": ("월 사용자", "monthly users"),
    "what": ("한도에 닿는 것", "what is used up"),
    "limit": ("한도", "limit"),
    "breaks kakao": ("카카오의 앱별 월 호출", "Kakao's calls a month of one app"),
    "breaks sqlite": ("SQLite의 쓰기 하나", "SQLite's one writer"),
    "breaks tokens": ("`refresh_tokens`의 행", "rows of `refresh_tokens`"),
    "breaks audit": ("`audit_events`의 행", "rows of `audit_events`"),
    "breaks cleanup": ("정리가 1초에 지우는 행", "rows the clean-up removes a second"),
    "breaks wal": ("체크포인트 직후의 WAL MB/s", "WAL MB/s right after a checkpoint"),
    "breaks connections": ("PostgreSQL 한 대의 연결", "connections of one PostgreSQL"),
    "breaks cores": ("PostgreSQL 한 대의 코어", "cores of one PostgreSQL"),
    # Simulation.
    "processors": ("프로세서: 모델 / 시뮬레이션", "processors: model / simulation"),
    "writers": ("쓰기: 모델 / 시뮬레이션", "writer: model / simulation"),
    "batch": ("한 커밋의 쓰기", "writes of a commit"),
    "p50": ("p50 ms", "p50 ms"),
    "p99": ("p99 ms", "p99 ms"),
    "working": ("게이트웨이, 한 대가 없을 때", "gateways, one missing"),
    "closed": ("연결", "connections"),
    "measured": ("측정한 갱신 /s", "refreshes /s, measured"),
    "simulated": ("시뮬레이션", "simulation"),
    "apart": ("차이", "apart"),
    # Conditions.
    "conditions": (
        "측정: {date}, 커밋 {commit}, {cpu} 코어 {processors}개, 반복 {times}번(여럿이면 가운데 값). 데이터베이스와 부하를 만드는 "
        "프로그램도 같은 기계에 있었습니다. 4 KiB의 fsync는 {fsync_us} µs 걸렸습니다. 행과 WAL은 {users}명이 든 PostgreSQL에서 세었습니다.",
        "Measured: {date}, commit {commit}, {cpu}, {processors} cores, repetitions: {times} (of several the median). The database "
        "and the program that makes the load were on the same machine. An fsync of 4 KiB took {fsync_us} µs. Rows and WAL were "
        "counted in a PostgreSQL with {users} people.",
    ),
}


LIMIT_OPTIONS = {
    "kakao": "--kakao-quota",
    "sqlite": "--busy",
    "tokens": "--table-rows",
    "audit": "--table-rows",
    "wal": "--wal-mb",
    "connections": "--connections",
    "cores": "--database-cores",
}


class Words:
    def __init__(self, language: str):
        self.at = LANGUAGES.index(language)

    def __call__(self, name: str) -> str:
        return WORDS[name][self.at]


def tables(sizing: Sizing, language: str) -> dict[str, str]:
    word = Words(language)
    return {
        "conditions": conditions(sizing, word),
        "assumptions": assumptions(sizing, word),
        "costs": costs(sizing, word),
        "rows": rows(sizing, word),
        "tiers": tiers(sizing, word),
        "limits": limits(sizing, word),
        "bench": bench(sizing, word),
        "simulation": simulation(sizing, word),
    }


def conditions(sizing: Sizing, word: Words) -> str:
    known = {"date": "–", "commit": "–", "cpu": "–", "processors": "–", "fsync_us": "–", **sizing.conditions()}
    times = len(sizing.results["bench"]["systems"]["munjigi-postgres"]["runs"]["refresh"]["64"])
    return word("conditions").format(**known, times=times, users=number(sizing.storage["users"]))


def assumptions(sizing: Sizing, word: Words) -> str:
    given = {**vars(sizing.people), **vars(sizing.limits)}
    lines = []
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        # The others are what can be used up, and stand there.
        if option in WORDS:
            lines.append([word(option), f"{value:g}", f"`{option}`"])
    return table([word("assumption"), word("value"), word("option")], lines)


def costs(sizing: Sizing, word: Words) -> str:
    head = ["operation", "cpu_alone", "cpu_together", "database_alone", "cpu_together", "writer", "most"]
    lines = []
    for engine, label in ENGINES.items():
        of_engine = sizing.costs[engine]
        for kind in KINDS:
            cost = of_engine.kinds[kind]
            line = [f"{word(kind)}, {label}"]
            line += [number(cost.gateway.at(batch)) for batch in (1, TOGETHER)]
            line += [number(cost.database.at(batch) if engine == "postgres" else None) for batch in (1, TOGETHER)]
            writes = kind != "profile"
            line.append(f"{of_engine.commit:,.0f} / n + {cost.writer:,.0f}" if writes else "–")
            line.append(number(of_engine.most_per_second(kind) if writes else None))
            lines.append(line)
    return table([word(name) for name in head], lines)


def rows(sizing: Sizing, word: Words) -> str:
    operations = sizing.storage["operations"]
    written = [
        [
            word(kind),
            ", ".join(f"`{name}` {count:.0f}" for name, count in found["rows"].items() if count >= 0.5),
            number(found["wal_bytes"]),
            number(found["wal_bytes_after_checkpoint"]),
        ]
        for kind, found in operations.items()
    ]
    each = [[f"`{name}`", number(size)] for name, size in sizing.storage["bytes_per_row"].items()]
    first = table([word(name) for name in ("operation", "rows", "wal", "wal_after")], written)
    return first + "\n\n" + table(["", word("row_bytes")], each)


def tiers(sizing: Sizing, word: Words) -> str:
    shown = sizing.tiers

    def line(name: str, value, digits: int = 0) -> list[str]:
        return [name, *(number(value(tier), digits) for tier in shown)]

    def only_server(value):
        return lambda tier: value(tier) if tier.engine == "postgres" else None

    lines = [
        line(word("refreshes"), lambda tier: tier.load["refresh"], 1),
        line(word("logins"), lambda tier: tier.load["login-returning"] + tier.load["login-new"], 1),
        line(word("sign-outs"), lambda tier: tier.sign_outs, 1),
        [word("database"), *(ENGINES[tier.engine] for tier in shown)],
        line(word("replicas").format(sizing.limits.processors), lambda tier: tier.replicas),
        line(word("cores"), only_server(lambda tier: tier.database_cores), 1),
        line(word("connections"), only_server(lambda tier: tier.connections)),
        line(word("commits"), lambda tier: tier.busy.batches_per_second),
        line(word("wal_mb"), only_server(lambda tier: tier.wal_mb), 1),
        line(word("wal_mb") + ", " + word("wal_after"), only_server(lambda tier: tier.wal_mb_after_checkpoint), 1),
        line(word("written"), lambda tier: rounded(tier.rows_written_a_month)),
        *(
            line(word("of rows").format(name), lambda tier, name=name: rounded(tier.rows[name]))
            for name in ("refresh_tokens", "sessions", "audit_events", "users")
        ),
        line(word("disk"), lambda tier: tier.disk_gb, 1),
        line(word("kakao"), lambda tier: rounded(tier.kakao_calls_a_month)),
    ]
    return table([word("monthly"), *(number(tier.monthly) for tier in shown)], lines)


def limits(sizing: Sizing, word: Words) -> str:
    lines = []
    for monthly, name, limit in sizing.breaking_points():
        text = f"{limit:.0%}" if name == "sqlite" else number(limit)
        option = f"`{LIMIT_OPTIONS[name]}`" if name in LIMIT_OPTIONS else "–"
        lines.append([word(f"breaks {name}"), text, option, number(rounded(monthly))])
    return table([word("what"), word("limit"), word("option"), word("from")], lines)


def bench(sizing: Sizing, word: Words) -> str:
    lines = []
    for engine, label in ENGINES.items():
        rates = measured_rates(sizing.results, engine, "refresh")
        for connections in CONNECTIONS:
            own = Simulation(sizing.costs[engine], 1, 2, TOGETHER)
            found = own.closed("refresh", connections, 10_000)
            measured = rates[connections]
            apart = f"{found / measured - 1:+.0%}"
            lines.append([f"{label}, {connections}", number(measured), number(found), apart])
    return table([word(name) for name in ("closed", "measured", "simulated", "apart")], lines)


def simulation(sizing: Sizing, word: Words) -> str:
    shown = sizing.tiers

    def both(ours, found: str) -> list[str]:
        return [f"{ours(tier):.1%} / {tier.found[found]:.1%}" for tier in shown]

    lines = [
        [word("working"), *(number(max(tier.replicas - 1, 1)) for tier in shown)],
        [word("processors"), *both(lambda tier: tier.busy.processors, "processors")],
        [word("writers"), *both(lambda tier: tier.busy.writer, "writer")],
        [word("batch"), *(f"{tier.busy.batch:.1f} / {MOST}" for tier in shown)],
        [word("p50"), *(number(tier.found["p50_ms"], 1) for tier in shown)],
        [word("p99"), *(number(tier.found["p99_ms"], 1) for tier in shown)],
    ]
    return table([word("monthly"), *(number(tier.monthly) for tier in shown)], lines)


def rounded(value: float) -> float:
    """To two figures: more would claim to know."""
    return float(f"{value:.1e}")
