"""Write one table that compares bytes and accuracy of SODA and LoFT."""

from pathlib import Path

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_table
from loft.core.reporting.registry import write_texts
from loft.soda.items import COMPARISON
from loft.soda.jobs import ReportJob
from loft.soda.line_schema import TicketsRow
from loft.soda.measurements import read_jobs
from loft.soda.steps.tables import in_columns, materials


def run(job: ReportJob, metrics: list[Path], tickets: Path | None, folder: Path) -> None:
    """Write the table into `folder` as CSV, and beside it in Markdown what both share.

    Raises:
        UserError: the file `tickets` is missing or is not LoFT's Table 1.
    """
    write_texts(folder, render(job, metrics, tickets))


def render(job: ReportJob, metrics: list[Path], tickets: Path | None) -> dict[str, str]:
    """Return the table's text by file name."""
    found = materials(job, read_jobs(job.problems, metrics), tickets=_loft(tickets))
    return found.texts([COMPARISON], in_columns)


def _loft(tickets: Path | None) -> list[dict[str, str]] | None:
    if tickets is None:
        return None
    try:
        return read_table(tickets, TicketsRow, "LoFT's Table 1")[0]
    except UserError as error:
        raise UserError(f"soda.tickets_table: {error}") from None
