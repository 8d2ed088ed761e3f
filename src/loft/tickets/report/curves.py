"""Draw curves over pretraining, one line per cell, for Figures 4 and 5.

Each network and data set of a run has its own panel.
"""

from typing import Any

import pandas as pd
import seaborn as sns

from loft.core.reporting.figure_style import Panel
from loft.tickets.report.looks import seaborn_style, title

DISTANCE: dict[str, Any] = {
    "xlabel": "pretraining epoch",
    "ylabel": "distance to the last epoch",
}
COLUMNS = 3  # panels beside each other

Networks = list[tuple[str, pd.DataFrame]]


def networks(table: pd.DataFrame) -> Networks:
    """Return a panel's title and rows for each network and data set of a table."""
    groups = table.groupby(["model", "dataset"], sort=False)
    return [(f"{model}, {dataset}", part) for (model, dataset), part in groups]


def curves(
    grid: list[Panel], index: int, table: pd.DataFrame, x: str, y: str, cells: list[str]
) -> None:
    """Draw one panel of a grid: a line for each cell, with its range over seeds.

    The legend is beside the last panel of the first row.

    Args:
        grid: all panels.
        index: number of the panel to draw.
        table: rows of the panel, with a column `cell`.
        x, y: names of the columns to draw.
        cells: the cells in the table.
    """
    axes, legend = grid[index], index == min(len(grid), COLUMNS) - 1
    shown = table.assign(Pretraining=table["cell"].map(title))
    look: dict[str, Any] = {"hue": "Pretraining", "style": "Pretraining", "errorbar": ("pi", 100)}
    look |= {**seaborn_style(cells), "legend": "full" if legend else False}
    sns.lineplot(shown, x=x, y=y, **look, ax=axes)
    if legend:
        sns.move_legend(axes, "center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def size(count: int) -> tuple[float, float]:
    """Return a panel's width and height in inches; a single panel is larger."""
    return (6.4, 3.8) if count == 1 else (3.8, 3.2)
