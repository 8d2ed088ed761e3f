"""Make the table of gradient diversity of workers' changes in a round of local training.

The sum of S workers' changes after a round is a step with batch size S whose samples are the
workers. The changes have a diversity (Definition 1). Up to B = S Delta workers each change counts
in full. B is 1 if all changes are equal, and S if they are orthogonal, as changes of partitioned
parameters always are. B exceeds S if changes oppose each other.
"""

import pandas as pd

from loft.diversity.gradient_diversity import Diversity
from loft.diversity.measurements import Jobs, of_kind

TITLE = "Rounds"
CAPTION = """
How many of the S workers count in full, from the diversity of what they changed after so many local
iterations: of all trained parameters and, ``shared``, of those that every worker has.
"""


def make(updates: Jobs) -> pd.DataFrame:
    """Return the diversity of workers' changes: a row for each cell, epoch and local iterations.

    Columns `shared_...` count only the parameters that every worker has.
    """
    rows = []
    for line in of_kind(updates, "updates"):
        workers, apart = line["workers"], line["partitioned_squares"]
        squares, together = line["shared_squares"], line["shared_together"]
        every = Diversity(workers, squares + apart, together + apart)
        shared = Diversity(workers, squares, together)
        rows.append(
            {
                "model": line["model"]["name"],
                "cell": line["cell"],
                "workers": workers,
                "epoch": line["epoch"],
                "iterations": line["iterations"],
                "diversity": every.diversity,
                "bound": every.bound,
                "shared_diversity": shared.diversity,
                "shared_bound": shared.bound,
                "partitioned_share": apart / (squares + apart),
                "finding": _finding(every.bound, workers),
            }
        )
    order = ["model", "cell", "epoch", "iterations"]
    return pd.DataFrame(rows).sort_values(order, ignore_index=True)


def _finding(bound: float, workers: int) -> str:
    if bound >= workers:
        return f"all {workers} workers count in full"
    return f"{workers} workers count as {bound:.2f}"
