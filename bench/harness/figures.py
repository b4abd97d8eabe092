"""Medians of repetitions, and how they are written."""

from statistics import median


def dig(value, *path):
    """A value inside a value; None where something on the way is missing."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def middle(runs: list | None, *path):
    """The median of one figure over repetitions; None when no run has it."""
    values = [found for one in runs or [] if (found := dig(one, *path)) is not None]
    return median(values) if values else None


def rate(runs: list | None):
    """Operations a second; None when nothing was done or something went wrong: a wrong answer is no throughput."""
    if not runs or any(one["errors"] for one in runs):
        return None
    return middle(runs, "per_second") or None


def cpu(runs: list | None, name: str = "app"):
    return middle(runs, "watched", name, "cpu_us_per_operation") if rate(runs) else None


def spread(runs: list | None) -> float | None:
    values = [one["per_second"] for one in runs or []]
    return (max(values) - min(values)) / median(values) if len(values) > 1 and median(values) else None


def number(value, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def milliseconds(microseconds) -> str:
    if microseconds is None:
        return "–"
    value = microseconds / 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def times(ours, theirs) -> str:
    return f"{ours / theirs:.1f}" if ours and theirs else "–"


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
