"""Draw both distances against the number of local steps."""

from pathlib import Path

import pandas as pd

from loft.theorem1.drawing import PREDICTED, both_kappas
from loft.theorem1.measurements import in_sweep

TITLE = "Distance by local steps"
CAPTION = """
Both distances at a fixed width, means of repetitions with two standard errors. The prediction is
our own derivation, not the paper's; the bound's second term is scaled to start at the first point.
Where xi is 1 LoFT is gradient descent, and no point is drawn.
"""


def draw(paths: list[Path], cells: pd.DataFrame) -> None:
    """Draw both distances against the number of local steps; the theorem has one."""
    both_kappas(
        cells[in_sweep(cells, "local_steps")], "local_steps", "local steps", [PREDICTED], paths
    )
