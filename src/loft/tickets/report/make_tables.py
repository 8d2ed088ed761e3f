"""Make Table 1 and the other tables of this study from the lines of jobs."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from loft.core.files.atomic import write_bytes
from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.registry import Materials, write_texts
from loft.tickets.report.items import MEASURED
from loft.tickets.report.job import TableJob
from loft.tickets.report.job_lines import order
from loft.tickets.report.printing import accuracies, to_csv
from loft.tickets.results.paths import SUMMARY
from loft.tickets.results.schema.all_jobs import STEPS, check_all_jobs


def run(job: TableJob, metrics: list[Path], folder: Path, summary: Path) -> None:
    """Write every table into `folder`, and `summary`, the run's metrics.json."""
    texts = render(job, metrics)
    write_bytes(summary, texts.pop(SUMMARY).encode())
    write_texts(folder, texts)


def render(job: TableJob, metrics: list[Path]) -> dict[str, str]:
    """Return the text of every file by name. The order of `metrics` does not change it.

    Raises:
        UserError: lines are missing or damaged.
    """
    jobs = sorted(read_jobs(metrics, STEPS).values(), key=order)
    check_all_jobs(jobs)
    given = {"jobs": jobs, "rule": job.verdict, "test_images": job.test_images}
    materials = Materials(given, MEASURED)
    texts = materials.texts(MEASURED, lambda _, table: to_csv(table))
    summary = summarise(materials.table("table1"))
    return texts | {SUMMARY: json.dumps(summary, indent=1) + "\n"}


def summarise(table1: pd.DataFrame) -> dict[str, Any]:
    """Return the values for `dvc metrics show`: accuracies and cost by model and cell."""
    result: dict[str, Any] = {}
    wanted = ["pretrain_accuracy", *accuracies(table1), "comm_gigabytes"]
    for row in table1.to_dict("records"):
        cell = f"{row['method']}-{row['workers']}"
        model = result.setdefault(str(row["model"]), {"dense_accuracy": row["dense_accuracy"]})
        model[cell] = {key: round(float(row[key]), 6) for key in wanted if not pd.isna(row[key])}
    return {"tickets": result}
