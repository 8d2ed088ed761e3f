"""Read facts from the lines of jobs, for tables and verdicts."""

from typing import Any

from loft.core.reporting.metrics import Line
from loft.tickets.results.cells import DENSE, UNPRUNED, Cell

Job = list[Line]  # one job's lines; the first one describes the job


def order(job: Job) -> tuple[Any, ...]:
    """Return the sort key of a job's rows: network, workers, method and seed."""
    about = job[0]
    if about["step"] == "distance":
        return ("", about["seed"])
    cell = Cell.parse(DENSE if about["cell"] == UNPRUNED else about["cell"])
    return (about["model"]["name"], cell.workers, cell.method, about["cell"], about["seed"])


def final_accuracy(job: Job) -> float:
    """Return the last test accuracy among a job's epochs."""
    accuracy: float = [line for line in job if line["kind"] == "epoch"][-1]["test_accuracy"]
    return accuracy


def percent(ratio: float) -> str:
    """Return a pruning ratio as columns name it: 0.5 -> "50"."""
    return f"{100 * ratio:g}"
