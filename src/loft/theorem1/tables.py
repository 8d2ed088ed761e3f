"""Make the study's tables from its jobs' lines."""

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
    """Return the lines of one kind of all jobs, each with its job's source."""
    return [
        {"source": job[0]["source"], **line} for job in jobs for line in job if line["kind"] == kind
    ]


def cells_table(jobs: Jobs) -> pd.DataFrame:
    """Return a row for each cell, with means over repetitions and their standard errors.

    `predicted_*` are our own predictions, `floor_*` their limits at infinite width. `relative` is
    the squared weight distance over gradient descent's squared movement. `bound_ratio` is the
    theorem's left-hand side over its right-hand side with hidden constants 1.
    """
    rows = []
    for line in of_kind(jobs, "cell"):
        row = {name: line[name] for name in CELL}
        row |= {"sweeps": " ".join(line["sweeps"]), "repetitions": line["repetitions"]}
        for term in TERMS:
            row |= {term: np.mean(line[term]), f"{term}_se": error(line[term])}
        row["movement"] = np.mean(line["movement"])
        row["relative"] = row["weights"] / row["movement"]
        row["loss_start"] = line["loss_start"]
        row |= {name: np.mean(line[name]) for name in LOSSES}
        row |= {f"predicted_{term}": sum(line[f"predicted_{term}"].values()) for term in TERMS}
        row |= {f"floor_{term}": floor(line, term) for term in TERMS}
        row |= {name: line[name] for name in ("bound_first", "bound_second")}
        right = line["bound_first"] + line["bound_second"]
        row["bound_ratio"] = (row["weights"] + row["outputs"]) / right
        rows.append(row)
    return pd.DataFrame(rows)


def conditions_table(jobs: Jobs) -> pd.DataFrame:
    """Return a row for each kind of data: the theorem's conditions and the values of the run.

    `fall` is the factor by which gradient descent's loss fell at the smallest width, in the cell
    where it fell least. `stable_step` is the largest stable step of gradient descent at infinite
    width for both kinds of masks, in units of lambda_0 / n^2.
    """
    rows = []
    cells = cells_table(jobs)
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


def neighbourhood_table(jobs: Jobs) -> pd.DataFrame:
    """Return LoFT's loss at the end of long trainings, and our prediction."""
    rows = []
    for line in of_kind(jobs, "cell"):
        if "neighbourhood" in line["sweeps"]:
            row = {name: line[name] for name in CELL} | {"measured": np.mean(line["tail"])}
            row |= {"measured_se": error(line["tail"]), "predicted": line["neighbourhood"]}
            row["ratio"] = row["measured"] / row["predicted"]
            rows.append(row | {"descent_loss": np.mean(line["descent_loss"])})
    return pd.DataFrame(rows)


def curves_table(jobs: Jobs) -> pd.DataFrame:
    """Return distances and losses by iteration, and the loss that Corollary 1's rate gives."""
    parts = []
    for line in of_kind(jobs, "curve"):
        part = pd.DataFrame({"t": line["at"]})
        for name in CELL[::-1]:
            part.insert(0, name, line[name])
        for term in TERMS:
            part[term] = np.mean(line[term], axis=0)
        for name in LOSSES:
            part[name] = line[name]
        part["rate_loss"] = line["descent_loss"][0] * line["rate"] ** part["t"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def floor(line: Line, term: str) -> float:
    """Return our prediction of a cell's distance at infinite width."""
    causes = line[f"predicted_{term}"]
    return float(sum(value for cause, value in causes.items() if cause not in FINITE))


def error(values: list[float]) -> float:
    """Return the standard error of a mean."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def in_sweep(cells: pd.DataFrame, sweep: str) -> pd.Series:
    """Return a mask of the rows that belong to a sweep."""
    return cells["sweeps"].str.split().map(lambda names: sweep in names)
