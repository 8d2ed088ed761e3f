"""Draw Figure 4's distances with filters ranked by each of the norms."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import panels, whole_numbers
from loft.tickets.report.curves import DISTANCE, curves, networks, size
from loft.tickets.results.cells import UNPRUNED

TITLE = "Filter distance by norm"
CAPTION = """
Figure 4's distance to the last epoch with filters ranked by their l1 norm, their l2 norm and their
largest absolute weight. The numbers are in ``distances.csv``.
"""
NORMS = {"mean_l1": "$l_1$ norm", "mean": "$l_2$ norm", "mean_max": "largest absolute weight"}
MARGIN = 1.05  # top of the axis, as a multiple of the highest point


def draw(paths: list[Path], distances: pd.DataFrame) -> None:
    """Draw a panel for each network and norm."""
    parts = networks(distances[distances["cell"] != UNPRUNED])
    drawn = [(name, part, column) for name, part in parts for column in NORMS]
    with panels(paths, len(drawn), len(NORMS), *size(len(drawn))) as grid:
        for index, (name, part, column) in enumerate(drawn):
            curves(grid, index, part, "from_epoch", column, list(part["cell"].unique()))
            grid[index].set(title=f"{name}\n{NORMS[column]}", **DISTANCE)
            grid[index].set_ylim(0, MARGIN * part[list(NORMS)].to_numpy().max())
            whole_numbers(grid[index].xaxis)
