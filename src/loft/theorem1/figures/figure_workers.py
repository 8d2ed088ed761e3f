"""Draw both distances against the number of workers."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import decades, logarithmic, panels
from loft.theorem1.drawing import (
    LABELS,
    NAMES,
    PREDICTED,
    SECOND,
    SIZE,
    legend,
    lines,
    marks,
    panels_of,
    title,
)
from loft.theorem1.measurements import in_sweep

TITLE = "Distance by workers"
CAPTION = """
Both distances at a fixed width, means of repetitions with two standard errors. The prediction is
our own derivation, not the paper's; the bound's second term is scaled to start at the first point.
Where xi is 1 LoFT is gradient descent, and no point is drawn.
"""


def draw(paths: list[Path], cells: pd.DataFrame) -> None:
    """Draw both distances against workers: measured, predicted, and the bound's trend."""
    part = cells[in_sweep(cells, "S") & (cells["xi"] < 1)]
    drawn = panels_of(part, ["source", "kappa"])
    with panels(paths, len(drawn), len(drawn) // 2, *SIZE) as grid:
        for axes, (term, key, own) in zip(grid, drawn, strict=True):
            lines(axes, own, "S", term, bounded=True)
            logarithmic(axes)
            axes.set_xticks(sorted(own["S"].unique()))
            axes.set(xlabel="workers $S$", ylabel=LABELS[term], title=title(*key))
            decades(axes)
        legend(grid[len(drawn) // 2 - 1], [*marks([*NAMES]), PREDICTED, SECOND])
