"""Make the table of the theorem's conditions and the values of the run."""

import pandas as pd

from loft.theorem1.measurements import Jobs, in_sweep, of_kind

TITLE = "Conditions of the theorem"
CAPTION = """
What Theorem 1 asks for, for each kind of data, and how far this run is from it: the step, the
width, and how far gradient descent's loss fell.
"""


def make(jobs: Jobs, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each kind of data: the theorem's conditions and the values of the run.

    `fall` is the factor by which gradient descent's loss fell at the smallest width, in the cell
    where it fell least. `stable_step` is the largest stable step of gradient descent at infinite
    width for both kinds of masks, in units of lambda_0 / n^2.
    """
    rows = []
    for line in of_kind(jobs, "data"):
        own = cells[(cells["source"] == line["source"]) & in_sweep(cells, "m")]
        narrow = own[own["m"] == own["m"].min()]
        names = ("source", "n", "p", "d", "lambda_0", "lambda_max", "eta", "T", "failure")
        row = {name: line[name] for name in names}
        row |= {"largest_m": own["m"].max(), "least_m": line["least_m"]}
        row["fall"] = (narrow["loss_start"] / narrow["descent_loss"]).min()
        row["stable_step"] = line["stable_step"]
        rows.append(row)
    return pd.DataFrame(rows)
