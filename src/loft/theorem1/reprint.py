"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.theorem1 import draw_figures, make_tables
from loft.theorem1.paths import Paths
from loft.theorem1.run import Run


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables, summary and figures. Raises UserError if lines are missing or damaged."""
    paths = Paths(results)
    lines = paths.all_lines(run.theorem1)
    make_tables.run(run.theorem1_report, lines, paths.folder)
    draw_figures.run(run.theorem1_report, lines, paths.folder)
    return Reprinted(lines, [])
