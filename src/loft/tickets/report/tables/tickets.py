"""Make the table of all fine-tuned tickets: origin, size and accuracy."""

from collections.abc import Iterable

import pandas as pd

from loft.tickets.report.job_lines import Job

TITLE = "Tickets"
CAPTION = """
Every ticket that was fine-tuned, by network, cell, seed, snapshot and ratio: the multiple of
filters that its layers keep, its parameters, the operations of one image's forward pass (two to a
multiply-add), its accuracy in percent, and what its fine-tuning took: images, and operations of
forward and backward passes.
"""
TICKET = ("snapshot", "ratio", "multiple", "parameters", "flops", "test_accuracy")
WORK = ("images_seen", "operations")  # which older lines lack


def make(jobs: Iterable[Job]) -> pd.DataFrame:
    """Return one row for each fine-tuned ticket.

    `flops` are the operations of one image's forward pass, two per multiply-add. A cell that
    another cell trains has that cell's tickets.
    """
    jobs = list(jobs)
    rows = [
        {
            "model": job[0]["model"]["name"],
            "dataset": job[0]["dataset"],
            "cell": job[0]["cell"],
            "seed": job[0]["seed"],
            **{key: line[key] for key in TICKET},
            **{key: line.get(key) for key in WORK},
        }
        for job in jobs
        if job[0]["step"] == "finetune"
        for line in job
        if line["kind"] == "ticket"
    ]
    for about in (job[0] for job in jobs if job[0].get("trained_by")):
        theirs = (about["model"]["name"], about["trained_by"], about["seed"])
        rows += [
            {**row, "cell": about["cell"]}
            for row in rows
            if (row["model"], row["cell"], row["seed"]) == theirs
        ]
    return pd.DataFrame(rows)
