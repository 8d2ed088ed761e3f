"""Make the table of learning rates from the lines of the pretrainings that tried them."""

from pathlib import Path

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.registry import Materials, write_texts
from loft.tickets.report.items import RATES
from loft.tickets.report.job import LearningRatesJob
from loft.tickets.report.job_lines import order
from loft.tickets.report.printing import to_csv
from loft.tickets.results.schema.tried import STEPS


def run(job: LearningRatesJob, metrics: list[Path], folder: Path) -> None:
    """Write the table into `folder`.

    Raises:
        UserError: lines are missing or damaged, or of a cell that the run does not train.
    """
    tried = read_jobs(metrics, STEPS)
    for path, lines in tried.items():
        if (cell := lines[0]["cell"]) not in job.used:
            raise UserError(f"{path}: cell: found {cell}; expected one of {', '.join(job.used)}")
    jobs = sorted(tried.values(), key=lambda lines: (order(lines), lines[0]["learning_rate"]))
    materials = Materials({"tried": jobs, "used": job.used}, RATES)
    write_texts(folder, materials.texts(RATES, lambda _, table: to_csv(table)))
