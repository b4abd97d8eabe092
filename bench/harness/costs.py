"""What an operation costs, out of RESULTS.json: processor time as it was measured, and the writer's time fitted to how many
operations a second were done at 1, 16 and 64 connections."""

from .capacity import Cost, Costs, Share
from .figures import cpu, dig, rate

CONNECTIONS = (1, 16, 64)
# In a closed loop half of the connections are being written while the others come back and wait.
TOGETHER = 32


class NotMeasured(Exception):
    """RESULTS.json lacks something; the text says what makes it."""


def of_engine(results: dict, engine: str) -> Costs:
    system = dig(results, "bench", "systems", f"munjigi-{engine}")

    def runs(kind: str, connections: int):
        found = dig(system, "runs", kind, str(connections))
        if not rate(found):
            raise NotMeasured(f"no {kind} x{connections} of munjigi-{engine} without errors: make bench")
        return found

    def shares(kind: str, process: str) -> Share:
        alone, together = (cpu(runs(kind, connections), process) or 0.0 for connections in (1, 64))
        return Share.between(alone, together, TOGETHER)

    gateway = {kind: shares(kind, "app") for kind in ("refresh", "login-returning", "login-new", "profile")}
    commit, row = fit({n: 1e6 / rate(runs("refresh", n)) for n in CONNECTIONS}, gateway["refresh"])
    kinds = {}
    for kind, spent in gateway.items():
        # The same commit; what is left of a full batch's time is its rows'. A login's contains what it waited for a processor,
        # so this is rather too much.
        writer = row if kind == "refresh" else max(1e6 / rate(runs(kind, 64)) - 2 * commit / 64, row)
        kinds[kind] = Cost(spent, shares(kind, "database"), 0.0 if kind == "profile" else writer)
    return Costs(kinds, commit)


def fit(each_us: dict[int, float], gateway: Share) -> tuple[float, float]:
    """Commit and row by least squares of relative errors. One connection waits for its processor, a commit and a row; n
    connections are written in two batches that take turns: n operations take two commits and n rows."""
    lines = []
    for connections, each in each_us.items():
        if connections == 1:
            # Not what it took alone: in SQLite's process that contains the writing.
            lines.append((1, 1, each - gateway.at(TOGETHER)))
        else:
            lines.append((2, connections, each * connections))
    aa = sum((a / t) ** 2 for a, _, t in lines)
    bb = sum((b / t) ** 2 for _, b, t in lines)
    ab = sum(a * b / t**2 for a, b, t in lines)
    at, bt = sum(a / t for a, _, t in lines), sum(b / t for _, b, t in lines)
    determinant = aa * bb - ab * ab
    commit, row = (at * bb - bt * ab) / determinant, (aa * bt - ab * at) / determinant
    return max(commit, 1.0), max(row, 0.1)


def measured_rates(results: dict, engine: str, kind: str) -> dict[int, float]:
    runs = dig(results, "bench", "systems", f"munjigi-{engine}", "runs", kind)
    return {connections: rate(runs[str(connections)]) for connections in CONNECTIONS}
