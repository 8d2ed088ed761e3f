"""Draw Figure 5: the final accuracy of the tickets of each snapshot of pretraining."""

from pathlib import Path

import pandas as pd

from loft.core.errors import UserError
from loft.core.reporting.figure_style import panels
from loft.tickets.report.curves import COLUMNS, curves, networks, size
from loft.tickets.results.cells import DENSE

TITLE = "Figure 5"
CAPTION = """
Figure 5: accuracy after fine-tuning of the tickets taken at each snapshot of pretraining; the band
is the range over seeds. The untrained network's ticket is the same for all methods.
"""


def draw(paths: list[Path], tickets: pd.DataFrame, cells: list[str]) -> None:
    """Draw the final accuracy of the tickets of each snapshot, a line for each cell.

    The ratio is the largest one that was fine-tuned at every snapshot. The first point of every
    line is the untrained network's ticket, which is the same for all methods. Without `cells` the
    dense cell is drawn.

    Raises:
        UserError: a network has no tickets to draw.
    """
    cells = cells or [DENSE]
    _expect_tickets(tickets, cells)
    earliest = tickets["snapshot"].min()  # the last one too, in a run without early tickets
    ratio = float(tickets.loc[tickets["snapshot"] == earliest, "ratio"].max())
    parts = networks(tickets[tickets["ratio"] == ratio])
    with panels(paths, len(parts), COLUMNS, *size(len(parts))) as grid:
        for index, (name, part) in enumerate(parts):
            start, later = part[part["snapshot"] == 0], part[part["snapshot"] > 0]
            lines = [
                pd.concat([start, later[later["cell"] == cell]]).assign(cell=cell) for cell in cells
            ]
            curves(grid, index, pd.concat(lines), "snapshot", "test_accuracy", cells)
            grid[index].set(
                title=name,
                xlabel="pretraining epochs before pruning",
                ylabel=f"accuracy of the {100 * ratio:g} % ticket, %",
            )
            grid[index].set_xticks(sorted(part["snapshot"].unique()))


def _expect_tickets(tickets: pd.DataFrame, cells: list[str]) -> None:
    for name, part in networks(tickets):
        if not (part["cell"].isin(cells) | (part["snapshot"] == 0)).any():
            found = f"tickets.csv: found no tickets of {name} of {', '.join(cells)}"
            raise UserError(f"{found}; expected some, to draw")
