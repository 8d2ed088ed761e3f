"""Draw this study's figures."""

from pathlib import Path

from loft.core.reporting.drawing import draw_all
from loft.soda.items import FIGURES
from loft.soda.jobs import ReportJob
from loft.soda.measurements import read_jobs
from loft.soda.steps.tables import materials


def run(job: ReportJob, metrics: list[Path], folder: Path, processes: int | None = None) -> None:
    """Draw every figure into `folder`. Raises UserError where lines are missing or damaged."""
    draw_all(FIGURES, materials(job, read_jobs(job.problems, metrics)), folder, processes)
