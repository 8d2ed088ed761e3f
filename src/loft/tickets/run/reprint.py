"""This study's tables and figures, made again from a run's lines."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.tickets.report import draw_figures, learning_rates, make_tables
from loft.tickets.results.paths import Paths
from loft.tickets.run.files import Files
from loft.tickets.run.run import Run


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables and figures below `results`; Figure 1 only where its distances are there.

    Raises:
        UserError: lines are missing or damaged.
    """
    paths = Paths(results)
    files = Files(run, paths)
    make_tables.run(run.table_job(), files.lines, paths.folder, paths.summary)
    found = files.pairs if all(path.exists() for path in files.pairs) else []
    if files.rates:
        learning_rates.run(run.learning_rates_job(), files.rates, paths.folder)
    left = draw_figures.run(run.figures_job(), found, paths.folder)
    return Reprinted([*files.lines, *files.rates], left, files.updates)
