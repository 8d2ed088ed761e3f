"""Make the table of work: what each row of Table 1 sees and sends for its accuracy."""

from typing import Any

import pandas as pd

from loft.core.reporting.metrics import Line
from loft.tickets.methods.interface import find
from loft.tickets.report.job_lines import Job
from loft.tickets.results.cells import CONTROLS, DENSE, FROM_START, Cell

TITLE = "Work"
CAPTION = """
What each row of Table 1 costs: the images that all workers together see in pretraining (images seen
twice count twice), the epochs of a ticket's training after it, and the gigabytes that are sent.
"""
SHOWN = ("model", "dataset", "method", "workers", "seeds")


def make(jobs: list[Job], table1: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each row of Table 1, with its accuracies."""
    steps: dict[tuple[str, str, str], Line] = {}
    for job in jobs:
        if job[0]["step"] in ("pretrain", "finetune"):
            about = job[0]
            steps[about["step"], about["model"]["name"], about["cell"]] = about
    accuracies = [name for name in map(str, table1) if name.startswith("accuracy_")]
    rows: list[dict[str, Any]] = []
    for row in table1.to_dict("records"):
        model, method = row["model"], row["method"]
        control = method in CONTROLS
        cell = method if control else Cell(method, row["workers"]).name
        pretraining = steps["pretrain", model, DENSE if control else cell]
        images = 0 if method in FROM_START else images_seen(pretraining)
        tuning = steps["finetune", model, pretraining["trained_by"] or cell]
        rows.append(
            {
                **{column: row[column] for column in SHOWN},
                "pretraining_images": images,
                "finetuning_epochs": tuning["epochs"],
                "comm_gigabytes": row["comm_gigabytes"],
                "pretrain_accuracy": row["pretrain_accuracy"],
                **{column: row[column] for column in accuracies},
            }
        )
    return pd.DataFrame(rows)


def images_seen(pretraining: Line) -> int:
    """Return how many images all workers together see in a pretraining, from its first line."""
    steps = pretraining["epochs"] * pretraining["iterations_per_epoch"]
    orders = pretraining["workers"] if find(pretraining["method"]).own_orders else 1
    return int(steps * pretraining["batch_size"] * orders)
