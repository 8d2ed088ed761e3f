"""Compare Theorem 1's contraction with the measured one."""

import numpy as np

from loft.soda.measurements import Job, Row, grouped, only

TITLE = "Theorem 1"
CAPTION = """
Theorem 1 beside the measured contraction of the squared distance to the optimum from one stopping
time of equation 3 to the next.
"""
COLUMNS = [
    "problem",
    "p",
    "repetitions",
    "identified",
    "identified_epoch",
    "alpha",
    "bound",
    "contraction",
    "largest_contraction",
    "holds",
    "rate_to_dave_pg",
]


def make(runs: list[Row], jobs: list[Job]) -> list[Row]:
    """Return Theorem 1's and the measured contraction per stopping time, by probability.

    The theorem holds if the largest measured factor is at most 1 - alpha. The rate
    -log(contraction) over DAve-PG's rate shows whether it depends on p.
    """
    alphas = {
        (job[0]["problem"], job[0]["p"]): next(
            line["alpha"] for line in job if line["kind"] == "theory"
        )
        for job in only(jobs, "simulate")
    }
    result: list[Row] = []
    dave_pg: dict[str, float] = {}
    for (problem, p), group in grouped(runs).items():
        found = [row for row in group if row["contraction"] is not None]
        row: Row = {"problem": problem, "p": p, "repetitions": len(group), "identified": len(found)}
        row |= {"alpha": alphas[problem, p], "bound": 1 - alphas[problem, p]}
        if found:
            factors = [row["contraction"] for row in found]
            row["identified_epoch"] = float(np.mean([row["identified_epoch"] for row in found]))
            row["contraction"], row["largest_contraction"] = float(np.mean(factors)), max(factors)
            row["holds"] = max(factors) <= row["bound"]
            rate = -float(np.mean(np.log(factors)))
            if p == 1:
                dave_pg[problem] = rate
            row["rate_to_dave_pg"] = rate / dave_pg[problem] if problem in dave_pg else None
        result.append(row)
    return result
