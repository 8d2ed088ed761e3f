"""The theorem's conditions, and how far the runs are from them."""

import pandas as pd

from loft.theorem1.measurements import Jobs, in_sweep, of_kind

TITLE = "Conditions of the theorem"
CAPTION = """
What Theorem 1 asks for, for each kind of data, and how far this run is from it: the step, the
width, and how far gradient descent's loss fell.
"""


def make(jobs: Jobs, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each kind of data: the theorem's conditions, and how far the runs are.

    `fall` is how many times smaller gradient descent's loss became at the smallest width, in the
    cell of that width where it fell least. `stable_step` is the step, in units of lambda_0 / n^2,
    beyond which gradient descent diverges at infinite width under either kind of masks.
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
