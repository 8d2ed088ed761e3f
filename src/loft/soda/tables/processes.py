"""Make the table of runs of real processes and their repetition in the simulation."""

from loft.soda.measurements import Job, Row, only

TITLE = "Real processes"
CAPTION = """
A run of real processes beside its repetition in the simulation.
"""
COLUMNS = [
    "problem",
    "workers",
    "p",
    "outcome",
    "epoch",
    "suboptimality",
    "support",
    "bytes_up",
    "bytes_down",
    "sent_by_workers",
    "sent_by_master",
    "largest_difference",
]


def make(jobs: list[Job]) -> list[Row]:
    """Return the runs of real processes."""
    rows = []
    for job in only(jobs, "processes"):
        by_kind = {line["kind"]: line for line in job}
        master, *workers = [line["bytes_sent"] for line in job if line["kind"] == "process"]
        totals = {"sent_by_master": master, "sent_by_workers": sum(workers)}
        replay = by_kind["replay"]["largest_difference"]
        rows.append({**job[0], **by_kind["run"], **totals, "largest_difference": replay})
    return rows
