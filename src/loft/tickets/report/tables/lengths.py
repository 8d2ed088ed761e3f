"""Make the table of tickets' accuracies by the length of their fine-tuning."""

import pandas as pd

from loft.tickets.report.cell_columns import split_cells
from loft.tickets.report.job_lines import Job
from loft.tickets.results.cells import DENSE

TITLE = "Lengths of fine-tuning"
CAPTION = """
Accuracy in percent of the tickets of the last snapshot after fine-tunings of different lengths,
each with a learning rate that falls to 0 at its end: mean and deviation over seeds. ``to_dense`` is
the difference from the tickets of dense pretraining in points, the mean over the same seeds.
"""
ROW = ["model", "dataset", "cell", "ratio", "epochs"]


def make(finetunings: list[Job]) -> pd.DataFrame:
    """Return a row for each network, cell, ratio and length.

    Args:
        finetunings: their lines, also those of the run's own length.
    """
    every = pd.DataFrame([row for job in finetunings for row in _rows(job)])
    dense = every[every["cell"] == DENSE].drop(columns="cell")
    same = [*ROW[:2], *ROW[3:], "seed"]
    every = every.merge(dense, how="left", on=same, suffixes=("", "_dense"))
    every["to_dense"] = every["accuracy"] - every["accuracy_dense"]
    table = every.groupby(ROW, sort=False).agg(
        seeds=("accuracy", "size"),
        accuracy=("accuracy", "mean"),
        accuracy_std=("accuracy", "std"),
        to_dense=("to_dense", "mean"),
    )
    table = table.reset_index().sort_values([*ROW[:2], "ratio", "epochs"], kind="stable")
    return split_cells(table)


def _rows(job: Job) -> list[dict[str, object]]:
    """Return the last snapshot's tickets of a fine-tuning."""
    about = job[0]
    tickets = [line for line in job if line["kind"] == "ticket"]
    last = max(line["snapshot"] for line in tickets)
    return [
        {
            "model": about["model"]["name"],
            **{key: about[key] for key in ("dataset", "cell", "seed", "epochs")},
            "ratio": line["ratio"],
            "accuracy": line["test_accuracy"],
        }
        for line in tickets
        if line["snapshot"] == last
    ]
