"""Make the table of lengths of fine-tuning from the lines of fine-tunings."""

from pathlib import Path

from loft.core.reporting.checked_lines import read_jobs
from loft.core.reporting.registry import Materials, write_texts
from loft.tickets.report.items import LENGTHS
from loft.tickets.report.job_lines import order
from loft.tickets.report.printing import to_csv
from loft.tickets.results.schema.lengths import STEPS


def run(metrics: list[Path], folder: Path) -> None:
    """Write the table into `folder`. Raises UserError where lines are missing or damaged."""
    jobs = sorted(read_jobs(metrics, STEPS).values(), key=order)
    texts = Materials({"finetunings": jobs}, LENGTHS).texts(LENGTHS, lambda _, table: to_csv(table))
    write_texts(folder, texts)
