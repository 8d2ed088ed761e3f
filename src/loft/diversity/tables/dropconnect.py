"""Time and passes of two processes with DropConnect and without."""

import numpy as np
import pandas as pd

from loft.diversity.measurements import NAN, Jobs, Row, by_batch, interval, of_kind

TITLE = "DropConnect"
CAPTION = """
Seconds and passes to the accuracy with two worker processes, with DropConnect and without, by batch
size.
"""


def make(jobs: Jobs, confidence: float, tolerance: float) -> pd.DataFrame:
    """Return time and passes to the accuracy with two processes, with DropConnect and without.

    `keeps`: passes exceed the fewest of the same drop probability by no more than `tolerance`;
    `largest`: the largest batch size for which that is so, all smaller ones included; `fastest`:
    of the least seconds. `faster` is the share of the seconds without DropConnect, each at its
    fastest, that is saved.
    """
    rows: list[Row] = []
    for lines in by_batch(of_kind(jobs, "ending"), "drop"):
        found = [line for line in lines if line["passes"] is not None]
        mean, low, high = interval((line["train_seconds"] for line in found), confidence)
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
