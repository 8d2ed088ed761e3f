"""Draw both distances against the width."""

from pathlib import Path

import numpy as np
import pandas as pd

from loft.core.reporting.figure_style import decades, logarithmic, panels
from loft.theorem1.drawing import (
    COLOURS,
    GREY,
    LABELS,
    NAMES,
    PREDICTED,
    SIZE,
    legend,
    marks,
    panels_of,
    points,
    title,
)
from loft.theorem1.measurements import in_sweep

TITLE = "Distance by width"
CAPTION = """
Squared distance of weights after T iterations (above) and summed squared distance of outputs
(below), LoFT's against gradient descent's from the same start, means of repetitions with two
standard errors. The prediction is our own derivation, not the paper's; the dashed line has the
slope of the bound's first term and starts at the first point.
"""


def draw(paths: list[Path], cells: pd.DataFrame, slopes: pd.DataFrame) -> None:
    """Draw both distances against the width, with fits, predictions and the bound's slope."""
    drawn = panels_of(
        cells[in_sweep(cells, "m")].sort_values("m", kind="stable"), ["source", "kappa"]
    )
    laws = slopes[slopes["against"] == "m"].set_index(["term", "source", "kappa", "masks"])
    with panels(paths, len(drawn), len(drawn) // 2, *SIZE) as grid:
        for axes, (term, key, part) in zip(grid, drawn, strict=True):
            for masks, own in part.groupby("masks", sort=False):
                colour = COLOURS[str(masks)]
                points(axes, own, "m", term)
                axes.plot(own["m"], own[f"predicted_{term}"], color=colour, ls=":", lw=1.6)
                law = laws.loc[(term, *key, masks)]
                if not np.isnan(law["coefficient"]):
                    x = np.geomspace(law["from"], law["to"], 100)
                    y = law["floor"] + law["coefficient"] * x ** law["slope"]
                    axes.plot(x, y, color=colour, lw=1.2)
            ends = np.array([part["m"].min(), part["m"].max()])
            start = part.loc[part["m"] == ends[0], term].max()
            axes.plot(ends, start * (ends / ends[0]) ** -0.25, color="black", ls="--", lw=1)
            axes.set(xlabel="filters $m$", ylabel=LABELS[term], title=title(*key))
            logarithmic(axes)
            axes.set_xticks(sorted(part["m"].unique())[::2])
            decades(axes)
        fit = ("fit: floor $+\\,c\\,m^{-b}$", {"color": GREY, "ls": "-"})
        bound = ("the bound's slope, $m^{-1/4}$", {"color": "black", "ls": "--"})
        legend(grid[len(drawn) // 2 - 1], [*marks([*NAMES]), fit, PREDICTED, bound])
