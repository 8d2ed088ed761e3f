"""Write the study's tables and summary from its jobs' metrics files."""

from pathlib import Path

import pandas as pd

from loft.core.files.atomic import write_bytes
from loft.core.reporting.checked_lines import read_jobs
from loft.theorem1 import tables
from loft.theorem1.config import SOURCES, Theorem1ReportJob
from loft.theorem1.line_schema import STEPS
from loft.theorem1.slopes import slopes_table
from loft.theorem1.summary import summarise


def run(job: Theorem1ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write the tables and the summary into a folder.

    Args:
        job: the settings of fits.
        metrics: one file for each kind of data.
        folder: folder to write to.
    """
    for name, text in render(collect(job, metrics)).items():
        write_bytes(folder / name, text.encode())


def collect(job: Theorem1ReportJob, metrics: list[Path]) -> dict[str, pd.DataFrame]:
    """Return every table by name; the order of the files does not matter.

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
    """Return the text of every table and of the summary by file name."""
    texts = {f"{name}.csv": tables.to_csv(table) for name, table in made.items()}
    return texts | {"README.md": summarise(made)}
