"""Make this study's tables and figures again from a run's metrics files."""

from pathlib import Path

from loft.core.reporting.reprinted import Reprinted
from loft.diversity.paths import Paths
from loft.diversity.run import Run
from loft.diversity.steps import figures, rounds, tables


def reprint(run: Run, results: Path) -> Reprinted:
    """Write tables and figures, but for those of local training.

    Raises:
        UserError: lines are missing or damaged.
    """
    paths = Paths(results)
    lines = paths.all_lines(run.diversity)
    tables.run(run.diversity_report(), lines, paths.folder)
    figures.run(run.diversity_report(), lines, paths.folder)
    return Reprinted(lines, [])


def reprint_rounds(updates: list[Path], results: Path) -> None:
    """Write the tables and the figure of local training, from lines of another study.

    Raises:
        UserError: lines are missing or damaged.
    """
    rounds.run(updates, Paths(results).folder)
