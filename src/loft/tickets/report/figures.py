"""The study's figures, from its tables and from the distances between all pairs of epochs."""

import io
from pathlib import Path

import pandas as pd

from loft.core.errors import UserError
from loft.core.reporting.checked_lines import read_table
from loft.tickets.report.accuracy_by_bytes import bytes_sent
from loft.tickets.report.curves import figure4, figure5, networks, norms
from loft.tickets.report.heatmaps import figure1, layers
from loft.tickets.report.job import FiguresJob
from loft.tickets.results.cells import DENSE
from loft.tickets.results.schema.table_rows import TABLES


def run(job: FiguresJob, pairs: list[Path], folder: Path) -> None:
    """Draw every figure from the tables in `folder`, beside them.

    Args:
        job: what to do.
        pairs: distances between all pairs of epochs, a file for each network and seed.
        folder: of the tables.

    Raises:
        UserError: a file is missing or damaged, or nothing in it is to be drawn.
    """
    read = _tables(job, folder)
    of_pairs(pairs, folder)
    _draw(job, read, folder)


def of_pairs(pairs: list[Path], folder: Path) -> None:
    """Draw what needs distances between all pairs of epochs."""
    figure1(pairs, _paths(folder, "figure1"))
    layers(pairs, _paths(folder, "figure1-layers"))


def of_tables(job: FiguresJob, folder: Path) -> None:
    """Draw what the tables in `folder` suffice for."""
    _draw(job, _tables(job, folder), folder)


def _draw(job: FiguresJob, read: list[pd.DataFrame], folder: Path) -> None:
    table1, tickets, distances = read
    figure4(distances, _paths(folder, "figure4"))
    figure5(tickets, job.cells, _paths(folder, "figure5"))
    norms(distances, _paths(folder, "norms"))
    bytes_sent(table1, _paths(folder, "bytes"))


def _tables(job: FiguresJob, folder: Path) -> list[pd.DataFrame]:
    """Read the tables, in the order of `TABLES`, and see that Figure 5 has something to draw."""
    made = [_table(folder, name) for name in TABLES]
    cells = job.cells or [DENSE]
    for name, part in networks(made[1]):
        if not (part["cell"].isin(cells) | (part["snapshot"] == 0)).any():
            found = f"{folder / 'tickets.csv'}: found no tickets of {name} of {', '.join(cells)}"
            raise UserError(f"{found}; expected some, to draw")
    return made


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.csv"
    _, content = read_table(path, TABLES[name], f"the table that 'loft table' calls {path.name}")
    return pd.read_csv(io.BytesIO(content), na_values=[""], keep_default_na=False)


def _paths(folder: Path, figure: str) -> list[Path]:
    return [folder / f"{figure}.svg", folder / f"{figure}.png"]
