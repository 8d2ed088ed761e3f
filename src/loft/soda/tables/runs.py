"""Make the table of all repetitions of the simulations."""

from loft.soda.jobs import Shown
from loft.soda.measurements import Job, Row, only

TITLE = "Every repetition"
CAPTION = """
Every repetition of the simulations: how it ended, and what it exchanged until then.
"""
COLUMNS = [
    "problem",
    "p",
    "repetition",
    "outcome",
    "epoch",
    "time",
    "suboptimality",
    "identified_epoch",
    "restarts",
    "entries_up",
    "entries_down",
    "bytes_up",
    "bytes_down",
    "bytes_indices",
    "stopping_times",
    "contraction",
    "accuracy",
]


def make(problems: list[Shown], jobs: list[Job]) -> list[Row]:
    """Return every repetition, ordered by problem as in the run, by falling p, by repetition."""
    place = {shown.problem: number for number, shown in enumerate(problems)}
    rows = [
        {"problem": simulated[0]["problem"], "p": simulated[0]["p"], **line}
        for simulated in only(jobs, "simulate")
        for line in simulated
        if line["kind"] == "run"
    ]
    return sorted(rows, key=lambda row: (place[row["problem"]], -row["p"], row["repetition"]))
