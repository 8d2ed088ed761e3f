"""Figures 4 and 5, from the study's tables."""

from pathlib import Path

import pandas as pd

from loft.tickets.figures import figure4, figure5
from loft.tickets.jobs import FiguresJob


def run(job: FiguresJob, folder: Path) -> None:
    """Draw both figures from the tables in `folder`, beside them."""
    figure4(pd.read_csv(folder / "distances.csv"), _paths(folder, "figure4"))
    figure5(pd.read_csv(folder / "tickets.csv"), job.cells, _paths(folder, "figure5"))


def _paths(folder: Path, figure: str) -> list[Path]:
    return [folder / f"{figure}.svg", folder / f"{figure}.png"]
