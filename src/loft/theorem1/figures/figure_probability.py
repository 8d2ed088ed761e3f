"""Draw both distances against the probability that a worker has a filter."""

from pathlib import Path

import pandas as pd

from loft.theorem1.drawing import PREDICTED, SECOND, both_kappas
from loft.theorem1.measurements import in_sweep

TITLE = "Distance by probability"
CAPTION = """
Both distances at a fixed width, means of repetitions with two standard errors. The prediction is
our own derivation, not the paper's; the bound's second term is scaled to start at the first point.
Where xi is 1 LoFT is gradient descent, and no point is drawn.
"""


def draw(paths: list[Path], cells: pd.DataFrame) -> None:
    """Draw both distances against xi: measured, predicted, and the bound's trend."""
    part = cells[in_sweep(cells, "xi") & (cells["xi"] < 1)]
    both_kappas(part, "xi", r"probability $\xi$", [PREDICTED, SECOND], paths)
