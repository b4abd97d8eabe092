"""On what, with what, and how quiet it was."""

import contextlib
import os
import platform
import shutil
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from . import places, postgres
from .processes import NotAvailable, run


def conditions() -> dict:
    cpu = next(
        (line for line in read("/proc/cpuinfo").splitlines() if line.startswith("model name")), "unknown: unknown"
    )
    memory = int(read("/proc/meminfo").split("MemTotal:")[1].split()[0]) // 1024
    found = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": attempt(["git", "-C", places.ROOT, "rev-parse", "--short", "HEAD"]),
        "uncommitted_changes": bool(attempt(["git", "-C", places.ROOT, "status", "--porcelain"])),
        "cpu": cpu.split(":", 1)[1].strip(),
        "processors": os.cpu_count(),
        "memory_mb": memory,
        "kernel": platform.release(),
        "file_system": attempt(["stat", "-f", "-c", "%T", places.SCRATCH]),
        "fsync_us": fsync_microseconds(),
        "rust": attempt(["rustc", "--version"]),
        "python": platform.python_version(),
        "sqlite_of_python": sqlite3.sqlite_version,
        "cargo_profile": places.MUNJIGI.parent.name,
    }
    with contextlib.suppress(NotAvailable):
        found["postgresql"] = postgres.version()
    if shutil.which("node"):
        found["node"] = attempt(["node", "--version"])
    return found


def fsync_microseconds() -> int:
    """The median of a 4 KiB write and fsync where the databases are going to be: no commit alone is faster."""
    took = []
    with tempfile.NamedTemporaryFile(dir=places.SCRATCH) as file:
        for _ in range(200):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    return round(sorted(took)[100] * 1e6)


def attempt(command: list) -> str:
    try:
        return run(command).strip()
    except (NotAvailable, OSError):
        return ""


def read(path: str) -> str:
    return Path(path).read_text()
