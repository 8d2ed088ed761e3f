"""Table 1 and the tables behind it and the figures, from the lines that jobs wrote."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.files.atomic import write_bytes
from loft.core.reporting.checked_lines import read_jobs
from loft.tickets.report import printing, table1_verdicts, tables
from loft.tickets.report.claims import claims
from loft.tickets.report.job import TableJob
from loft.tickets.report.stopping import stopping_table
from loft.tickets.results.schema.together import STEPS, expect_together


def run(job: TableJob, metrics: list[Path], folder: Path, summary: Path) -> None:
    """Write `table1` as CSV, Markdown and LaTeX, the other tables as CSV, and a summary."""
    for name, text in render(job, metrics).items():
        write_bytes(summary if name == "metrics.json" else folder / name, text.encode())


def render(job: TableJob, metrics: list[Path]) -> dict[str, str]:
    """Return every table's text by file name, the same for the same lines in whatever order.

    Raises:
        UserError: lines are missing or damaged.
    """
    jobs = sorted(read_jobs(metrics, STEPS).values(), key=tables.order)
    expect_together(jobs)
    compared = table1_verdicts.comparisons(jobs, job.verdict)
    table = table1_verdicts.with_verdicts(tables.table1(jobs), compared)
    note = table1_verdicts.power(jobs, job.verdict) + tables.taken_in_turns(jobs)
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


def summarise(table: pd.DataFrame) -> dict[str, Any]:
    """Return what `dvc metrics show` compares: accuracies and cost by model and cell."""
    result: dict[str, Any] = {}
    wanted = ["pretrain_accuracy", *tables.accuracies(table), "comm_gigabytes"]
    for row in table.to_dict("records"):
        cell = f"{row['method']}-{row['workers']}"
        model = result.setdefault(str(row["model"]), {"dense_accuracy": row["dense_accuracy"]})
        model[cell] = {key: round(float(row[key]), 6) for key in wanted if not pd.isna(row[key])}
    return {"tickets": result}
