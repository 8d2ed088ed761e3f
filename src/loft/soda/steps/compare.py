"""Write one table that compares bytes and accuracy of SODA and LoFT."""

from pathlib import Path

from loft.core.errors import UserError
from loft.core.files.atomic import write_bytes
from loft.core.reporting.checked_lines import read_table
from loft.soda.comparison import COLUMNS, SHARED, loft_rows, soda_rows
from loft.soda.jobs import ReportJob
from loft.soda.line_schema import TicketsRow
from loft.soda.tables import read_jobs, runs, to_csv


def run(job: ReportJob, metrics: list[Path], tickets: Path | None, out: Path) -> None:
    """Write the table to `out` as CSV, and a Markdown file beside it with what both share.

    Raises:
        UserError: the file `tickets` is missing or is not LoFT's Table 1.
    """
    write_bytes(out, render(job, metrics, tickets).encode())
    write_bytes(out.with_suffix(".md"), f"{SHARED}\n".encode())


def render(job: ReportJob, metrics: list[Path], tickets: Path | None) -> str:
    """Return the table as CSV."""
    jobs = read_jobs(job, metrics)
    rows = [*soda_rows(jobs, runs(job, jobs)), *_loft(tickets)]
    return to_csv(rows, COLUMNS)


def _loft(tickets: Path | None) -> list[dict[str, object]]:
    if tickets is None:
        return loft_rows(None)
    try:
        return loft_rows(read_table(tickets, TicketsRow, "LoFT's Table 1")[0])
    except UserError as error:
        raise UserError(f"soda.tickets_table: {error}") from None
