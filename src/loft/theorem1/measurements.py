"""Lines of this study's jobs, as its tables and figures read them."""

import numpy as np
import pandas as pd

from loft.core.reporting.metrics import Line

TERMS = ["weights", "outputs"]  # of the theorem's left-hand side
LOSSES = ["descent_loss", "loft_loss"]
FINITE = ["pull", "own"]  # causes of distance that vanish with the width
CELL = ["source", "masks", "m", "S", "xi", "kappa", "local_steps", "step", "T"]

Jobs = list[list[Line]]


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, with numbers to five significant digits."""
    return table.to_csv(index=False, float_format="%.5g", lineterminator="\n")


def of_kind(jobs: Jobs, kind: str) -> list[Line]:
    """Return all jobs' lines of a kind, each with the source of its job."""
    return [
        {"source": job[0]["source"], **line} for job in jobs for line in job if line["kind"] == kind
    ]


def floor(line: Line, term: str) -> float:
    """Return what our derivation predicts of a cell's distance at infinite width."""
    causes = line[f"predicted_{term}"]
    return float(sum(value for cause, value in causes.items() if cause not in FINITE))


def error(values: list[float]) -> float:
    """Return the standard error of a mean."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def in_sweep(cells: pd.DataFrame, sweep: str) -> pd.Series:
    """Return which rows belong to a sweep."""
    return cells["sweeps"].str.split().map(lambda names: sweep in names)
