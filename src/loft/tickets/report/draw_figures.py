"""Draw the study's figures from its tables and the distances between all pairs of epochs."""

import io
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from loft.core.reporting.checked_lines import Key, Row, read_table
from loft.core.reporting.drawing import draw_all
from loft.core.reporting.registry import Item, Materials, needed
from loft.tickets.report.heatmaps import read_pairs
from loft.tickets.report.items import FIGURES, TABLES
from loft.tickets.report.job import FiguresJob
from loft.tickets.results.schema.table_rows import TABLES as ROWS


class AnyRow(Row):
    """A row of a table without a schema: its columns are not checked."""

    key: ClassVar[Key] = None


def run(
    job: FiguresJob, pairs: list[Path], folder: Path, processes: int | None = None
) -> list[str]:
    """Draw every figure from the tables in `folder`, beside them.

    Args:
        job: settings of the job.
        pairs: distances between all pairs of epochs, a file for each network and seed. If empty,
            figures that need them are not drawn.
        folder: folder of the tables.
        processes: how many figures to draw at a time; None: as many as there are cores.

    Returns:
        The names of figures that were not drawn.

    Raises:
        UserError: a file is missing or damaged, or holds nothing to draw.
    """
    left = [figure for figure in FIGURES if "pairs" in figure.needs and not pairs]
    drawn = [figure for figure in FIGURES if figure not in left]
    given: dict[str, Any] = {"cells": job.cells, "pairs": read_pairs(pairs)}
    given |= {table.key: _read(table, folder) for table in needed(drawn, TABLES)}
    draw_all(drawn, Materials(given), folder, processes)
    return [figure.name for figure in left]


def _read(table: Item, folder: Path) -> pd.DataFrame:
    path = folder / f"{table.name}.csv"
    what = f"the table that 'loft table' calls {path.name}"
    _, content = read_table(path, ROWS.get(table.key, AnyRow), what)
    return pd.read_csv(io.BytesIO(content), na_values=[""], keep_default_na=False)
