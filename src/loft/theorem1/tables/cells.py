"""Make the table of distances between LoFT and gradient descent, a row for each cell."""

import numpy as np
import pandas as pd

from loft.theorem1.measurements import CELL, LOSSES, TERMS, Jobs, error, floor, of_kind

TITLE = "All cells"
CAPTION = """
Both distances between LoFT's and gradient descent's trajectories in every cell: means of
repetitions and their standard errors, beside what our own derivation predicts and the terms of the
bound of Theorem 1.
"""


def make(jobs: Jobs) -> pd.DataFrame:
    """Return a row for each cell, with means over repetitions and their standard errors.

    `predicted_*` are our own predictions, `floor_*` their limits at infinite width. `relative` is
    the squared weight distance over gradient descent's squared movement. `bound_ratio` is the
    theorem's left-hand side over its right-hand side with hidden constants 1.
    """
    rows = []
    for line in of_kind(jobs, "cell"):
        row = {name: line[name] for name in CELL}
        row |= {"sweeps": " ".join(line["sweeps"]), "repetitions": line["repetitions"]}
        for term in TERMS:
            row |= {term: np.mean(line[term]), f"{term}_se": error(line[term])}
        row["movement"] = np.mean(line["movement"])
        row["relative"] = row["weights"] / row["movement"]
        row["loss_start"] = line["loss_start"]
        row |= {name: np.mean(line[name]) for name in LOSSES}
        row |= {f"predicted_{term}": sum(line[f"predicted_{term}"].values()) for term in TERMS}
        row |= {f"floor_{term}": floor(line, term) for term in TERMS}
        row |= {name: line[name] for name in ("bound_first", "bound_second")}
        right = line["bound_first"] + line["bound_second"]
        row["bound_ratio"] = (row["weights"] + row["outputs"]) / right
        rows.append(row)
    return pd.DataFrame(rows)
