"""The table of README.md and README.ko.md: what somebody who chooses wants to see first."""

from .figures import dig, middle, number, rate, table
from .targets import clean

SYSTEMS = ("munjigi-sqlite", "munjigi-postgres", "better-auth-sqlite", "django-ninja-sqlite", "allauth-sqlite")

HEADS = {
    "munjigi-sqlite": ("munjigi, SQLite", "munjigi, SQLite"),
    "munjigi-postgres": ("munjigi, PostgreSQL", "munjigi, PostgreSQL"),
    "better-auth-sqlite": ("better-auth", "better-auth"),
    "django-ninja-sqlite": ("Django Ninja 튜토리얼", "Django Ninja tutorial"),
    "allauth-sqlite": ("django-allauth", "django-allauth"),
}


def a_second(scenario: str):
    return lambda system: number(rate(dig(system, "runs", scenario, "64")))


def milliseconds(*path):
    def of(system: dict) -> str:
        p50 = clean(dig(system, *path[:-1]), path[-1], "p50")
        return number(p50 and p50 / 1000)

    return of


def start(system: dict) -> str:
    times = system.get("cold_start_ms")
    return number(sorted(times)[len(times) // 2] if times else None)


def idle(system: dict) -> str:
    kilobytes = middle(system.get("idle"), "rss_kb")
    return number(kilobytes and kilobytes / 1024)


ROWS = [
    (("다시 오는 사람의 로그인 /s", "logins of somebody known /s"), a_second("login-returning")),
    (("첫 로그인 /s", "first logins /s"), a_second("login-new")),
    (("갱신 /s", "refreshes /s"), a_second("refresh")),
    (("누가 로그인했는지 읽기 /s", "reads of who is signed in /s"), a_second("profile")),
    (
        ("카카오 호출이 100 ms일 때 로그인 p50 ms", "login p50 ms, Kakao taking 100 ms a call"),
        milliseconds("delay100", "login-returning", "latency_us"),
    ),
    (
        ("512명이 한꺼번에, 카카오 호출 50 ms: p50 ms", "512 at once, Kakao taking 50 ms: p50 ms"),
        milliseconds("burst", "returning", "login_us"),
    ),
    (("시작부터 첫 200까지 ms", "start to the first 200, ms"), start),
    (("쉴 때의 메모리 MB", "memory when idle, MB"), idle),
]


def numbers(results: dict, language: str) -> str:
    """The figures of the systems that were measured, at 64 connections."""
    which = 0 if language == "ko" else 1
    systems = dig(results, "bench", "systems") or {}
    shown = [name for name in SYSTEMS if dig(systems, name, "runs")]
    rows = [[work[which], *(of(systems[name]) for name in shown)] for work, of in ROWS]
    return table(["", *(HEADS[name][which] for name in shown)], rows)
