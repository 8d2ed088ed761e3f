"""Make this study's tables and figures again from a run's lines."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.tickets.report import draw_figures, learning_rates, lengths, make_tables
from loft.tickets.results.paths import Paths
from loft.tickets.run.files import Files
from loft.tickets.run.run import Run


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables and figures below `results`; Figure 1 only where its distances are there.

    Only seeds whose lines are all present are used.

    Raises:
        UserError: lines are missing or damaged.
    """
    paths = Paths(results)
    there = [seed for seed in run.seeds if _is_made(Files(run, paths, [seed]))]
    missing = [seed for seed in run.seeds if there and seed not in there]
    files = Files(run, paths, there or None)
    make_tables.run(run.table_job(), files.lines, paths.folder, paths.summary)
    found = files.pairs if all(path.exists() for path in files.pairs) else []
    rates = Files(run, paths).rates  # of seeds of their own
    if rates:
        learning_rates.run(run.learning_rates_job(), rates, paths.folder)
    if files.lengths:
        lengths.run([*files.tuned, *files.lengths], paths.folder)
    left = draw_figures.run(run.figures_job(), found, paths.folder)
    return Reprinted([*files.lines, *rates, *files.lengths], left, files.updates, missing)


def _is_made(files: Files) -> bool:
    return all(path.exists() for path in [*files.lines, *files.lengths])
