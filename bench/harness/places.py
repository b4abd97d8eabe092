"""Where things are."""

import os
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = TARGET / os.environ.get("BENCH_PROFILE", "release")
MUNJIGI = Path(os.environ.get("MUNJIGI_BIN", RELEASE / "munjigi"))
DRIVER = Path(os.environ.get("BENCH_DRIVER", RELEASE / "munjigi-bench"))
LIMITS = Path(os.environ.get("BENCH_LIMITS", RELEASE / "munjigi-bench-limits"))
# Peers are installed here, once.
INSTALLED = TARGET / "bench"
RESULTS_JSON = Path(os.environ.get("BENCH_RESULTS", BENCH / "RESULTS.json"))
RESULTS_MD = RESULTS_JSON.with_suffix(".md")


def scratch() -> Path:
    """Databases belong on a disk: a commit to memory alone is no commit."""
    if chosen := os.environ.get("BENCH_TMP"):
        return Path(chosen)
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    in_memory = {mount[1] for mount in mounts if mount[2] == "tmpfs"}
    return Path("/var/tmp" if "/tmp" in in_memory else "/tmp")


SCRATCH = scratch()

IS_QUICK = os.environ.get("BENCH_QUICK") == "1"
