"""Make the table of time and passes of two processes with and without DropConnect."""

import numpy as np
import pandas as pd

from loft.core.reporting.verdicts.intervals import amount
from loft.diversity.measurements import NAN, Jobs, Row, by_batch, of_kind

TITLE = "DropConnect"
CAPTION = """
Seconds and passes to the accuracy with two worker processes, with DropConnect and without, by batch
size.
"""


def make(jobs: Jobs, confidence: float, tolerance: float) -> pd.DataFrame:
    """Return time and passes to the accuracy in two processes, with and without DropConnect.

    `keeps`: the passes are at most `1 + tolerance` times the fewest of the same drop probability.
    `largest`: the largest batch size for which this and all smaller ones keep. `fastest`: the batch
    size with the least seconds. `faster`: the share of seconds saved against no DropConnect, each
    at its fastest batch size. `low` and `high` bound the mean seconds, on a logarithmic scale.
    """
    rows: list[Row] = []
    for lines in by_batch(of_kind(jobs, "ending"), "drop"):
        found = [line for line in lines if line["passes"] is not None]
        mean, low, high = amount([line["train_seconds"] for line in found], confidence)
        first = lines[0]
        whole = len(found) == len(lines)
        passes = float(np.mean([line["passes"] for line in found])) if whole else NAN
        rows.append(
            {
                "model": first["model"],
                "drop": first["drop"],
                "batch": first["batch"],
                "step": first["step"],
                "edge": first["edge"],
                "passes": passes,
                "train_seconds": mean if whole else NAN,
                "low": low,
                "high": high,
                "samples": len(found),
                "missed": len(lines) - len(found),
            }
        )
    table = pd.DataFrame(rows)
    for drop, own in table.groupby("drop"):
        keeps = own["passes"] <= (1 + tolerance) * own["passes"].min()
        table.loc[own.index, "keeps"] = keeps
        unbroken = own.loc[keeps.cummin(), "batch"]
        table.loc[own.index, "largest"] = own["batch"] == unbroken.max()
        table.loc[own.index, "fastest"] = own["train_seconds"] == own["train_seconds"].min()
        plain = table.loc[table["drop"] == 0, "train_seconds"].min()
        table.loc[own.index, "faster"] = 1 - own["train_seconds"].min() / plain if drop else NAN
    return table
