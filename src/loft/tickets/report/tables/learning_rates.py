"""Make the table of the learning rates that were tried: loss on held-out images, and the best."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from loft.tickets.report.cell_columns import split_cells
from loft.tickets.report.job_lines import Job

TITLE = "Learning rates"
CAPTION = """
Pretrainings at every learning rate of a grid, the same grid for every method: mean cross-entropy
and accuracy (percent) of the global model after the last epoch, on training images that were held
out, and their deviation over seeds. ``best`` marks the rate with the lowest loss, ``edge`` a best
rate at an end of the grid, ``used`` the rate that the run trains with. ``images_seen`` is the cost:
the images that all workers trained on, for all seeds.
"""
ROW = ["model", "dataset", "cell", "learning_rate"]


def make(tried: list[Job], used: Mapping[str, float]) -> pd.DataFrame:
    """Return a row for each network, cell and learning rate.

    Args:
        tried: lines of the pretrainings.
        used: the learning rate that the run trains each cell with.
    """
    every = pd.DataFrame([_values(job) for job in tried])
    groups = every.groupby(ROW, sort=False)
    table = groups.agg(
        seeds=("loss", "size"),
        held_out=("held_out", "first"),
        loss=("loss", "mean"),
        loss_std=("loss", "std"),
        accuracy=("accuracy", "mean"),
        accuracy_std=("accuracy", "std"),
        images_seen=("images_seen", "sum"),
    ).reset_index()
    own = table.groupby(ROW[:3], sort=False)["learning_rate"]
    lowest = table.groupby(ROW[:3], sort=False)["loss"].transform("min")
    best = table["loss"] == lowest
    rate = table["learning_rate"]
    at_end = (rate == own.transform("min")) | (rate == own.transform("max"))
    chosen = [
        f"{used[cell]:g}" == f"{tried_rate:g}"
        for cell, tried_rate in zip(table["cell"], rate, strict=True)
    ]
    marks = {"best": best, "edge": best & at_end, "used": pd.Series(chosen)}
    return split_cells(table).assign(**{k: v.map(_mark) for k, v in marks.items()})


def _mark(value: bool) -> str:
    return "yes" if value else ""


def _values(job: Job) -> dict[str, Any]:
    """Return the facts and measurements of one pretraining."""
    about = job[0]
    last = [line for line in job if line["kind"] == "epoch"][-1]
    (result,) = (line for line in job if line["kind"] == "result")
    return {
        "model": about["model"]["name"],
        **{key: about[key] for key in ("dataset", "cell", "learning_rate", "held_out")},
        "loss": last["test_loss"],
        "accuracy": last["test_accuracy"],
        "images_seen": result["images_seen"],
    }
