"""Curves over pretraining, a line for each cell, as Figures 4 and 5 have them.

Every network and data set of a run has a panel of its own.
"""

from typing import Any

import pandas as pd
import seaborn as sns

from loft.core.reporting.figure_style import Panel
from loft.tickets.report.looks import of_cells, title

DISTANCE: dict[str, Any] = {
    "xlabel": "pretraining epoch",
    "ylabel": "distance to the last epoch",
}
COLUMNS = 3  # panels beside each other

Networks = list[tuple[str, pd.DataFrame]]


def networks(table: pd.DataFrame) -> Networks:
    """Return a table's part for each network and data set, with the panel's title."""
    groups = table.groupby(["model", "dataset"], sort=False)
    return [(f"{model}, {dataset}", part) for (model, dataset), part in groups]


def curves(
    grid: list[Panel], index: int, table: pd.DataFrame, x: str, y: str, cells: list[str]
) -> None:
    """Draw one panel of a grid: a line for each cell, with its range over seeds.

    The legend is beside the last panel of the first row.

    Args:
        grid: all panels.
        index: of the one to draw.
        table: with a column `cell`.
        x, y: the columns to draw.
        cells: those that the table has.
    """
    axes, legend = grid[index], index == min(len(grid), COLUMNS) - 1
    shown = table.assign(Pretraining=table["cell"].map(title))
    look: dict[str, Any] = {"hue": "Pretraining", "style": "Pretraining", "errorbar": ("pi", 100)}
    look |= {**of_cells(cells), "legend": "full" if legend else False}
    sns.lineplot(shown, x=x, y=y, **look, ax=axes)
    if legend:
        sns.move_legend(axes, "center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def size(count: int) -> tuple[float, float]:
    """Return a panel's width and height in inches: a single one is larger."""
    return (6.4, 3.8) if count == 1 else (3.8, 3.2)
