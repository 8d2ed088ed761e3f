"""Draw Figure 1: speed-up of a pass over the data against workers."""

from pathlib import Path

import pandas as pd

from loft.core.reporting.figure_style import decades, logarithmic, panels
from loft.diversity.measurements import Jobs, of_kind

TITLE = "Figure 1"
CAPTION = """
One pass over the data in more than one worker process over one process, for batches of several
sizes (figure 1 of "Gradient Diversity"). Filled marks were measured; lines are a model of
computing time, which one process was measured for, and of messages.
"""
SHADES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]  # of batches
SIZE = 4.8, 2.7  # of the panel, inches


def draw(paths: list[Path], jobs: Jobs, speedup: pd.DataFrame) -> None:
    """Draw speed-up for a pass against workers: measured as marks, modelled as lines."""
    with panels(paths, 1, 1, *SIZE) as (axes,):
        for colour, (batch, own) in zip(SHADES, speedup.groupby("batch"), strict=False):
            for kind, part in own.groupby("kind"):
                look = {"marker": "o", "ls": "", "ms": 5} if kind == "measured" else {"ls": "--"}
                text = f"B = {batch}, {kind}"
                axes.plot(part["workers"], part["speedup"], color=colour, label=text, **look)
        axes.set(xlabel="workers", ylabel="speed-up, one pass")
        logarithmic(axes)
        decades(axes)
        axes.set_title(f"{speedup['model'][0]}, {of_kind(jobs, 'pass')[0]['dataset']}")
        axes.legend(fontsize="x-small", frameon=False, bbox_to_anchor=(1, 1))
