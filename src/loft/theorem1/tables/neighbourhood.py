"""Compare LoFT's last loss with the predicted size of the neighbourhood."""

import numpy as np
import pandas as pd

from loft.theorem1.measurements import CELL, Jobs, error, of_kind

TITLE = "Size of the neighbourhood"
CAPTION = """
LoFT's loss at the end of longer trainings with steps longer than the theorem's, beside the size of
the neighbourhood that our own derivation predicts, and gradient descent's loss.
"""


def make(jobs: Jobs) -> pd.DataFrame:
    """Return LoFT's loss at the end of long trainings, and our prediction."""
    rows = []
    for line in of_kind(jobs, "cell"):
        if "neighbourhood" in line["sweeps"]:
            row = {name: line[name] for name in CELL} | {"measured": np.mean(line["tail"])}
            row |= {"measured_se": error(line["tail"]), "predicted": line["neighbourhood"]}
            row["ratio"] = row["measured"] / row["predicted"]
            rows.append(row | {"descent_loss": np.mean(line["descent_loss"])})
    return pd.DataFrame(rows)
