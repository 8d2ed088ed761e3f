"""Write the study's tables and summary from its jobs' metrics files."""

from pathlib import Path

from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.registry import Materials, write_texts
from loft.theorem1.items import TABLES
from loft.theorem1.job import Theorem1ReportJob
from loft.theorem1.line_schema import STEPS
from loft.theorem1.measurements import to_csv
from loft.theorem1.paths import SUMMARY
from loft.theorem1.sources import SOURCES
from loft.theorem1.summary import summarise


def run(job: Theorem1ReportJob, metrics: list[Path], folder: Path) -> None:
    """Write the tables and the summary into a folder.

    Args:
        job: the settings of fits.
        metrics: one file for each kind of data.
        folder: folder to write to.
    """
    write_texts(folder, render(job, metrics))


def materials(job: Theorem1ReportJob, metrics: list[Path]) -> Materials:
    """Return the materials of tables and figures; the order of the files does not matter.

    Raises:
        UserError: lines are missing or damaged.
    """
    order = [*SOURCES]
    jobs = sorted(
        read_jobs(metrics, STEPS).values(),
        key=lambda job: order.index(job[0]["source"]),
    )
    return Materials({"jobs": jobs, "fit": job.fit}, TABLES)


def render(job: Theorem1ReportJob, metrics: list[Path]) -> dict[str, str]:
    """Return every text by file name. Raises UserError if lines are missing or damaged."""
    found = materials(job, metrics)
    texts = found.texts(TABLES, lambda _, table: to_csv(table))
    return texts | {SUMMARY: summarise({table.key: found.table(table.key) for table in TABLES})}
