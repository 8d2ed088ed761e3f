"""Make the table of the batch-size bound of each worker's samples."""

import pandas as pd

from loft.diversity.gradient_diversity import Diversity
from loft.diversity.measurements import Jobs, of_kind

TITLE = "Samples"
CAPTION = """
The bound on a worker's batch: n times the diversity of the gradients of images that it is about to
see, mean over workers between the least and the most of any.
"""


def make(updates: Jobs) -> pd.DataFrame:
    """Return the batch-size bound of the samples that each worker trains on next.

    `bound` is the mean over workers, `least` and `most` are the extremes.
    """
    keys = ["model", "cell", "workers", "epoch"]
    rows = [
        {
            "model": line["model"]["name"],
            "cell": line["cell"],
            "workers": line["workers"],
            "epoch": line["epoch"],
            "samples": line["samples"],
            "batch": line["batch_size"],
            "bound": Diversity(line["samples"], line["squares"], line["together"]).bound,
        }
        for line in of_kind(updates, "gradients")
    ]
    grouped = pd.DataFrame(rows).groupby([*keys, "samples", "batch"])["bound"]
    table = grouped.agg(bound="mean", least="min", most="max").reset_index()
    within = table["bound"] >= table["batch"]
    table["finding"] = within.map({True: "the batch is within it", False: "the batch is beyond it"})
    return table
