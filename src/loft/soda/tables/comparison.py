"""Compare bytes and accuracy of SODA's masks on entries and LoFT's partition of filters.

LoFT's numbers come from the CSV file of its study's Table 1.
"""

from typing import Any

import numpy as np

from loft.soda.line_schema import BASELINE, MASKING
from loft.soda.measurements import NOT_RUN, Job, Row, grouped, only, sent

TITLE = "Entries and filters"
CAPTION = """
What masks cost in bytes and what they bought: SODA masks entries and sends their indices; LoFT
masks filters, whose places all workers draw from one seed, and sends none. The accuracies are of
different models and data and compare within a row's baseline only.
"""
COLUMNS = [
    "study",
    "dataset",
    "method",
    "masked",
    "workers",
    "bytes",
    "of_which_indices",
    "baseline",
    "bytes_to_baseline",
    "accuracy",
    "accuracy_of",
    "bytes_per_point",
]
SHARED = (
    "Both let a worker change, and send, only a part of the model, drawn anew every time, and keep"
    " what was last known of the rest; SODA draws single entries and sends an index with each,"
    " while LoFT draws whole filters by a generator that all workers share, so that no index is"
    " sent and the worker's network itself is smaller."
)
GIGA = 1e9


def make(jobs: list[Job], runs: list[Row], tickets: list[dict[str, str]] | None) -> list[Row]:
    """Return the rows of both studies; `tickets` holds LoFT's Table 1, None if there is none."""
    return [*soda_rows(jobs, runs), *loft_rows(tickets)]


def to_markdown() -> str:
    """Return a sentence on what both have in common."""
    return f"{SHARED}\n"


def soda_rows(jobs: list[Job], rows: list[Row]) -> list[Row]:
    """Return a row for each problem and probability: means over runs that reached the target."""
    about = {(job[0]["problem"], job[0]["p"]): job[0] for job in only(jobs, "simulate")}
    result: list[Row] = []
    dave_pg: dict[str, float] = {}
    for (problem, p), group in grouped(rows).items():
        reached = [row for row in group if row["outcome"] == "converged"]
        job = about[problem, p]
        row: Row = {
            "study": "soda",
            "dataset": f"{job['dataset']}, {problem}",
            "method": "DAve-PG" if p == 1 else f"SODA, p = {p:g}",
            "masked": "nothing" if p == 1 else "entries",
            "workers": job["workers"],
            "baseline": "DAve-PG",
            "accuracy_of": "training samples",
        }
        if reached:
            row["bytes"] = float(np.mean([sent(one) for one in reached]))
            row["of_which_indices"] = float(np.mean([one["bytes_indices"] for one in reached]))
            row["accuracy"] = float(np.mean([one["accuracy"] for one in reached]))
            if p == 1:
                dave_pg[problem] = row["bytes"]
            theirs = dave_pg.get(problem)
            row["bytes_to_baseline"] = row["bytes"] / theirs if theirs else None
        else:
            row["bytes"] = "not reached"
        result.append(_per_point(row))
    return result


def loft_rows(table: list[dict[str, str]] | None) -> list[Row]:
    """Return the rows of LoFT and Local SGD in LoFT's Table 1; "not run" if there is no table."""
    if table is None:
        return [{"study": "tickets", "method": "LoFT", "masked": "filters", "bytes": NOT_RUN}]
    sgd = {
        (row["model"], row["dataset"], row["workers"]): float(row["comm_gigabytes"])
        for row in table
        if row["method"] == BASELINE
    }
    result = []
    for row in table:
        if row["method"] not in (MASKING, BASELINE):
            continue
        gigabytes = float(row["comm_gigabytes"])
        theirs = sgd.get((row["model"], row["dataset"], row["workers"]))
        loft = row["method"] == MASKING
        result.append(
            _per_point(
                {
                    "study": "tickets",
                    "dataset": f"{row['dataset']}, {row['model']}",
                    "method": "LoFT" if loft else "Local SGD",
                    "masked": "filters" if loft else "nothing",
                    "workers": int(row["workers"]),
                    "bytes": gigabytes * GIGA,
                    "of_which_indices": 0.0,
                    "baseline": "Local SGD",
                    "bytes_to_baseline": gigabytes / theirs if theirs else None,
                    "accuracy": float(row["pretrain_accuracy"]),
                    "accuracy_of": "test images",
                }
            )
        )
    return result


def _per_point(row: Row) -> Row:
    values: Any = row["bytes"]
    if isinstance(values, float) and row["accuracy"]:
        row["bytes_per_point"] = values / row["accuracy"]
    return row
