#!/usr/bin/env python3
"""make bench, make bench-limits, make bench-growth, make bench-storage. Python 3.11, nothing but its standard library."""

import json
import os
import sys
import time

from harness import growth, limits, machine, places, report, storage
from harness.measure import measure_all
from harness.processes import NotAvailable
from harness.systems import all_systems


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


def load() -> dict:
    return json.loads(places.RESULTS_JSON.read_text()) if places.RESULTS_JSON.exists() else {}


def save(results: dict) -> None:
    places.RESULTS_JSON.write_text(json.dumps(results, indent=1) + "\n")
    places.RESULTS_MD.write_text(report.render(results))
    say(f"written: {places.RESULTS_MD}")


def bench() -> dict:
    systems = all_systems()
    if wanted := os.environ.get("BENCH_SYSTEMS"):
        names = wanted.split(",")
        if unknown := set(names) - {system.name for system in systems}:
            raise NotAvailable(f"no such system: {', '.join(unknown)}; there are {', '.join(s.name for s in systems)}")
        systems = [system for system in systems if system.name in names]
    measured = {"quick": places.IS_QUICK, "conditions": machine.conditions(), "systems": {}}
    measure_all(systems, measured, say)
    return {"bench": measured}


def main() -> int:
    parts = {
        "bench": bench,
        "limits": lambda: {"limits": limits.measure(say)},
        "growth": lambda: {"growth": growth.measure(say)},
        "storage": lambda: {"storage": storage.measure_storage(say)},
        "report": dict,
    }
    order = sys.argv[1] if len(sys.argv) == 2 else ""
    if order not in parts:
        print(f"usage: run.py {'|'.join(parts)}", file=sys.stderr)
        return 2
    places.INSTALLED.mkdir(parents=True, exist_ok=True)
    try:
        save({**load(), **parts[order]()})
    except NotAvailable as reason:
        print(f"bench: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
