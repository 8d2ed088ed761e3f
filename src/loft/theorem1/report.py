"""The study's tables and summary, from the lines that its jobs wrote."""

from pathlib import Path

import pandas as pd

from loft.core.files.atomic import write_bytes
from loft.core.reporting.checked_lines import read_jobs
from loft.theorem1 import tables
from loft.theorem1.job import Theorem1ReportJob
from loft.theorem1.line_schema import STEPS
from loft.theorem1.slopes import slopes_table
from loft.theorem1.sources import SOURCES
from loft.theorem1.summary import summarise


def run(job: Theorem1ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write the tables and the summary into a folder.

    Args:
        job: what to do.
        metrics: what the jobs measured, a file for each kind of data.
        folder: to write to.
    """
    for name, text in render(collect(job, metrics)).items():
        write_bytes(folder / name, text.encode())


def collect(job: Theorem1ReportJob, metrics: list[Path]) -> dict[str, pd.DataFrame]:
    """Return every table by name, the same for the same lines in whatever order.

    Raises:
        UserError: lines are missing or damaged.
    """
    order = [*SOURCES]
    jobs = sorted(
        read_jobs(metrics, STEPS).values(),
        key=lambda job: order.index(job[0]["source"]),
    )
    return {
        "cells": tables.cells_table(jobs),
        "slopes": slopes_table(jobs, job.fit),
        "conditions": tables.conditions_table(jobs),
        "neighbourhood": tables.neighbourhood_table(jobs),
        "curves": tables.curves_table(jobs),
    }


def render(made: dict[str, pd.DataFrame]) -> dict[str, str]:
    """Return every text by file name."""
    texts = {f"{name}.csv": tables.to_csv(table) for name, table in made.items()}
    return texts | {"README.md": summarise(made)}
