"""Table 1 and the tables behind the figures."""

from pathlib import Path
from typing import Any

from loft.core.files.atomic import write_bytes
from loft.core.reporting.registry import Item, Materials
from loft.soda.items import COMPARISON, TABLES
from loft.soda.jobs import ReportJob
from loft.soda.measurements import Job, Row, read_jobs, to_csv


def run(job: ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write every table into `folder`. Raises UserError where lines are missing or damaged."""
    for name, text in render(job, read_jobs(job.problems, metrics)).items():
        write_bytes(folder / name, text.encode())


def render(job: ReportJob, jobs: list[Job]) -> dict[str, str]:
    """Return every table's text by file name, the same for the same lines in whatever order."""
    return materials(job, jobs).texts(TABLES, in_columns)


def materials(job: ReportJob, jobs: list[Job], **given: Any) -> Materials:
    """Return what tables and figures need, with `given`."""
    return Materials({"problems": job.problems, "jobs": jobs, **given}, [*TABLES, COMPARISON])


def in_columns(table: Item, rows: list[Row]) -> str:
    """Return a table as CSV, in the order of columns that its file says."""
    return to_csv(rows, table.load("COLUMNS"))
