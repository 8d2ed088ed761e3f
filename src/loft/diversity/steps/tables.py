"""Write the study's tables."""

from pathlib import Path

from loft.core.reporting.registry import Materials, write_texts
from loft.diversity.items import TABLES
from loft.diversity.jobs import ReportJob
from loft.diversity.measurements import read_jobs, to_csv


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`."""
    write_texts(folder, render(job, metrics))


def render(job: ReportJob, metrics: list[Path]) -> dict[str, str]:
    """Return the text of every table by file name; the order of the files does not matter.

    Raises:
        UserError: lines are missing.
    """
    return materials(job, metrics).texts(TABLES, lambda _, table: to_csv(table))


def materials(job: ReportJob, metrics: list[Path]) -> Materials:
    """Return what tables and figures need: lines, and each value of the job by its name."""
    return Materials({"jobs": read_jobs(metrics), **dict(job)}, TABLES)
