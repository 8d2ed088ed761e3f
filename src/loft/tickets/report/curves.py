"""Figures 4 and 5, and Figure 4 under other norms: curves over pretraining, by method.

Every network and data set of a run has a panel of its own.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns

from loft.core.reporting.figure_style import Panel, panels, whole_numbers
from loft.tickets.report.looks import of_cells, title
from loft.tickets.results.cells import DENSE, UNPRUNED

NORMS = {"mean_l1": "$l_1$ norm", "mean": "$l_2$ norm", "mean_max": "largest absolute weight"}
DISTANCE: dict[str, Any] = {
    "xlabel": "pretraining epoch",
    "ylabel": "distance to the last epoch",
}
COLUMNS = 3  # panels beside each other
MARGIN = 1.05  # above the highest point

Networks = list[tuple[str, pd.DataFrame]]


def networks(table: pd.DataFrame) -> Networks:
    """Return a table's part for each network and data set, with the panel's title."""
    groups = table.groupby(["model", "dataset"], sort=False)
    return [(f"{model}, {dataset}", part) for (model, dataset), part in groups]


def _looks(cells: list[str]) -> dict[str, Any]:
    """Return how seaborn draws each cell."""
    look = {"hue": "Pretraining", "style": "Pretraining", "errorbar": ("pi", 100)}
    return look | of_cells(cells)


def _curves(
    grid: list[Panel], index: int, table: pd.DataFrame, x: str, y: str, cells: list[str]
) -> None:
    """Draw one panel of a grid; the legend is beside the last one of its first row."""
    axes, legend = grid[index], index == min(len(grid), COLUMNS) - 1
    shown = table.assign(Pretraining=table["cell"].map(title))
    sns.lineplot(shown, x=x, y=y, **_looks(cells), legend="full" if legend else False, ax=axes)
    if legend:
        sns.move_legend(axes, "center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def figure4(distances: pd.DataFrame, paths: list[Path]) -> None:
    """Draw the filter distance from every pretraining epoch to the last, by cell.

    Means over layers, and over seeds where there are several, with their range.
    """
    parts = networks(distances[distances["cell"] != UNPRUNED])
    with panels(paths, len(parts), COLUMNS, *_size(len(parts))) as grid:
        for index, (name, part) in enumerate(parts):
            _curves(grid, index, part, "from_epoch", "mean", list(part["cell"].unique()))
            grid[index].set(title=name, **DISTANCE)
            grid[index].set_ylim(bottom=0)
            whole_numbers(grid[index].xaxis)


def norms(distances: pd.DataFrame, paths: list[Path]) -> None:
    """Draw Figure 4's distances with filters ranked by other norms beside them."""
    parts = networks(distances[distances["cell"] != UNPRUNED])
    drawn = [(name, part, column) for name, part in parts for column in NORMS]
    with panels(paths, len(drawn), len(NORMS), *_size(len(drawn))) as grid:
        for index, (name, part, column) in enumerate(drawn):
            _curves(grid, index, part, "from_epoch", column, list(part["cell"].unique()))
            grid[index].set(title=f"{name}\n{NORMS[column]}", **DISTANCE)
            grid[index].set_ylim(0, MARGIN * part[list(NORMS)].to_numpy().max())
            whole_numbers(grid[index].xaxis)


def figure5(tickets: pd.DataFrame, cells: list[str], paths: list[Path]) -> None:
    """Draw the final accuracy of the tickets taken at each snapshot, by cell.

    The untrained network's ticket, the same for all methods, is the first point of every line.
    At the largest ratio that was fine-tuned at every snapshot; of dense where no cell is asked for.
    """
    cells = cells or [DENSE]
    earliest = tickets["snapshot"].min()  # the last one too, in a run without early tickets
    ratio = float(tickets.loc[tickets["snapshot"] == earliest, "ratio"].max())
    parts = networks(tickets[tickets["ratio"] == ratio])
    with panels(paths, len(parts), COLUMNS, *_size(len(parts))) as grid:
        for index, (name, part) in enumerate(parts):
            start, later = part[part["snapshot"] == 0], part[part["snapshot"] > 0]
            lines = [
                pd.concat([start, later[later["cell"] == cell]]).assign(cell=cell) for cell in cells
            ]
            _curves(grid, index, pd.concat(lines), "snapshot", "test_accuracy", cells)
            grid[index].set(
                title=name,
                xlabel="pretraining epochs before pruning",
                ylabel=f"accuracy of the {100 * ratio:g} % ticket, %",
            )
            grid[index].set_xticks(sorted(part["snapshot"].unique()))


def _size(count: int) -> tuple[float, float]:
    """Return a panel's width and height in inches: a single one is larger."""
    return (6.4, 3.8) if count == 1 else (3.8, 3.2)
