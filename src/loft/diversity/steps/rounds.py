"""Write the tables and the figure of gradient diversity in local training."""

from pathlib import Path

from loft.core.reporting.drawing import draw_all
from loft.core.reporting.registry import Materials, write_texts
from loft.diversity.items import ROUNDS_FIGURES, ROUNDS_TABLES
from loft.diversity.line_schema.rounds import ROUNDS
from loft.diversity.measurements import Jobs, read_jobs, to_csv


def run(metrics: list[Path], folder: Path, processes: int | None = None) -> None:
    """Write tables and figure into `folder`. Raises UserError if lines are missing."""
    updates = read_jobs(metrics, ROUNDS)
    write_texts(folder, render(updates))
    draw_all(ROUNDS_FIGURES, Materials({"updates": updates}), folder, processes)


def render(updates: Jobs) -> dict[str, str]:
    """Return every table's text by file name."""
    found = Materials({"updates": updates}, ROUNDS_TABLES)
    return found.texts(ROUNDS_TABLES, lambda _, table: to_csv(table))
