"""The study's figures, drawn from the jobs' lines so as not to wait for the tables."""

from pathlib import Path

from loft.core.reporting.drawing import draw_all
from loft.theorem1.items import FIGURES
from loft.theorem1.job import Theorem1ReportJob
from loft.theorem1.make_tables import materials


def run(
    job: Theorem1ReportJob, metrics: list[Path], folder: Path, processes: int | None = None
) -> None:
    """Draw every figure, `processes` at a time; None: as many as there are cores.

    Raises:
        UserError: lines are missing or damaged.
    """
    draw_all(FIGURES, materials(job, metrics), folder, processes)
