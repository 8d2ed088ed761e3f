"""Gradient diversity between workers' changes in a round of local training.

What S workers add up to after a round is one step of batch S whose samples are the workers: their
changes have a diversity (Definition 1), and up to B = S Delta of them keep each one's progress.
B is 1 where all changed alike and S where changes are orthogonal, as those of partitioned
parameters are by construction; it exceeds S where they pull against each other.
"""

import pandas as pd

from loft.diversity.measure import Diversity
from loft.diversity.measurements import Jobs, of_kind

TITLE = "Rounds"
CAPTION = """
How many of the S workers count in full, from the diversity of what they changed after so many local
iterations: of all trained parameters and, ``shared``, of those that every worker has.
"""


def make(updates: Jobs) -> pd.DataFrame:
    """Return the diversity of workers' changes, a row for each cell, epoch and local iterations.

    Of all trained parameters and, `shared_`, of those alone that every worker has.
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
