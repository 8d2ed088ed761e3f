"""Draw Figure 4: the filter distance from every pretraining epoch to the last."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import panels, whole_numbers
from loft.tickets.report.curves import COLUMNS, DISTANCE, curves, networks, size
from loft.tickets.results.cells import UNPRUNED

TITLE = "Figure 4"
CAPTION = """
Figure 4: how far the ranking of filters by norm after each pretraining epoch is from the ranking
after the last one, averaged over convolutions; the band is the range over seeds. The distance is
from the earlier ranking to the last. GPipe computes the same on two and on four workers, so that
its lines may coincide.
"""


def draw(paths: list[Path], distances: pd.DataFrame) -> None:
    """Draw a line for each cell: mean over layers and seeds, with the range over seeds."""
    parts = networks(distances[distances["cell"] != UNPRUNED])
    with panels(paths, len(parts), COLUMNS, *size(len(parts))) as grid:
        for index, (name, part) in enumerate(parts):
            curves(grid, index, part, "from_epoch", "mean", list(part["cell"].unique()))
            grid[index].set(title=name, **DISTANCE)
            grid[index].set_ylim(bottom=0)
            whole_numbers(grid[index].xaxis)
