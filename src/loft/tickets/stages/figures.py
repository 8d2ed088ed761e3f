"""The study's figures, from its tables and from the distances between all pairs of epochs."""

from pathlib import Path

import pandas as pd

from loft.tickets.figures import figure4, figure5, norms
from loft.tickets.heatmaps import figure1, layers
from loft.tickets.jobs import FiguresJob
from loft.tickets.tradeoff import bytes_sent


def run(job: FiguresJob, pairs: list[Path], folder: Path) -> None:
    """Draw every figure from the tables in `folder`, beside them.

    Args:
        job: what to do.
        pairs: distances between all pairs of epochs, a file for each network and seed.
        folder: of the tables.
    """
    of_pairs(pairs, folder)
    of_tables(job, folder)


def of_pairs(pairs: list[Path], folder: Path) -> None:
    """Draw what needs distances between all pairs of epochs."""
    figure1(pairs, _paths(folder, "figure1"))
    layers(pairs, _paths(folder, "figure1-layers"))


def of_tables(job: FiguresJob, folder: Path) -> None:
    """Draw what the tables in `folder` suffice for."""
    distances = pd.read_csv(folder / "distances.csv")
    figure4(distances, _paths(folder, "figure4"))
    figure5(pd.read_csv(folder / "tickets.csv"), job.cells, _paths(folder, "figure5"))
    norms(distances, _paths(folder, "norms"))
    bytes_sent(pd.read_csv(folder / "table1.csv"), _paths(folder, "bytes"))


def _paths(folder: Path, figure: str) -> list[Path]:
    return [folder / f"{figure}.svg", folder / f"{figure}.png"]
