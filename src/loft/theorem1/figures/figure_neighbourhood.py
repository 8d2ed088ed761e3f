"""Draw LoFT's last loss against the predicted size of the neighbourhood."""

from pathlib import Path

import numpy as np
import pandas as pd

from loft.core.reporting.figure_style import decades, panels
from loft.theorem1.drawing import TITLES, Entry, kappa_marks, legend, mark

TITLE = "Neighbourhood"
CAPTION = """
LoFT's loss at the end of longer trainings with steps longer than the theorem's, when gradient
descent's is negligible, against the size of the neighbourhood that our own derivation predicts;
Corollary 1's formula is lost in the paper's text.
"""


def draw(paths: list[Path], neighbourhood: pd.DataFrame) -> None:
    """Draw LoFT's last loss against our own prediction of the neighbourhood's size."""
    groups = list(neighbourhood.groupby("source", sort=False))
    with panels(paths, len(groups), len(groups), 3.8, 3.4) as grid:
        for axes, (source, part) in zip(grid, groups, strict=True):
            ends = np.array([part["predicted"].min() / 2, part["predicted"].max() * 2])
            axes.plot(ends, ends, color="black", lw=1)
            for _, own in part.groupby(["masks", "kappa"], sort=False):
                look = mark(own, neighbourhood["kappa"].max())
                errors = 2 * own["measured_se"]
                axes.errorbar(
                    own["predicted"], own["measured"], yerr=errors, ls="", ms=6, capsize=2, **look
                )
            axes.set(xscale="log", title=TITLES[str(source)])
            axes.set(xlabel="predicted loss (our derivation)", ylabel="LoFT's loss at the end")
            decades(axes)
        equal: Entry = ("equal", {"color": "black", "ls": "-"})
        legend(grid[-1], [*kappa_marks(neighbourhood), equal])
