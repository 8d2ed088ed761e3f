"""Make the table of mean exchanges until the target, by probability."""

from collections.abc import Callable

import numpy as np

from loft.soda.measurements import Row, entries, grouped, sent

TITLE = "Exchanges"
CAPTION = """
Means of the repetitions by probability, with failures and expected exchanges. An entry costs 8
bytes and its index 4, unless the whole vector is shorter.
"""
COLUMNS = [
    "problem",
    "p",
    "repetitions",
    "failures",
    "epochs",
    "time",
    "entries_up",
    "entries_down",
    "entries",
    "bytes",
    "expected_entries",
    "expected_bytes",
    "entries_to_dave_pg",
    "bytes_to_dave_pg",
    "time_to_dave_pg",
    "restarts",
]


def make(runs: list[Row]) -> list[Row]:
    """Return the values of Figure 2: means over the repetitions that reached the target.

    Expected exchanges count the failures before the first success: with a share f of failures,
    mean of successes + f / (1 - f) * mean of failures.
    """
    result: list[Row] = []
    dave_pg: dict[str, Row] = {}
    for (problem, p), group in grouped(runs).items():
        reached = [row for row in group if row["outcome"] == "converged"]
        failed = [row for row in group if row["outcome"] != "converged"]

        def mean(value: Callable[[Row], float], of: list[Row] = reached) -> float | None:
            return float(np.mean([value(row) for row in of])) if of else None

        def expected(value: Callable[[Row], float]) -> float | None:
            success, failure = mean(value), mean(value, failed)  # noqa: B023
            if success is None or failure is None:
                return success
            return success + len(failed) / len(reached) * failure  # noqa: B023

        row = {
            "problem": problem,
            "p": p,
            "repetitions": len(group),
            "failures": len(failed),
            "epochs": mean(lambda row: row["epoch"]),
            "time": mean(lambda row: row["time"]),
            "entries_up": mean(lambda row: row["entries_up"]),
            "entries_down": mean(lambda row: row["entries_down"]),
            "entries": mean(entries),
            "bytes": mean(sent),
            "expected_entries": expected(entries),
            "expected_bytes": expected(sent),
            "restarts": sum(row["restarts"] for row in group),
        }
        if p == 1:
            dave_pg[problem] = row
        for name in ("entries", "bytes", "time"):
            ours, theirs = row[name], dave_pg.get(problem, {}).get(name)
            row[f"{name}_to_dave_pg"] = ours / theirs if ours and theirs else None
        result.append(row)
    return result
