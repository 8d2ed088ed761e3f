"""Make the table of passes to an accuracy (Figure 2)."""

import pandas as pd

from loft.core.reporting.verdicts.intervals import amount
from loft.diversity.measurements import Jobs, Row, by_batch, of_kind

TITLE = "Passes"
CAPTION = """
Passes until the training samples are classified as well as the run asks, by batch size. Repetitions
that did not get there are not in the mean: where any is ``missed``, it is too low.
"""


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return Figure 2 as a table: passes until the accuracy, for each batch size.

    Repetitions that did not reach the accuracy are not among the `samples` of the mean, so with
    any of them the mean is too low. `low` and `high` are on a logarithmic scale.
    """
    rows: list[Row] = []
    for lines in by_batch(of_kind(jobs, "passes")):
        found = [line["passes"] for line in lines]
        reached = [value for value in found if value is not None]
        mean, low, high = amount(reached, confidence)
        first = lines[0]
        rows.append(
            {
                "model": first["model"],
                "accuracy": first["target_accuracy"],
                "batch": first["batch"],
                "step": first["step"],
                "edge": first["edge"],
                "passes": mean,
                "low": low,
                "high": high,
                "samples": len(reached),
                "missed": len(found) - len(reached),
            }
        )
    return pd.DataFrame(rows)
