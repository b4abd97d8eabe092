#!/usr/bin/env python3
"""People to machines: the model of harness/capacity.py with the costs of RESULTS.json, checked by a simulation.

    bench/capacity.py                          the tables of docs/en/operate/capacity.md
    bench/capacity.py --peak 10 --visits 8     the same under other assumptions
    bench/capacity.py --write                  into the pages, both languages; and the figures of the READMEs
    bench/capacity.py --check                  whether the pages are what --write makes, and whether model and simulation agree
"""

import argparse
import json
import sys
from pathlib import Path

from harness import places
from harness.capacity import People
from harness.costs import NotMeasured
from harness.figures import number
from harness.headline import numbers
from harness.sizing import Limits, Sizing
from harness.tables import LANGUAGES, tables

# The simulation has to find the model's shares within this, or one of them is wrong.
TOLERANCE = 0.05
PAGE = "docs/{}/operate/capacity.md"
READMES = {"ko": "README.ko.md", "en": "README.md"}


def options_of(arguments: list[str] | None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write the tables into the pages")
    action.add_argument("--check", action="store_true", help="whether the pages are up to date")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--results", type=Path, default=places.RESULTS_JSON)
    people = parser.add_argument_group("people")
    people.add_argument("--daily-share", type=float, default=0.3, help="of the monthly users on one day")
    people.add_argument("--logins-per-day", type=float, default=0.1, help="of a daily user: a session lives for weeks")
    people.add_argument("--new-share", type=float, default=0.05, help="of the monthly users who are new")
    people.add_argument("--visits", type=float, default=4, help="of a daily user; each begins with a refresh")
    people.add_argument("--active-minutes", type=float, default=30, help="of a daily user")
    people.add_argument("--access-minutes", type=float, default=15, help="JWT_ACCESS_TOKEN_EXPIRE_MINUTES")
    people.add_argument("--profile-reads", type=float, default=1, help="a visit")
    people.add_argument("--peak", type=float, default=5, help="times the average of the day")
    limits = parser.add_argument_group("limits and retention")
    limits.add_argument("--processors", type=int, default=2, help="of a replica")
    limits.add_argument("--busy", type=float, default=0.5, help="how busy anything may be at the peak, a replica missing")
    limits.add_argument("--idle-days", type=float, default=7, help="JWT_REFRESH_TOKEN_EXPIRE_DAYS")
    limits.add_argument("--session-days", type=float, default=90, help="SESSION_MAX_DAYS")
    limits.add_argument("--registered", type=float, default=3, help="times the monthly users")
    limits.add_argument("--sign-outs", type=float, default=0.3, help="of the sessions; the others expire")
    limits.add_argument("--slack", type=float, default=1.5, help="disk with dead rows and half-full pages, times the rows")
    limits.add_argument("--pool", type=int, default=16, help="DATABASE_POOL_SIZE")
    limits.add_argument("--kakao-quota", type=float, default=3_000_000, help="calls a month of one app")
    limits.add_argument("--kakao-calls", type=float, default=2, help="a login: the code, the profile")
    limits.add_argument("--connections", type=int, default=500, help="of one PostgreSQL")
    limits.add_argument("--database-cores", type=int, default=32, help="of one PostgreSQL")
    limits.add_argument("--wal-mb", type=float, default=200, help="a second of write-ahead log that disk and standby take")
    limits.add_argument("--table-rows", type=float, default=300e6, help="from which a table is better partitioned")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = options_of(arguments)
    given = vars(options)
    people = People(**{name: given[name] for name in People.__annotations__})
    limits = Limits(**{name: given[name] for name in Limits.__annotations__})
    try:
        results = json.loads(options.results.read_text())
        sizing = Sizing(results, people, limits)
    except FileNotFoundError:
        raise SystemExit(f"capacity: {options.results} is missing: make bench") from None
    except NotMeasured as reason:
        raise SystemExit(f"capacity: {reason}") from None
    wrong = disagreements(sizing)
    for what in wrong:
        print(f"capacity: {what}", file=sys.stderr)
    if options.write or options.check:
        for language in LANGUAGES:
            pages = {PAGE.format(language): tables(sizing, language), READMES[language]: {"numbers": numbers(results, language)}}
            wrong += [name for name, parts in pages.items() if not page(name, parts, options.write)]
    else:
        print("\n\n".join(tables(sizing, options.language).values()))
    return 1 if wrong else 0


def disagreements(sizing: Sizing) -> list[str]:
    wrong = []
    for tier in sizing.tiers:
        for what, one, other in (
            ("processors", tier.busy.processors, tier.found["processors"]),
            ("writer", tier.busy.writer, tier.found["writer"]),
        ):
            if abs(one - other) > max(TOLERANCE * other, 0.005):
                wrong.append(f"{number(tier.monthly)} people, {what}: model {one:.1%}, simulation {other:.1%}")
    return wrong


def page(name: str, parts: dict[str, str], writes: bool) -> bool:
    """Puts the tables between their marks; whether the page is as it should be now."""
    path = places.ROOT / name
    text = old = path.read_text()
    for part, table in parts.items():
        begin, end = f"<!-- bench/capacity.py --write: {part} -->\n", "<!-- end -->"
        head, mark, rest = text.partition(begin)
        if not mark or end not in rest:
            raise SystemExit(f"capacity: {path} has no place for {part}")
        text = f"{head}{mark}\n{table}\n\n{end}" + rest.split(end, 1)[1]
    if writes:
        path.write_text(text)
    elif text != old:
        print(f"capacity: {name} is out of date: bench/capacity.py --write", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
