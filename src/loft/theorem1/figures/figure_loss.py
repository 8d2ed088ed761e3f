"""Draw the loss of LoFT and of gradient descent during training."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import decades, panels
from loft.theorem1.drawing import COLOURS, GREY, NAMES, SIZE, Entry, groups, legend, title

TITLE = "Loss"
CAPTION = """
Loss of LoFT and of gradient descent on the scaled network. The dashed lines fall at the rate that
the proof shows for wide networks; its constant is taken from the proof's model, Du et al. (2018),
because Corollary 1's formula is lost in the paper's text.
"""


def draw(paths: list[Path], curves: pd.DataFrame) -> None:
    """Draw the loss of LoFT and of gradient descent, and Corollary 1's linear rate."""
    drawn = groups(curves, ["source", "kappa"])
    with panels(paths, len(drawn), len(drawn), *SIZE) as grid:
        for axes, (key, part) in zip(grid, drawn, strict=True):
            for masks, own in part.groupby("masks", sort=False):
                colour = COLOURS[str(masks)]
                axes.plot(own["t"], own["loft_loss"], color=colour, lw=1.8)
                axes.plot(own["t"], own["descent_loss"], color="black", ls=":", lw=1.4)
                axes.plot(own["t"], own["rate_loss"], color=colour, ls="--", lw=1.1)
            axes.set(xlabel="iterations $t$", ylabel=r"loss $\frac{1}{2}\|y-u\|^2$")
            axes.set_title(title(*key))
            decades(axes)
        shown: list[Entry] = [
            *((f"LoFT, {NAMES[masks]}", {"color": COLOURS[masks], "ls": "-"}) for masks in NAMES),
            ("gradient descent", {"color": "black", "ls": ":"}),
            (r"$(1-\eta\theta\xi\lambda_0/2)^t$", {"color": GREY, "ls": "--"}),
        ]
        legend(grid[-1], shown)
