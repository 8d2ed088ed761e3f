"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.soda.paths import Paths
from loft.soda.run import Run, report_job
from loft.soda.steps import compare, figures, tables


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables, figures and comparison. Raises UserError if lines are missing or damaged."""
    paths = Paths(results)
    job, lines = report_job(run.soda), paths.all_lines(run.soda)
    tables.run(job, lines, paths.folder)
    figures.run(job, lines, paths.folder)
    table = run.soda.tickets_table
    compare.run(job, lines, Path(table) if table else None, paths.folder)
    return Reprinted(lines, [])
