"""Draw both distances against the number of local steps."""

from pathlib import Path

import pandas as pd

from loft.theorem1.drawing import PREDICTED, both_kappas
from loft.theorem1.measurements import in_sweep

TITLE = "Distance by local steps"
CAPTION = """
Both distances at a fixed width, means of repetitions with two standard errors. The prediction is
our own derivation, not the paper's. The theorem has one local step, so no bound is drawn.
"""


def draw(paths: list[Path], cells: pd.DataFrame) -> None:
    """Draw both distances against the number of local steps; the theorem has one."""
    both_kappas(
        cells[in_sweep(cells, "local_steps")], "local_steps", "local steps", [PREDICTED], paths
    )
