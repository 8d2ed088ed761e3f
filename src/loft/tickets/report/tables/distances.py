"""Make the table of filter distances from every epoch of a pretraining to its last one."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.report.job_lines import Job

TITLE = "Filter distances"
CAPTION = """
The distance from the ranking of filters at every epoch of every pretraining to the ranking at its
last epoch: the mean over convolutions with filters ranked by their l2 norm, the same by the l1
norm and by the largest absolute weight, and by l2 norm in every convolution.
"""


def make(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return a row for each epoch: its filter distance to the last epoch.

    `mean` is the mean over layers with filters ranked by l2 norm, `mean_l1` and `mean_max` by the
    other norms. The columns of layers are by l2 norm.
    """
    pretrainings: dict[tuple[Any, ...], dict[str, Line]] = {}  # whose -> norm -> line
    keys = ("model", "dataset", "cell", "seed")
    for line in (line for job in jobs for line in job):
        if line["kind"] == "distance":
            whose = tuple(line[key] for key in keys)
            pretrainings.setdefault(whose, {})[line["norm"]] = line
    return pd.DataFrame(
        [
            {
                **dict(zip(keys, whose, strict=True)),
                "from_epoch": epoch,
                "to_epoch": norms["l2"]["to_epoch"],
                "mean": norms["l2"]["mean"][epoch],
                "mean_l1": norms["l1"]["mean"][epoch],
                "mean_max": norms["max"]["mean"][epoch],
                **{layer: values[epoch] for layer, values in norms["l2"]["layers"].items()},
            }
            for whose, norms in pretrainings.items()
            for epoch in range(norms["l2"]["to_epoch"] + 1)
        ]
    )
