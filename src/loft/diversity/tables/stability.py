"""Make the table of Theorem 5's distances of trainings on data that differ in one point."""

import pandas as pd

from loft.core.reporting.verdicts.intervals import amount
from loft.diversity.measurements import Jobs, Row, interval, of_kind

TITLE = "Stability"
CAPTION = """
Theorem 5 as measured: distances of trainings on samples that differ in one point, by batch size.
"""


def make(jobs: Jobs, confidence: float) -> pd.DataFrame:
    """Return measurements of Theorem 5: distances of trainings on data that differ in one point.

    Distances have an interval on a logarithmic scale; gaps may be below zero and have a linear one.
    """
    rows: list[Row] = []
    for line in of_kind(jobs, "stability"):
        mean, low, high = amount(line["distances"], confidence)
        gap, gap_low, gap_high = interval(line["gaps"], confidence)
        row = {name: line[name] for name in ("batch", "step", "updates", "least_bound", "bound")}
        row |= {"distance": mean, "low": low, "high": high, "gap": gap}
        rows.append(row | {"gap_low": gap_low, "gap_high": gap_high})
    table = pd.DataFrame(rows)
    serial = table.loc[table["batch"] == 1, "distance"].iloc[0]
    table["to_serial"] = table["distance"] / serial
    table["gap_to_serial"] = table["gap"] / table.loc[table["batch"] == 1, "gap"].iloc[0]
    table["within"] = table["batch"] <= table["bound"]
    return table
