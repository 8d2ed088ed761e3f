"""Table 1 and the tables behind it and the figures, from the lines that jobs wrote."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.files import write_bytes
from loft.core.metrics import Line, incomplete, read_whole
from loft.tickets import comparisons, printing, tables
from loft.tickets.claims import claims
from loft.tickets.jobs import TableJob
from loft.tickets.norms import FILTER_NORMS
from loft.tickets.stopping import stopping_table


def run(job: TableJob, metrics: list[Path], folder: Path, summary: Path) -> None:
    """Write `table1` as CSV, Markdown and LaTeX, the other tables as CSV, and a summary."""
    for name, text in render(job, metrics).items():
        write_bytes(summary if name == "metrics.json" else folder / name, text.encode())


def render(job: TableJob, metrics: list[Path]) -> dict[str, str]:
    """Return every table's text by file name, the same for the same lines in whatever order."""
    jobs = sorted((read_job(path) for path in metrics), key=tables.order)
    compared = comparisons.comparisons(jobs, job.verdict)
    table = comparisons.with_verdicts(tables.table1(jobs), compared)
    note = comparisons.power(jobs, job.verdict) + tables.taken_in_turns(jobs)
    lines = [line for job in jobs for line in job]
    return {
        "table1.csv": printing.to_csv(table),
        "table1.md": printing.to_markdown(table, note),
        "table1.tex": printing.to_latex(table, note),
        "verdicts.csv": printing.to_csv(compared),
        "claims.csv": printing.to_csv(claims(jobs, table, job.verdict)),
        "tickets.csv": printing.to_csv(tables.tickets_table(jobs)),
        "distances.csv": printing.to_csv(tables.distances_table(lines)),
        "stopping.csv": printing.to_csv(stopping_table(jobs)),
        "metrics.json": json.dumps(summarise(table), indent=1) + "\n",
    }


def read_job(path: Path) -> list[Line]:
    """Read what a job of this study measured. Raises UserError where any of it is missing."""
    job = read_whole(path, ("pretrain", "finetune", "distance"))
    about, kinds = job[0], Counter(line["kind"] for line in job)
    if about["step"] == "pretrain":
        kind, expected = "result", 1
    elif about["step"] == "finetune":
        kind, expected = "ticket", len(about["settings"]["tickets"])
    else:  # two kinds of distances for each pretraining, of which one is by every norm
        kind, expected = "consecutive", 2 * kinds["distance"] // len(FILTER_NORMS)
    if kinds[kind] < expected:
        raise incomplete(path, f"found {kinds[kind]} of {expected} lines of kind '{kind}'")
    return job


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Return what `dvc metrics show` compares: accuracies and cost by model and cell."""
    result: dict[str, Any] = {}
    wanted = ["pretrain_accuracy", *tables.accuracies(table), "comm_gigabytes"]
    for row in table.to_dict("records"):
        cell = f"{row['method']}-{row['workers']}"
        model = result.setdefault(str(row["model"]), {"dense_accuracy": row["dense_accuracy"]})
        model[cell] = {key: round(float(row[key]), 6) for key in wanted if not pd.isna(row[key])}
    return {"tickets": result}
