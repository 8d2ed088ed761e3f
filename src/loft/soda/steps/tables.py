"""Write Table 1 and the tables behind the figures."""

from pathlib import Path
from typing import Any

from loft.core.reporting.registry import Item, Materials, write_texts
from loft.soda.items import COMPARISON, TABLES
from loft.soda.jobs import ReportJob
from loft.soda.measurements import Job, Row, read_jobs, to_csv


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`. Raises UserError if lines are missing or damaged."""
    write_texts(folder, render(job, read_jobs(job.problems, metrics)))


def render(job: ReportJob, jobs: list[Job]) -> dict[str, str]:
    """Return the text of every table by file name; the order of the jobs does not matter."""
    return materials(job, jobs).texts(TABLES, in_columns)


def materials(job: ReportJob, jobs: list[Job], **given: Any) -> Materials:
    """Return the materials that tables and figures are made of, with `given`."""
    return Materials({"problems": job.problems, "jobs": jobs, **given}, [*TABLES, COMPARISON])


def in_columns(table: Item, rows: list[Row]) -> str:
    """Return a table as CSV with the columns that its module lists."""
    return to_csv(rows, table.load("COLUMNS"))
